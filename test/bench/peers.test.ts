// The comparison with other libraries: its options, its arithmetic, and one small comparison of every kind.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { blockComparison } from '../../bench/peers/block.ts';
import type { Comparison, Peer, PreparedTask } from '../../bench/peers/comparison.ts';
import { openJax } from '../../bench/peers/jax.ts';
import { convComparison, matmulComparison } from '../../bench/peers/kernels.ts';
import {
  CHANNELS_FIRST,
  CHANNELS_LAST,
  OUTPUTS_FIRST,
  OUTPUTS_LAST,
  permuted,
  permutedShape,
} from '../../bench/peers/layout.ts';
import { type ComparisonRow, compare, DisagreementError } from '../../bench/peers/measure.ts';
import { type PeerName, parseOptions } from '../../bench/peers/options.ts';
import { markdown } from '../../bench/peers/output.ts';
import { stepComparison } from '../../bench/peers/step.ts';
import { openTfjs } from '../../bench/peers/tfjs.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { gpu } from '../support/gpu.ts';

describe('options', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({
      peers: ['tfjs'],
      ...{
        filter: '',
        model: 'resnet-small',
        batch: 32,
        precision: 'f32',
        rounds: 7,
        browser: false,
        help: false,
        version: false,
      },
    });
  });
  it('takes every option', () => {
    const options = parseOptions(['--peers', 'jax,tfjs,jax', '--json', 'x.json', '--filter=matmul', '--rounds', '3']);
    expect(options).toMatchObject({ peers: ['jax', 'tfjs'], json: 'x.json', filter: 'matmul', rounds: 3 });
  });
  it('has a smaller batch in a block of a transformer', () => {
    expect(parseOptions(['--model', 'vit-t-16']).batch).toBe(8);
    expect(parseOptions(['--model', 'vit-t-16', '--batch', '2']).batch).toBe(2);
  });
  it.each([
    [['--rounds', '0'], /^--rounds 0: takes a whole number/],
    [['--rounds', 'many'], /^--rounds many: /],
    [['--batch', '1.5'], /^--batch 1.5: takes a whole number/],
    [['--precision', 'half'], /^--precision half: takes one of f32, f16$/],
    [['--model', 'vgg'], /^--model vgg: takes one of resnet-small, resnet18, resnet34, vit-t-16, vit-s-16, vit-b-16$/],
    [['--rounds'], /^Option '--rounds <value>' argument missing/],
    [['--peers', 'tfjs,torch'], /^--peers torch: takes one of tfjs, jax$/],
    [['--peers', ','], /^--peers: names at least one of tfjs, jax$/],
    [['--browser', '--model', 'vit-t-16'], /^--model vit-t-16: --browser takes a ResNet's training step$/],
    [['--browser', '--filter', 'conv'], /^--browser is the training step in f32: leave out --filter and --precision$/],
    [['--quick'], /^Unknown option '--quick'; node bench\/peers\.js --help lists the options$/],
    [['matmul'], /^Unexpected argument 'matmul'/],
    [
      ['--json', 'no/such/folder/x.json'],
      /^--json no\/such\/folder\/x\.json cannot be written \(the folder no\/such\/folder is not there\)/,
    ],
    [['--json', tmpdir()], /cannot be written \(it is a folder, not a file\)/],
    [['--json', ''], /^--json: its value is empty$/],
  ])('refuses %j in one line', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
  it.skipIf(!existsSync('bench/peers.js')).each([
    ['--rounds', '-'],
    ['--peers', 'jux'],
  ])('exits with code 2, and nothing but the line: %s %s', (name, value) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/peers.js', name, value], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${name} ${value}: .*\\n$`));
  });
});

