// The comparison with other libraries: its options, its arithmetic, and one small comparison of every kind.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Arm, Job } from '../../bench/peers/job.ts';
import { convJob, matmulJob } from '../../bench/peers/kernels.ts';
import { compare, DisagreementError, type Row } from '../../bench/peers/measure.ts';
import { parseOptions, UsageError } from '../../bench/peers/options.ts';
import { markdown, writeJson } from '../../bench/peers/output.ts';
import { disagreement, median } from '../../bench/peers/statistics.ts';
import { stepJob } from '../../bench/peers/step.ts';
import { openTfjs, type Tfjs } from '../../bench/peers/tfjs.ts';
import { gpu } from '../support/gpu.ts';

describe('options', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({ peers: ['tfjs'], filter: '', rounds: 7, help: false, version: false });
  });
  it('takes every option', () => {
    const options = parseOptions(['--peers', 'tfjs,tfjs', '--json', 'x.json', '--filter=matmul', '--rounds', '3']);
    expect(options).toMatchObject({ peers: ['tfjs'], json: 'x.json', filter: 'matmul', rounds: 3 });
  });
  it.each([
    [['--rounds', '0'], /^--rounds 0: takes a whole number/],
    [['--rounds', 'many'], /^--rounds many: /],
    [['--rounds'], /^Option '--rounds <value>' argument missing/],
    [['--peers', 'torch'], /^--peers torch: takes names from tfjs$/],
    [['--peers', ','], /^--peers ,: /],
    [['--quick'], /^Unknown option '--quick'; see --help$/],
    [['matmul'], /^Unexpected argument 'matmul'/],
    [
      ['--json', 'no/such/folder/x.json'],
      /^--json no\/such\/folder\/x\.json: the folder no\/such\/folder is not there/,
    ],
    [['--json', tmpdir()], /takes the name of a file$/],
    [['--json', ''], /takes the name of a file$/],
  ])('refuses %j in one line', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
  it.skipIf(!existsSync('bench/peers.js'))('exits with code 2, and nothing but the line', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/peers.js', '--rounds', '-'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^.*--rounds.*\n$/);
  });
});

describe('statistics', () => {
  it('takes the middle, or the mean of the two middles', () => {
    expect(median([9, 1, 2])).toBe(2);
    expect(median([4, 1, 9, 2])).toBe(3);
  });
  it('measures disagreement against the largest magnitude', () => {
    expect(disagreement([1, -4], [1, -4])).toBe(0);
    expect(disagreement([1.5, -4], [1, -4])).toBe(0.125);
    expect(disagreement([0, 1], [0, 0])).toBe(Number.POSITIVE_INFINITY);
  });
  it.each([
    [[Number.NaN], [1]],
    [[1], [Number.NaN]],
    [[Number.NaN], [Number.NaN]],
    [[Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY]],
    [[1], [1, 2]],
    [
      [0, 0],
      [0, 0],
    ],
    [[], []],
  ])('lets nothing slip through: %j against %j', (actual, expected) => {
    expect(disagreement(actual, expected)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('comparison', () => {
  const fake = (value: number, log: string[], name: string): Arm => ({
    run: () => log.push(name),
    settle: async () => {},
    results: async () => new Map([['result', Float32Array.of(1, value)]]),
    release: () => log.push(`${name} released`),
  });
  const job = (theirs: number, log: string[]): Job => ({
    name: 'a job',
    tolerance: 1e-3,
    ours: () => fake(2, log, 'ours'),
    tfjs: () => fake(theirs, log, 'tfjs'),
  });
  const nobody = {} as Tfjs;

  it('lets the arms take turns, and frees both', async () => {
    const log: string[] = [];
    const row = await compare(job(2.0001, log), gpu, nobody, 2);
    expect(log).toEqual(['ours', 'tfjs', 'tfjs', 'ours', 'ours', 'tfjs', 'ours released', 'tfjs released']);
    expect(row.ratio.tfjs).toBeCloseTo(row.ms.tfjs / row.ms.ours);
    expect(row.error.found).toBeCloseTo(5e-5, 6);
  });
  it.each([2.1, Number.NaN])('times nothing where results differ (%d)', async (theirs) => {
    const log: string[] = [];
    await expect(compare(job(theirs, log), gpu, nobody, 2)).rejects.toThrow(DisagreementError);
    expect(log).toEqual(['ours released', 'tfjs released']);
  });
});

describe('output', () => {
  const row: Row = {
    name: 'a | b',
    ms: { ours: 2, tfjs: 300 },
    ratio: { tfjs: 150 },
    error: { found: 0, allowed: 1e-3 },
  };
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('prints Markdown', () => {
    expect(markdown([row]).split('\n')).toEqual([
      '| job    | astrogpu, ms | tfjs, ms | tfjs / astrogpu |',
      '| ------ | -----------: | -------: | --------------: |',
      '| a \\| b |         2.00 |      300 |            150× |',
    ]);
  });
  it('writes JSON with what is needed to repeat it', () => {
    const file = join(folder, 'peers.json');
    writeJson(file, { command: 'node bench/peers.js', adapter: gpu.adapter, rounds: 3, peer: '4.22.0', rows: [row] });
    const { rows, adapter, versions, date } = JSON.parse(readFileSync(file, 'utf8'));
    expect(rows).toEqual([row]);
    expect(adapter.description).toBe(gpu.adapter.description);
    expect(versions).toMatchObject({
      tfjs: '4.22.0',
      webgpu: expect.stringMatching(/^\d/),
      astrogpu: expect.any(String),
    });
    expect(new Date(date).getTime()).not.toBeNaN();
    expect(readdirSync(folder)).toEqual(['peers.json']);
  });
});

describe('against tfjs', () => {
  // A page's globals must not outlive this file: other tests share the process.
  const before = ['navigator', 'self'].map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  afterAll(() => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  });
  const peer = openTfjs();

  it.each(
    [
      convJob('forward', 1, 5, 4),
      convJob('data gradient', 1, 5, 4),
      convJob('weight gradient', 1, 5, 4),
      matmulJob(8, 12, 16),
      stepJob(4, 16),
    ].map((job) => ({ name: job.name, job })),
  )('agrees on $name', async ({ job }) => {
    const row = await compare(job, gpu, await peer, 1);
    expect(row.ms.ours).toBeGreaterThan(0);
    expect(row.ms.tfjs).toBeGreaterThan(0);
    expect(row.error.found).toBeLessThanOrEqual(job.tolerance);
  });
});
