// The command that measures what the astrocyte costs: its options, what it prints, and a whole measurement of the smallest job.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AstrocyteCost, imagesFor, measure } from '../../bench/astro/measure.ts';
import { parseOptions } from '../../bench/astro/options.ts';
import { kernelTable, summary } from '../../bench/astro/output.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { configure } from '../../src/train/config.ts';
import { gpu } from '../support/gpu.ts';

describe('options', () => {
  it('have defaults, and are taken', () => {
    expect(parseOptions([])).toEqual({ rounds: 7, help: false, version: false });
    expect(parseOptions(['--model', 'resnet18', '--batch', '512', '--rounds', '3', '--json', 'x.json'])).toMatchObject({
      ...{ model: 'resnet18', batch: 512, rounds: 3, json: 'x.json' },
    });
  });
  it.each([
    [['--model', 'vgg'], /^--model vgg: takes one of resnet18, /],
    [['--batch', '0'], /^--batch 0: takes a whole number from 1 to 65536$/],
    [['--rounds', '1.5'], /^--rounds 1\.5: takes a whole number from 1 to 1000$/],
    [['--fast'], /^Unknown option '--fast'; node bench\/astro\.js --help lists the options$/],
  ])('refuse %j in one line', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
  it.skipIf(!existsSync('bench/astro.js'))('end a wrong call with code 2, and nothing but the line', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/astro.js', '--nonsense'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Unknown option '--nonsense'.*\n$/);
  });
});

describe('the images of a measurement', () => {
  it.each([
    [50, 0.2, 500],
    [512, 0.5, 2048],
  ])('batches of %i with %d held out take %i', (batch, heldOut, images) =>
    expect(imagesFor({ batch }, heldOut)).toBe(images),
  );
});

describe('output', () => {
  const kernel = (label: string, calls: number, ms: number) => ({
    label,
    calls,
    ms,
    mean: 0,
    gflops: 0,
    gbs: 0,
    share: 0,
  });
  const cost: AstrocyteCost = {
    T: 6,
    plain: { ms: 10, host: 0.5, processor: 19, dispatches: 4, kernels: [kernel('conv', 3, 8), kernel('sgd', 1, 1)] },
    pair: {
      ms: 150,
      host: 3,
      processor: 270,
      dispatches: 60,
      kernels: [kernel('conv', 48, 120), kernel('gates', 12, 6)],
    },
    ratio: 1.25,
    processorRatio: 1.2,
  };
  it('is an iteration against two plain steps', () => {
    const text = summary(cost, true);
    expect(text).toMatch(/plain step +10\.0 +19\.0 +0\.500 +4\.00/);
    expect(text).toMatch(/NN \+ AN update \(a pair of batches \/ 6\) +25\.0 +45\.0 +0\.500 +10\.0/);
    expect(text).toMatch(/by two plain steps: 1\.250; by processor time 1\.200$/);
    expect(summary(cost, false)).not.toContain('processor');
  });
  it('and the kernels of both, what is more first', () => {
    const rows = kernelTable(cost).split('\n').slice(2);
    expect(rows.map((row) => row.replace(/ +/g, ' '))).toEqual([
      'conv 8.0 20.000 95.2 % 6 16.000 4.000',
      'gates 2.0 1.000 4.8 % 0 0.000 1.000',
      'sgd 0.0 0.000 0.0 % 2 2.000 -2.000',
    ]);
  });
});

it('a measurement runs both sides', async () => {
  const job = configure(
    { recipe: 'paper', batch: 4, T: 2 },
    { software: true, available: { train: 50000, test: 10000 } },
  );
  const held = gpu.memory.stats().current;
  const config = { ...job, images: imagesFor(job, job.heldOut), testImages: 4 };
  const { T, plain, pair, ratio } = await measure(gpu, config, 1);
  expect(T).toBe(2);
  expect(ratio).toBeCloseTo(pair.ms / (4 * plain.ms), 9);
  expect(pair.dispatches).toBeGreaterThan(2 * plain.dispatches);
  expect(pair.kernels.map(({ label }) => label)).toContain('gates/multiply');
  expect(plain.kernels.map(({ label }) => label)).not.toContain('gates/multiply');
  expect(gpu.memory.stats().current).toBe(held);
});
