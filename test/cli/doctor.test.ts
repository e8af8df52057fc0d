// The doctor's own health: it must start where packages are missing, since that is what it is asked about.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

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
