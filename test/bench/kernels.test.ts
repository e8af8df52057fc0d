// The kernel benchmark: its options and shapes, the candidates of every sort of case, and what becomes of a kernel that is wrong.
import { describe, expect, it } from 'vitest';
import { asTyped, type Case, type SizeLimit, scaled } from '../../bench/kernels/case.ts';
import { convCases } from '../../bench/kernels/conv.ts';
import { matmulCases } from '../../bench/kernels/matmul.ts';
import { benchmarkCandidates, type CandidateTable } from '../../bench/kernels/measure.ts';
import { opCases } from '../../bench/kernels/ops.ts';
import { parseOptions } from '../../bench/kernels/options.ts';
import { notFastest, tableText } from '../../bench/kernels/output.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { grid1d } from '../../src/gpu/kernel/fold-grid.ts';
import type { Slice } from '../../src/gpu/kernel/memory.ts';
import type { Ceilings } from '../../src/gpu/profile/roofline.ts';
import { empty, tensor } from '../../src/tensor/tensor.ts';
import { COPY } from '../support/copy-kernel.ts';
import { gpu } from '../support/gpu.ts';

const ceilings: Ceilings = {
  ...{ f32: 100, read: 10, copy: 10, bufferCopy: 20, workgroup: 10 },
  dispatch: { encode: 1, submit: 100, execute: 10, wait: 500 },
};
const QUICK = { ceilings, rounds: 1, ms: 0, slow: 0 };
const ONE: SizeLimit = { flops: 0, elements: 0 };
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
  it('find × and → as they are typed', () => expect(asTyped('3×3 64→64, ResNet18')).toBe('3x3 64->64, resnet18'));
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
    const [one] = convCases(scale).filter(({ shape }) => shape === '3×3 64→64, 32×32, batch 128');
    const pixels = 128 * 32 * 32;
    expect(one.cost).toEqual({ flops: 2 * pixels * 9 * 64 * 64, bytes: 4 * (2 * pixels * 64 + 9 * 64 * 64) });
  });
});

const find = (name: string, shape: string): Case =>
  cases.find(({ name: is, shape: at }) => is === name && at.startsWith(shape))!;

describe('candidates', () => {
  it.skipIf(!gpu.capabilities.f16).each([
    ['conv weight gradient f16', '3×3 48→12, 8×8'],
    ['matmul forward f16', '128×512 by 512×10'],
  ])('of %s %s agree with the plain kernel within f16', async (name, shape) => {
    const one = [...convCases(ONE, 'f16'), ...matmulCases(ONE, 'f16')].find(
      ({ name: is, shape: at }) => is === name && at.startsWith(shape),
    )!;
    const { rows } = await benchmarkCandidates(gpu, one, QUICK);
    expect(rows.length).toBeGreaterThan(1);
    for (const { error, ms } of rows) {
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
    const { rows, cost } = await benchmarkCandidates(gpu, find(name, shape), QUICK);
    expect(rows[0]).toMatchObject({ kernel: 'plain', error: 0 });
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.filter(({ chosen }) => chosen)).toHaveLength(1);
    for (const { ms, error, gflops, ceiling, dispatches } of rows) {
      expect(error).toBeLessThanOrEqual(1e-3);
      expect(gflops).toBeCloseTo(cost.flops / ms / 1e6, 9);
      expect(ceiling).toBeGreaterThan(0);
      expect(dispatches).toBeGreaterThan(0);
    }
    const others = rows.slice(1).map(({ ms }) => ms);
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
    const { rows, cost } = await benchmarkCandidates(gpu, find(name, shape), {
      ...QUICK,
      rounds: 2,
      ms: 1,
      slow: 1000,
    });
    expect(rows).toHaveLength(1);
    expect(rows[0].kernel).toMatch(/^[a-z]/i);
    expect(rows[0]).toMatchObject({ chosen: true, error: 0 });
    expect(rows[0].ms).toBeGreaterThan(0);
    expect(cost.bytes).toBeGreaterThan(0);
    expect(gpu.memory.stats().current).toBe(held);
  });

  const faulty: Case = {
    ...{ name: 'copy', shape: '4096', network: 'none', cost: { flops: 0, bytes: 32768 }, quick: false },
    prepare() {
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
            shader: COPY,
            constants: { GROUP: 8 },
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
    const table = await benchmarkCandidates(gpu, faulty, QUICK);
    const rows = Object.fromEntries(table.rows.map((row) => [row.kernel, row]));
    expect(rows.plain.ms).toBeGreaterThan(0);
    expect(rows.zero).toMatchObject({ ms: Number.NaN, chosen: false });
    expect(rows.zero.error).toBeCloseTo(1, 3);
    expect(rows.empty).toMatchObject({ ms: Number.NaN, chosen: true, error: Number.POSITIVE_INFINITY });
    expect(tableText(table)).toMatch(/zero +WRONG: differs from the plain kernel by 1\.0e\+0, 0\.001 is allowed/);
    expect(notFastest([table])).toEqual([]);
  });
});

describe('output', () => {
  const row = { error: 0, gflops: 1, gbs: 1, ceiling: 0.125, limit: 'compute', dispatches: 1 } as const;
  const table: CandidateTable = {
    ...{ name: 'conv forward', shape: 's', network: 'n', cost: { flops: 2e6, bytes: 1e6 } },
    rows: [
      { ...row, kernel: 'plain', chosen: false, ms: 12 },
      { ...row, kernel: 'tiled', chosen: true, ms: 4 },
      { ...row, kernel: 'stationary', chosen: false, ms: 2 },
    ],
  };
  it('shows each step up with its factor', () => {
    expect(
      tableText(table)
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
    expect(notFastest([table])).toEqual(['conv forward s: chosen is tiled (4.00 ms), stationary takes 2.00 ms']);
    const [plain, tiled, fast] = table.rows;
    expect(notFastest([{ ...table, rows: [plain, tiled, { ...fast, ms: 3.9 }] }])).toEqual([]);
  });
});
