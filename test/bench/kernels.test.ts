// The kernel benchmark: its options and shapes, a ladder of every sort of case, and what becomes of a kernel that is wrong.
import { describe, expect, it } from 'vitest';
import { type Case, type Scale, scaled, typed } from '../../bench/kernels/case.ts';
import { convCases } from '../../bench/kernels/conv.ts';
import { matmulCases } from '../../bench/kernels/matmul.ts';
import { benchmarkCandidates, type CandidateTable } from '../../bench/kernels/measure.ts';
import { opCases } from '../../bench/kernels/ops.ts';
import { parseOptions } from '../../bench/kernels/options.ts';
import { ladderText, misses } from '../../bench/kernels/output.ts';
import { UsageError } from '../../bench/peers/options.ts';
import { grid1d } from '../../src/gpu/kernel/kernel.ts';
import type { Slice } from '../../src/gpu/kernel/memory.ts';
import type { Ceilings } from '../../src/gpu/profile/roofline.ts';
import { empty, tensor } from '../../src/tensor/tensor.ts';
import { gpu } from '../support/gpu.ts';

const ceilings: Ceilings = {
  ...{ f32: 100, read: 10, copy: 10, bufferCopy: 20, workgroup: 10 },
  dispatch: { encode: 1, submit: 100, execute: 10, wait: 500 },
};
const QUICK = { ceilings, rounds: 1, ms: 0, slow: 0 };
const ONE: Scale = { flops: 0, elements: 0 };
const cases = [...convCases(ONE), ...matmulCases(ONE), ...opCases(ONE)];

describe('options', () => {
  it('have defaults, and are taken', () => {
    expect(parseOptions([])).toEqual({
      ...{
        filter: '',
        shape: '',
        tune: false,
        precision: 'f32',
        json: undefined,
        quick: false,
        help: false,
        version: false,
      },
    });
    expect(parseOptions(['--filter', 'conv', '--shape=512', '--tune', '--quick'])).toMatchObject({
      ...{ filter: 'conv', shape: '512', tune: true, quick: true },
    });
  });
  it.each([
    [['--filter']],
    [['--rounds', '3']],
    [['conv']],
    [['--precision', 'f64']],
    [['--json', 'no/such/folder/x']],
  ])('refuse %j', (args) => expect(() => parseOptions(args)).toThrow(UsageError));
  it('find × and → as they are typed', () => expect(typed('3×3 64→64, ResNet18')).toBe('3x3 64->64, resnet18'));
});

