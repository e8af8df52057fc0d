// `compare` on run folders made by hand: what its page says, also of a run at work, and that it writes over nothing that belongs to a run.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compare } from '../../src/cli/commands/compare.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import type { MetricRow } from '../../src/report/types.ts';
import { saveCheckpoint } from '../../src/train/run/checkpoint.ts';
import { appendMetrics, checkpointPath, metricsPath, writeConfig } from '../../src/train/run/run-folder.ts';
import { plainConfig } from '../support/jobs.ts';

let root: string;
let said: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'compare-'));
  said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const at = (...path: string[]): string => join(root, ...path);
const run = (...args: string[]): Promise<number> => compare(args, 'npx astrogpu compare');
const refusal = async (...args: string[]): Promise<string> => {
  const error = await run(...args).catch((error) => error);
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).not.toContain('\n');
  return error.message;
};

/** Two of four epochs of a plain arm, or all of it. */
async function make(name: string, change: Parameters<typeof plainConfig>[0], accuracies: number[], ended = true) {
  const folder = at(name);
  mkdirSync(folder, { recursive: true });
  const config = plainConfig({ epochs: 4, testImages: 500, ...change });
  writeConfig(folder, {
    config,
    command: `train --name ${name}`,
    adapter: 'llvmpipe',
    standIn: false,
    date: '2026-11-05',
  });
  const arm = 'plain NN';
  const rows = accuracies.flatMap((accuracy, i): MetricRow[] => {
    const place = { stage: 0, arm, phase: 'guide', epoch: i + 1, step: 4 * (i + 1), loss: 2 / (i + 1) };
    return [
      { level: 'step', ...place },
      { level: 'epoch', ...place, accuracy, evalLoss: 2.2 / (i + 1) },
    ];
  });
  appendMetrics(metricsPath(folder), ...rows);
  const counts = { parametersTotal: 1000, parametersKept: 400, parametersStructural: 900, updates: 16, seconds: 1 };
  const arms = ended ? [{ arm, accuracy: accuracies.at(-1), ...counts }] : [];
  const state = { stage: ended ? 1 : 0, step: ended ? 0 : 8, steps: 16, seconds: 0, arms, regulation: [] };
  await saveCheckpoint(checkpointPath(folder, 16), { modules: new Map(), tensors: new Map() }, config, state);
  return folder;
}

describe('a page of two runs', () => {
  let page: Document;
  const cells = (heading: string): string[][] => {
    const section = [...page.querySelectorAll('section')].find(
      (of) => of.querySelector('h2')!.textContent === heading,
    )!;
    return [...section.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent ?? ''),
    );
  };
  beforeEach(async () => {
    await make('a', { lr: 0.1 }, [0.3, 0.4, 0.5, 0.6]);
    await make('b', { lr: 0.2, noAugment: true }, [0.2, 0.3], false);
    expect(await run(at('a'), at('b'), '--out', at('page.html'))).toBe(0);
    page = parseHTML(readFileSync(at('page.html'), 'utf8')).document as unknown as Document;
  });

  it('has accuracies with their noise, the number of images, and how far a run is', () => {
    expect(cells('Accuracies')).toEqual([
      ['plain NN', 'a', '60.00 % ± 4.3', '500', '1,000', '400 (40.0 %)', '16', 'ended'],
      ['plain NN', 'b', '30.00 % ± 4.0', '500', '', '', '8', 'epoch 2 of 4'],
    ]);
    expect(said).toContain('comparison of 2 runs');
  });

  it('has the settings that differ, and no others', () => {
    expect(cells('Settings that differ')).toEqual([
      ['--lr', '0.1', '0.2'],
      ['--no-augment', 'no', 'yes'],
    ]);
  });

  it('has the curves of each arm with a line for each run, and needs nothing from outside', () => {
    const titles = [...page.querySelectorAll('.wide svg')].map((svg) => svg.getAttribute('aria-label'));
    expect(titles).toEqual(['Test accuracy', 'Training loss', 'Test loss']);
    const [accuracy] = [...page.querySelectorAll('figure[data-hover]')];
    expect(JSON.parse(accuracy.getAttribute('data-hover')!)[0][1]).toBe('NN updates 4\na: 30.00 %\nb: 20.00 %');
    expect(page.querySelectorAll('script[src], link, iframe, [src]')).toHaveLength(0);
    expect(page.documentElement.outerHTML).not.toMatch(/https?:/);
  });

  it('is written anew when it is asked for again', async () => {
    await run(at('b'), at('a'), '--out', at('page.html'));
    expect(readdirSync(root).sort()).toEqual(['a', 'b', 'page.html']);
  });
});

