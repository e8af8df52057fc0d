// Winograd convolution in its three directions, with both tiles, against float64 and within derived bounds.
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../src/gpu/device/machine.ts';
import type { Gpu } from '../../../src/gpu/gpu.ts';
import type { KernelCall } from '../../../src/gpu/kernel/kernel.ts';
import {
  type ConvGeometry,
  convKey,
  extent,
  inputCount,
  outputCount,
  weightCount,
} from '../../../src/ops/conv/kernels/geometry.ts';
import { winogradData, winogradFits, winogradForward, winogradWeight } from '../../../src/ops/conv/kernels/winograd.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { empty, type Tensor } from '../../../src/tensor/tensor.ts';
import { dataReference, forwardReference, weightReference } from '../../support/conv.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values, whole } from '../../support/random.ts';

type Size = 2 | 4;
type Matrix = number[][];

/** Aᵀ, Bᵀ and G of F(2, 3) and F(4, 3). */
const MATRICES: Record<Size, { output: Matrix; input: Matrix; weight: Matrix }> = {
  2: {
    output: [
      [1, 1, 1, 0],
      [0, 1, -1, -1],
    ],
    input: [
      [1, 0, -1, 0],
      [0, 1, 1, 0],
      [0, -1, 1, 0],
      [0, 1, 0, -1],
    ],
    weight: [
      [1, 0, 0],
      [1 / 2, 1 / 2, 1 / 2],
      [1 / 2, -1 / 2, 1 / 2],
      [0, 0, 1],
    ],
  },
  4: {
    output: [
      [1, 1, 1, 1, 1, 0],
      [0, 1, -1, 2, -2, 0],
      [0, 1, 1, 4, 4, 0],
      [0, 1, -1, 8, -8, 1],
    ],
    input: [
      [4, 0, -5, 0, 1, 0],
      [0, -4, -4, 1, 1, 0],
      [0, 4, -4, -1, 1, 0],
      [0, -2, -1, 2, 1, 0],
      [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ],
    weight: [
      [1 / 4, 0, 0],
      [-1 / 6, -1 / 6, -1 / 6],
      [-1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6],
      [0, 0, 1],
    ],
  },
};
/**
 * Roundings on the longest way through the transforms and one product. An axis of Bᵀ takes 1 for m = 2 and 3 for m = 4, of G 2 and 4 (its thirds are rounded
 * themselves), of Aᵀ 2 and 4; the weight gradient, with A and Gᵀ instead, no more.
 */
const ROUNDINGS: Record<Size, number> = { 2: 11, 4: 23 };

const transpose = (a: Matrix): Matrix => a[0].map((_, i) => a.map((row) => row[i]));
const norms = (a: Matrix): number[] => a.map((row) => row.reduce((sum, v) => sum + v * v, 0));

/** How much an axis enlarges the standard error of independent data: the largest √(Σᵢ O_ki²·ΣL_i²·ΣR_i²) over outputs k. */
function amplification(output: Matrix, left: Matrix, right: Matrix): number {
  const [l, r] = [norms(left), norms(right)];
  return Math.max(...output.map((row) => Math.sqrt(row.reduce((sum, v, i) => sum + v * v * l[i] * r[i], 0))));
}

/**
 * Six standard errors of a result that sums `terms` products an element of the tile. Each product of two transformed numbers has the deviation of a product of
 * the data, 1/3 for values uniform in [−1, 1), times the norms of the rows that made it; it and its sum are rounded up to terms + n times, each time
 * by at most u = 2⁻²⁴ of what is there, independently; and the inverse transform adds the elements up. Nothing of some 10⁴ results lies beyond.
 */
function bound(tile: Size, direction: 'forward' | 'weight', terms: number): number {
  const { output, input, weight } = MATRICES[tile];
  const factor =
    direction === 'forward'
      ? amplification(output, weight, input)
      : amplification(transpose(weight), transpose(output), input);
  return 6 * 2 ** -24 * Math.sqrt((terms + ROUNDINGS[tile]) * terms) * (factor ** 2 / 3);
}

/** The largest difference beyond `share` of the expected value; NaN counts as infinite. */
function furthest(actual: Float32Array, expected: Float64Array, share: number): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const gap = Math.abs(actual[i] - expected[i]) - share * Math.abs(expected[i]);
    if (!(gap <= worst)) worst = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
  }
  return worst;
}