describe('cases', () => {
  it('are told apart by name, shape and network', () => {
    const keys = cases.map(({ name, shape, network }) => `${name} ${shape} ${network}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
  it('are of every network, and a few of every sort are quick', () => {
    const networks = cases.map(({ network }) => network).join();
    for (const name of ['ResNet18/34', 'ResNet50', 'DenseNet-BC-100-12', 'UNet AN', 'ViT-B/16'])
      expect(networks).toContain(name);
    for (const list of [convCases(ONE), matmulCases(ONE), opCases(ONE)]) {
      const quick = list.filter(({ quick }) => quick).length;
      expect(quick).toBeGreaterThan(0);
      expect(quick).toBeLessThan(list.length);
    }
  });
  it.each([
    [
      { flops: 100, elements: 1000 },
      { n: 10, text: 'batch 10 of 128' },
    ],
    [
      { flops: 1000, elements: 60 },
      { n: 3, text: 'batch 3 of 128' },
    ],
    [
      { flops: 1, elements: 1 },
      { n: 1, text: 'batch 1 of 128' },
    ],
    [
      { flops: 1e9, elements: 1e9 },
      { n: 128, text: 'batch 128' },
    ],
  ])('are cut to %j', (scale, expected) => expect(scaled(128, 10, 20, scale)).toEqual(expected));
  it('count what a convolution needs', () => {
    const scale = { flops: Number.POSITIVE_INFINITY, elements: Number.POSITIVE_INFINITY };
    const [job] = convCases(scale).filter(({ shape }) => shape === '3×3 64→64, 32×32, batch 128');
    const pixels = 128 * 32 * 32;
    expect(job.cost).toEqual({ flops: 2 * pixels * 9 * 64 * 64, bytes: 4 * (2 * pixels * 64 + 9 * 64 * 64) });
  });
});

const find = (name: string, shape: string): Case =>
  cases.find((job) => job.name === name && job.shape.startsWith(shape))!;

describe('ladders', () => {
  it.skipIf(!gpu.capabilities.f16).each([
    ['conv weight gradient f16', '3×3 48→12, 8×8'],
    ['matmul forward f16', '128×512 by 512×10'],
  ])('of %s %s agree with the plain kernel within f16', async (name, shape) => {
    const job = [...convCases(ONE, 'f16'), ...matmulCases(ONE, 'f16')].find(
      (one) => one.name === name && one.shape.startsWith(shape),
    )!;
    const { rungs } = await benchmarkCandidates(gpu, job, QUICK);
    expect(rungs.length).toBeGreaterThan(1);
    for (const { error, ms } of rungs) {
      expect(error).toBeLessThanOrEqual(2e-3);
      expect(ms).toBeGreaterThan(0);
    }
  });

  it.each([
    ['conv forward', '3×3 48→12, 8×8'],
    ['conv data gradient', '3×3 48→12, 8×8'],
    ['conv weight gradient', '3×3 48→12, 8×8'],
    ['matmul forward', '128×512 by 512×10'],
    ['sum over rows', '197×3072'],
  ])('of %s %s begin with the plain kernel, and all agree with it', async (name, shape) => {
    const held = gpu.memory.stats().current;
    const { rungs, cost } = await benchmarkCandidates(gpu, find(name, shape), QUICK);
    expect(rungs[0]).toMatchObject({ kernel: 'plain', error: 0 });
    expect(rungs.length).toBeGreaterThan(1);
    expect(rungs.filter(({ chosen }) => chosen)).toHaveLength(1);
    for (const { ms, error, gflops, ceiling, dispatches } of rungs) {
      expect(error).toBeLessThanOrEqual(1e-3);
      expect(gflops).toBeCloseTo(cost.flops / ms / 1e6, 9);
      expect(ceiling).toBeGreaterThan(0);
      expect(dispatches).toBeGreaterThan(0);
    }
    const others = rungs.slice(1).map(({ ms }) => ms);
    expect(others).toEqual([...others].sort((a, b) => b - a));
    expect(gpu.memory.stats().current).toBe(held);
    expect(gpu.tuner.force).toBeUndefined();
  });

  it.each([
    ['global average pool', '4×4×512'],
    ['relu, forward + backward', '32×32×64'],
    ['max pool 2×2, forward + backward', '256×256×16'],
    ['optimizer adam', '242882'],
  ])('of %s name its kernels and take their cost', async (name, shape) => {
    const held = gpu.memory.stats().current;
    const { rungs, cost } = await benchmarkCandidates(gpu, find(name, shape), {
      ...QUICK,
      rounds: 2,
      ms: 1,
      slow: 1000,
    });
    expect(rungs).toHaveLength(1);
    expect(rungs[0].kernel).toMatch(/^[a-z]/i);
    expect(rungs[0]).toMatchObject({ chosen: true, error: 0 });
    expect(rungs[0].ms).toBeGreaterThan(0);
    expect(cost.bytes).toBeGreaterThan(0);
    expect(gpu.memory.stats().current).toBe(held);
  });

  const faulty: Case = {
    ...{ name: 'copy', shape: '4096', network: 'none', cost: { flops: 0, bytes: 32768 }, quick: false },
    open() {
      const [x, y] = [
        tensor(
          gpu,
          Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i)),
          [4096],
        ),
        empty(gpu, [4096], 'y'),
      ];
      const copy = ([from, to]: Slice[]): void =>
        gpu.run({
          ...{
            shader: 'tensor/accumulate',
            constants: { GROUP: 8 },
            types: { V: 'vec4f' },
            entry: 'copy',
            bindings: [to, from],
            grid: grid1d(16),
          },
          cost: { flops: 0, bytes: 32768 },
        });
      const candidates = [
        { name: 'empty', run: () => {} },
        { name: 'zero', run: ([, to]: Slice[]) => gpu.fill(to, 0) },
        { name: 'plain', run: copy },
      ];
      return {
        run() {
          gpu.tuner
            .select({ key: 'copy for the benchmark', sizes: [16384, 16384], candidates })
            .run([x.slice, y.slice]);
          return undefined;
        },
        outputs: () => [y],
        release() {
          x.release();
          y.release();
        },
      };
    },
  };

  it('do not time a kernel that is wrong, or that writes nothing', async () => {
    const ladder = await benchmarkCandidates(gpu, faulty, QUICK);
    const rungs = Object.fromEntries(ladder.rungs.map((rung) => [rung.kernel, rung]));
    expect(rungs.plain.ms).toBeGreaterThan(0);
    expect(rungs.zero).toMatchObject({ ms: Number.NaN, chosen: false });
    expect(rungs.zero.error).toBeCloseTo(1, 3);
    expect(rungs.empty).toMatchObject({ ms: Number.NaN, chosen: true, error: Number.POSITIVE_INFINITY });
    expect(ladderText(ladder)).toMatch(/zero +WRONG: differs from the plain kernel by 1\.0e\+0, 0\.001 is allowed/);
    expect(misses([ladder])).toEqual([]);
  });
});

describe('output', () => {
  const rung = { error: 0, gflops: 1, gbs: 1, ceiling: 0.125, limit: 'compute', dispatches: 1 } as const;
  const ladder: CandidateTable = {
    ...{ name: 'conv forward', shape: 's', network: 'n', cost: { flops: 2e6, bytes: 1e6 } },
    rungs: [
      { ...rung, kernel: 'plain', chosen: false, ms: 12 },
      { ...rung, kernel: 'tiled', chosen: true, ms: 4 },
      { ...rung, kernel: 'stationary', chosen: false, ms: 2 },
    ],
  };
  it('shows each step up with its factor', () => {
    expect(
      ladderText(ladder)
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'conv forward s (n; 2.00 MFLOP, 1.00 MB)',
      ' plain 12.0 1.00 1.00 12.5 % compute',
      '* tiled 4.00 1.00 1.00 12.5 % compute 3.00× 3.00×',
      ' stationary 2.00 1.00 1.00 12.5 % compute 2.00× 6.00×',
    ]);
  });
  it('names a choice that is not the fastest', () => {
    expect(misses([ladder])).toEqual(['conv forward s: chosen is tiled (4.00 ms), stationary takes 2.00 ms']);
    const [plain, tiled, fast] = ladder.rungs;
    expect(misses([{ ...ladder, rungs: [plain, tiled, { ...fast, ms: 3.9 }] }])).toEqual([]);
  });
});