it('tells runs of one name apart by their folders', async () => {
  await make('x/run', {}, [0.1, 0.2]);
  await make('y/run', {}, [0.1, 0.2]);
  await run(at('x/run'), at('y/run'), '--out', at('page.html'));
  const html = readFileSync(at('page.html'), 'utf8');
  expect(html).toContain('x/run');
  expect(html).toContain('y/run');
  expect(html).toContain('the runs have the same configuration');
});

it('reads a folder that a run is working in, and leaves it as it is', async () => {
  const folder = await make('a', {}, [0.1, 0.2], false);
  await make('b', {}, [0.1, 0.2]);
  writeFileSync(join(folder, '.table.md.1-0123abcd.tmp'), 'being written');
  appendMetrics(metricsPath(folder));
  writeFileSync(metricsPath(folder), `${readFileSync(metricsPath(folder), 'utf8')}{"arm":"pl`);
  rmSync(checkpointPath(folder, 16));
  const before = readdirSync(folder);
  await run(folder, at('b'), '--out', at('page.html'));
  expect(readdirSync(folder)).toEqual(before);
  expect(readFileSync(metricsPath(folder), 'utf8')).toMatch(/\{"arm":"pl$/);
});

describe('refused, in a line,', () => {
  beforeEach(async () => {
    await make('a', {}, [0.1, 0.2]);
    await make('b', {}, [0.1, 0.2]);
  });

  it('is what is no run folder', async () => {
    expect(await refusal(at('a'))).toBe('name two run folders or more');
    expect(await refusal(at('a'), at('none'))).toContain('none: there is no such folder');
    expect(await refusal(at('a'), at('a', 'config.json'))).toContain('config.json: there is no config.json in it');
    mkdirSync(at('empty'));
    expect(await refusal(at('a'), at('empty'))).toContain(
      `${at('empty')}: there is no config.json in it, so it is not a run folder`,
    );
    writeFileSync(at('b', 'config.json'), '{"config": 3}');
    expect(await refusal(at('a'), at('b'))).toContain('not of a run');
    writeFileSync(at('b', 'config.json'), '{');
    expect(await refusal(at('a'), at('b'))).toContain('config.json');
  });

  it('is a run that is named twice, by whatever path', async () => {
    symlinkSync(at('a'), at('link'));
    for (const again of [at('a'), `${at('a')}/`, at('link')])
      expect(await refusal(at('a'), again)).toContain('this run is named twice; name each once');
  });

  it('is a page in place of what a run has, also by a link', async () => {
    symlinkSync(at('a', 'metrics.jsonl'), at('link.html'));
    const before = readFileSync(at('a', 'metrics.jsonl'), 'utf8');
    for (const out of [at('a', 'metrics.jsonl'), at('link.html'), at('b', '..', 'a', 'config.json')])
      expect(await refusal(at('a'), at('b'), '--out', out)).toContain('what the command reads');
    expect(readFileSync(at('a', 'metrics.jsonl'), 'utf8')).toBe(before);
    expect(await refusal(at('a'), at('b'), '--out', root)).toContain('is a folder');
    expect(await refusal(at('a'), at('b'), '--out', at('no', 'page.html'))).toContain('cannot be written');
    expect(existsSync(at('no'))).toBe(false);
  });

  it('is not a new page in a run folder', async () => {
    expect(await run(at('a'), at('b'), '--out', at('a', 'comparison.html'))).toBe(0);
    expect(existsSync(at('a', 'comparison.html'))).toBe(true);
  });
});
