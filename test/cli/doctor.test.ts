// The doctor's own health: it must start where packages are missing, since that is what it is asked about.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { saidFindings } from '../../src/cli/doctor/said.ts';

const { saidBesides }: { saidBesides(stderr: string): string[] } = await import(
  new URL('../../setup-adapter.mjs', import.meta.url).href
);

/** The packages that a source file loads at its start, itself or through what it imports. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  const imports = [...source.matchAll(/^(?:import|export) (?!type )[^;]*? from '([^']+)'/gm)].map(([, from]) => from);
  return imports.flatMap((from) =>
    from.startsWith('.')
      ? packagesOf(fileURLToPath(new URL(from, `file://${file}`)), seen)
      : from.startsWith('node:')
        ? []
        : [`${from} (${file})`],
  );
}

it.each(['main', 'commands/doctor'])('src/cli/%s.ts starts without any package', (name) => {
  expect(packagesOf(fileURLToPath(new URL(`../../src/cli/${name}.ts`, import.meta.url)))).toEqual([]);
});

it('explains the two lines that Dawn writes at every start once, and hides nothing else', () => {
  const lines = ['Uniform', 'Storage'].map(
    (kind) =>
      `Warning: maxDynamic${kind}BuffersPerPipelineLayout artificially reduced from 1000000 to 16 to fit dynamic offset allocation limit.`,
  );
  const stderr = [lines[0], 'Warning: the driver is from yesterday', lines[1], 'error: artificially reduced', ''].join(
    '\n',
  );
  const findings = saidFindings(stderr, saidBesides(stderr));
  expect(findings.map(({ state }) => state)).toEqual(['ok', 'warning', 'warning']);
  expect(findings[0].what).toMatch(/artificially reduced.*mean nothing/);
  expect(findings.slice(1).map(({ what }) => what)).toEqual([
    'Dawn or the driver says: Warning: the driver is from yesterday',
    'Dawn or the driver says: error: artificially reduced',
  ]);
  expect(saidFindings('', [])).toEqual([]);
});