/** Runs the three directions and compares each with float64. `half`: tensors stored as f16, which keeps 11 bits and may truncate. */
async function check(sizes: ConvGeometry, tile: Size, half = false, machine: Gpu = gpu): Promise<void> {
  const g = { ...sizes, half };
  expect(winogradFits(g)).toBe(true);
  const made = [inputCount(g), weightCount(g), outputCount(g)].map((n, i) => on(values(n + i, n), [n]));
  const given = half ? made.map((t) => cast(t, 'f16')) : made;
  const [x, w, dy] = await Promise.all(given.map((t) => (half ? cast(t, 'f32') : t).floats()));
  const [tx, tw, tdy] = given.map((t) => t.slice);
  const result = (n: number): Tensor => empty(gpu, [n], 'result', half ? 'f16' : 'f32');
  const [y, dx, dw] = [result(outputCount(g)), result(inputCount(g)), empty(gpu, [weightCount(g)], 'result')];
  winogradForward(machine, g, tx, tw, y.slice, tile);
  winogradData(machine, g, tdy, tw, dx.slice, tile);
  winogradWeight(machine, g, tx, tdy, dw.slice, tile);
  const tiles = g.n * Math.ceil(g.ho / tile) * Math.ceil(g.wo / tile);
  const close = async (what: string, tensor: Tensor, expected: Float64Array, most: number): Promise<void> => {
    const stored = tensor.dtype === 'f16';
    const actual = await (stored ? cast(tensor, 'f32') : tensor).floats();
    expect(furthest(actual, expected, stored ? 2 ** -10 : 0), `${what} ${convKey(`${tile}`, g)}`).toBeLessThan(most);
  };
  await close('forward', y, forwardReference(g, x, w), bound(tile, 'forward', g.ci));
  await close('data', dx, dataReference(g, dy, w), bound(tile, 'forward', g.co));
  await close('weight', dw, weightReference(g, x, dy), bound(tile, 'weight', tiles));
  for (const tensor of new Set([...made, ...given, y, dx, dw])) tensor.release();
}

const shape = (n: number, [h, w]: number[], ci: number, co: number, [ph, pw]: number[] = [1, 1]): ConvGeometry => {
  const [ho, wo] = [extent(h, 3, 1, ph, 1), extent(w, 3, 1, pw, 1)];
  return { n, h, w, ci, ho, wo, co, kh: 3, kw: 3, sh: 1, sw: 1, ph, pw, dh: 1, dw: 1, groups: 1 };
};

/** The Gpu, but for some of its members. */
const seen = (changes: Partial<Gpu>): Gpu =>
  new Proxy(gpu, { get: (target, key) => Reflect.get(key in changes ? changes : target, key) });

const next = generator(5);
const CHANNELS = [1, 3, 4, 5, 7, 8, 17, 33];
const random = Array.from({ length: 12 }, () => {
  const pick = (): number => CHANNELS[whole(next, 0, CHANNELS.length - 1)];
  const padding = [whole(next, 0, 2), whole(next, 0, 2)];
  return shape(whole(next, 1, 3), [whole(next, 3, 13), whole(next, 3, 13)], pick(), pick(), padding);
});
const edges = [
  shape(1, [1, 1], 1, 1),
  shape(2, [2, 13], 5, 7),
  shape(3, [7, 1], 3, 4, [0, 2]),
  shape(1, [5, 6], 4, 8, [3, 4]),
  shape(3, [8, 8], 32, 36),
];

describe.each([2, 4] as const)('tiles of %i', (tile) => {
  it.each([...edges, ...random].map((g) => [convKey('', g), g] as const))('%s', (_, g) => check(g, tile));

  it('in chunks of images', async () => {
    const labels: (string | undefined)[] = [];
    const run = (call: KernelCall): void => {
      labels.push(call.label);
      gpu.run(call);
    };
    const machine = machineOf({ software: true });
    await check(shape(3, [400, 401], 1, 1), tile, false, seen({ run, machine }));
    expect(labels.filter((label) => label === 'winograd/dy').length).toBeGreaterThan(1);
  });

  it.skipIf(!gpu.capabilities.f16)('f16 storage', () => check(shape(2, [7, 9], 7, 20), tile, true));

  it('as on a GPU: vectors, tiled products, weight gradients in parts', async () => {
    const machine = seen({ adapter: { ...gpu.adapter, software: false } });
    await check(shape(2, [tile * 16 - 1, tile * 17], 4, 8), tile, false, machine);
  });
});

it('leaves other convolutions alone', () => {
  const g = shape(1, [5, 5], 6, 6);
  expect(winogradFits(g)).toBe(true);
  const others: Partial<ConvGeometry>[] = [
    { kh: 1 },
    { kw: 5 },
    { sh: 2 },
    { sw: 2 },
    { dh: 2 },
    { dw: 2 },
    { groups: 2 },
  ];
  for (const other of others) expect(winogradFits({ ...g, ...other })).toBe(false);
});