describe('comparison', () => {
  const prepared = (value: number, log: string[], name: string): PreparedTask => ({
    run: () => log.push(name),
    idle: async () => {},
    results: async () => new Map([['result', Float32Array.of(1, value)]]),
    release: () => log.push(`${name} released`),
  });
  const comparison = (theirs: Record<PeerName, number>, log: string[]): Comparison => ({
    name: 'a comparison',
    tolerance: 1e-3,
    ours: () => prepared(2, log, 'ours'),
    theirs: ({ name }) => prepared(theirs[name], log, name),
  });
  const peers = [{ name: 'tfjs' }, { name: 'jax' }] as Peer[];

  it('lets the libraries take turns, and frees all', async () => {
    const log: string[] = [];
    const row = await compare(comparison({ tfjs: 2.0001, jax: 2 }, log), gpu, peers, 2);
    expect(log.join(' ')).toBe('ours tfjs jax jax tfjs ours ours tfjs jax ours released tfjs released jax released');
    expect(row.ratio.tfjs).toBeCloseTo(row.ms.tfjs! / row.ms.ours);
    expect(row.ratio.jax).toBeCloseTo(row.ms.jax! / row.ms.ours);
    expect(row.error.found).toBeCloseTo(5e-5, 6);
  });
  it('asks only the peers that it is given', async () => {
    const row = await compare(comparison({ tfjs: 0, jax: 2 }, []), gpu, peers.slice(1), 1);
    expect(Object.keys(row.ms)).toEqual(['ours', 'jax']);
    expect(Object.keys(row.ratio)).toEqual(['jax']);
  });
  it.each([2.1, Number.NaN])('times nothing where results differ (%d)', async (jax) => {
    const log: string[] = [];
    const comparing = compare(comparison({ tfjs: 2, jax }, log), gpu, peers, 2);
    await expect(comparing).rejects.toThrow(/^a comparison: the results of astrogpu and jax differ/);
    await expect(comparing).rejects.toThrow(DisagreementError);
    expect(log).toEqual(['ours released', 'tfjs released', 'jax released']);
  });
});

describe('output', () => {
  const row: ComparisonRow = {
    name: 'a | b',
    ms: { ours: 2, tfjs: 300, jax: 1 },
    ratio: { tfjs: 150, jax: 0.5 },
    first: { ours: 1, tfjs: 1, jax: 1 },
    error: { found: 0, allowed: 1e-3 },
  };
  it('prints Markdown', () => {
    expect(markdown([row], ['tfjs']).split('\n')).toEqual([
      '| job    | astrogpu, ms | tfjs, ms | tfjs / astrogpu |',
      '| ------ | -----------: | -------: | --------------: |',
      '| a \\| b |         2.00 |      300 |            150× |',
    ]);
  });
  it('has two columns for each peer', () => {
    const [head, , line] = markdown([row], ['jax', 'tfjs']).split('\n');
    expect(head).toMatch(/jax, ms +\| jax \/ astrogpu \| tfjs, ms/);
    expect(line).toMatch(/ 1\.00 \| +0\.500× \| +300 \|/);
  });
});

describe('layout', () => {
  it('moves the last axis first', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(permutedShape([1, 3, 1, 2], CHANNELS_FIRST)).toEqual([1, 2, 3, 1]);
    expect([...permuted(values, [1, 3, 1, 2], CHANNELS_FIRST)]).toEqual([1, 3, 5, 2, 4, 6]);
  });
  it.each([
    [CHANNELS_FIRST, CHANNELS_LAST],
    [OUTPUTS_FIRST, OUTPUTS_LAST],
  ])('comes back: %j, %j', (there, back) => {
    const shape = [2, 3, 4, 5];
    const values = Float32Array.from({ length: 120 }, (_, i) => i);
    const moved = permuted(values, shape, there);
    expect(moved).not.toEqual(values);
    expect(permuted(moved, permutedShape(shape, there), back)).toEqual(values);
  });
});

describe('against other libraries', () => {
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
  const opened = openTfjs().then(async (tfjs) => ({ tfjs, jax: await openJax() }));
  const check = async (one: Comparison, name: PeerName): Promise<void> => {
    const row = await compare(one, gpu, [(await opened)[name]], 1);
    expect(row.ms.ours).toBeGreaterThan(0);
    expect(row.ms[name]).toBeGreaterThan(0);
    expect(row.error.found).toBeLessThanOrEqual(one.tolerance);
  };

  it.each(
    [
      convComparison('forward', 1, 5, 4),
      convComparison('data gradient', 1, 5, 4),
      convComparison('weight gradient', 1, 5, 4),
      matmulComparison(8, 12, 16),
      stepComparison('resnet-small', 4, 16),
      blockComparison('vit-t-16', 2, { tokens: 5, part: 1 / 8 }),
    ].map((one) => ({ name: one.name, one })),
  )('agrees with tfjs on $name', ({ one }) => check(one, 'tfjs'));

  // Not the training step and the block: jax-js compiles them for a minute where the driver has not cached it.
  it.each(
    [
      convComparison('forward', 1, 5, 4),
      convComparison('data gradient', 1, 5, 4),
      convComparison('weight gradient', 1, 5, 4),
      matmulComparison(8, 12, 16),
    ].map((one) => ({ name: one.name, one })),
  )('agrees with jax on $name', ({ one }) => check(one, 'jax'));
});
