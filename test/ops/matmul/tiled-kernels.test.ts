// The tiled kernels for GPUs, convolution and matrix product, straight: every tile and split, both storages, epilogues, on shapes with ragged edges.
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/gpu/device/half.ts';
import type { Slice } from '../../../src/gpu/kernel/memory.ts';
import {
  type ConvGeometry,
  extent,
  inputCount,
  outputCount,
  weightCount,
} from '../../../src/ops/conv/kernels/geometry.ts';
import { convSum } from '../../../src/ops/conv/kernels/sum.ts';
import {
  tiledData,
  tiledDataNames,
  tiledForward,
  tiledForwardNames,
  tiledWeight,
  tiledWeightNames,
} from '../../../src/ops/conv/kernels/tiled.ts';
import { applyEpilogue, type Epilogue } from '../../../src/ops/matmul/kernels/epilogue.ts';
import type { Gemm } from '../../../src/ops/matmul/kernels/gemm.ts';
import { tiled, tilesFor } from '../../../src/ops/matmul/kernels/tiled.ts';
import type { TileName, TileSize } from '../../../src/ops/matmul/kernels/vector-tiles.ts';
import type { Storage } from '../../../src/tensor/storage.ts';
import { empty, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { dataReference, forwardReference, terms, weightReference } from '../../support/conv.ts';
import { gpu } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const STORAGES: Storage[] = gpu.capabilities.f16 ? ['f32', 'f16'] : ['f32'];

/**
 * A sum of n products of numbers below 1, in any order, is off by at most n·ε·n; rounding errors walk, so √n·ε·√n is seen. ε = 6e-8. A result in f16 is rounded
 * once more, by at most 2⁻¹¹ (2⁻¹⁰ where an adapter does not round to nearest).
 */
const tolerance = (n: number, stored: string): number => 6e-8 * (n + 2) + (stored === 'f16' ? 2 ** -10 : 0);

async function close(what: string, actual: Tensor, expected: ArrayLike<number>, n: number): Promise<void> {
  expect(relativeError(await actual.floats(), expected), what).toBeLessThan(tolerance(n, actual.dtype));
  actual.release();
}

/** Random values as a tensor stores them, and the tensor. */
function stored(seed: number, length: number, type: Storage): { exact: Float32Array; on: Tensor } {
  const drawn = values(seed, length);
  const exact = type === 'f16' ? fromHalf(toHalf(drawn)) : drawn;
  return { exact, on: tensor(gpu, exact, [length], 'operand', type) };
}

const PARTS = ['scale', 'shift', 'residual', 'relu'] as const;
type Part = (typeof PARTS)[number];

/** An epilogue of some parts for [pixels, channels], and what it makes of exact sums. */
function epilogueOf(parts: readonly Part[], pixels: number, channels: number, type: Storage) {
  const [scale, shift] = [stored(91, channels, 'f32'), stored(92, channels, 'f32')];
  const residual = stored(93, pixels * channels, type);
  const has = (part: Part): boolean => parts.includes(part);
  const epilogue: Epilogue = {
    ...(has('scale') ? { scale: scale.on.slice } : {}),
    ...(has('shift') ? { shift: shift.on.slice } : {}),
    ...(has('residual') ? { residual: residual.on.slice } : {}),
    ...(has('relu') ? { relu: true } : {}),
  };
  const expected = (sums: Float64Array): Float64Array =>
    sums.map((sum, i) => {
      let y = sum;
      if (has('scale')) y *= scale.exact[i % channels];
      if (has('shift')) y += shift.exact[i % channels];
      if (has('residual')) y += residual.exact[i];
      return has('relu') ? Math.max(0, y) : y;
    });
  return { epilogue, expected };
}

const shape = (n: number, h: number, w: number, ci: number, co: number, k: number, s = 1, p = k >> 1, d = 1) =>
  ({
    ...{ n, h, w, ci, ho: extent(h, k, s, p, d), wo: extent(w, k, s, p, d), co, kh: k, kw: k },
    ...{ sh: s, sw: s, ph: p, pw: p, dh: d, dw: d, groups: 1 },
  }) satisfies ConvGeometry;

const CONVOLUTIONS: [string, ConvGeometry][] = [
  ['one pixel, 3 → 5', shape(1, 1, 1, 3, 5, 3)],
  ['7 → 17', shape(2, 7, 5, 7, 17, 3)],
  ['4 → 36, 5×5', shape(1, 6, 9, 4, 36, 5)],
  ['20 → 8, stride 2', shape(2, 7, 6, 20, 8, 3, 2)],
  ['1×1, stride 2', shape(2, 5, 4, 12, 8, 1, 2)],
  ['1×1, stride 3, padding 1: no input meets a tap', shape(2, 2, 2, 4, 5, 1, 3, 1)],
  ['3×3, dilation 2, padding 3', shape(1, 7, 8, 8, 12, 3, 1, 3, 2)],
  ['long depth', shape(1, 3, 3, 32, 36, 3)],
];

async function checkConvolution(g: ConvGeometry, name: TileName, size: TileSize): Promise<void> {
  const type: Storage = g.half ? 'f16' : 'f32';
  const [x, w, dy] = [inputCount(g), weightCount(g), outputCount(g)].map((n, i) => stored(n + i, n, type));
  const [y, dx] = [dy, x].map(({ exact }) => empty(gpu, [exact.length], 'result', type));
  const dw = empty(gpu, [w.exact.length], 'dw');
  tiledForward(gpu, g, x.on.slice, w.on.slice, y.slice, name);
  tiledData(gpu, g, dy.on.slice, w.on.slice, dx.slice, name);
  tiledWeight(gpu, g, x.on.slice, dy.on.slice, dw.slice, size);
  const n = terms(g);
  await close('forward', y, forwardReference(g, x.exact, w.exact), n.forward);
  await close('data', dx, dataReference(g, dy.exact, w.exact), n.data);
  await close('weight', dw, weightReference(g, x.exact, dy.exact), n.weight);
  for (const { on } of [x, w, dy]) on.release();
}

describe.each(STORAGES)('convolution in %s', (type) => {
  const half = type === 'f16';
  it.each(CONVOLUTIONS)('small tiles, %s', (_, g) => checkConvolution({ ...g, half }, 'small', 'small'));
  it('small tiles, depth split', () =>
    checkConvolution({ ...shape(1, 4, 3, 32, 36, 3), half }, 'small split', 'small'));
  it('pixels split', () => checkConvolution({ ...shape(1, 19, 18, 5, 8, 3), half }, 'small', 'small'));
  const [ragged, size]: [ConvGeometry, TileSize] = half
    ? [shape(1, 9, 8, 12, 68, 3), 'medium']
    : [shape(1, 12, 11, 20, 132, 3, 1, 2), 'huge'];
  it(`${size} tiles`, () => checkConvolution({ ...ragged, half }, size, size));
});

it('convolution, large tiles', () => checkConvolution(shape(1, 12, 11, 20, 68, 3, 1, 2), 'large', 'large'));

describe.each<[Part[], Storage, number, TileName]>([
  [['scale', 'shift', 'residual', 'relu'], 'f32', 12, 'small'],
  [['scale', 'shift', 'residual', 'relu'], 'f32', 7, 'small'],
  [['scale', 'shift', 'residual', 'relu'], 'f16', 36, 'small split'],
  [['shift'], 'f16', 12, 'small'],
])('convolution with %j in %s', (parts, type, co, name) => {
  it.skipIf(!STORAGES.includes(type))(`${co} channels, ${name}`, async () => {
    const g = { ...shape(2, 3, 4, 32, co, 3), half: type === 'f16' };
    const [x, w] = [inputCount(g), weightCount(g)].map((n, i) => stored(n + i, n, type));
    const { epilogue, expected } = epilogueOf(parts, g.n * g.ho * g.wo, co, type);
    const y = empty(gpu, [outputCount(g)], 'y', type);
    tiledForward(gpu, g, x.on.slice, w.on.slice, y.slice, name, epilogue);
    await close('forward', y, expected(forwardReference(g, x.exact, w.exact)), terms(g).forward);
  });
});

describe('the epilogue as a pass', () => {
  const checkPass = async (parts: readonly Part[], pixels: number, channels: number, type: Storage): Promise<void> => {
    const y = stored(5, pixels * channels, type);
    const { epilogue, expected } = epilogueOf(parts, pixels, channels, type);
    applyEpilogue(gpu, y.on.slice, pixels, channels, epilogue, type);
    await close(`${pixels}×${channels}`, y.on, expected(Float64Array.from(y.exact)), 4);
  };
  const combinations = Array.from({ length: 16 }, (_, bits) => PARTS.filter((_part, i) => bits & (1 << i)));

  it.each(combinations.map((parts) => ({ parts })))('$parts', ({ parts }) => checkPass(parts, 257, 12, 'f32'));
  it.each([
    [1, 1],
    [13, 7],
    [100, 260],
  ])('%i pixels, %i channels', async (pixels, channels) => {
    for (const type of STORAGES) await checkPass(PARTS, pixels, channels, type);
  });
});

interface Sizes {
  m: number;
  n: number;
  k: number;
  planes?: number;
  sums?: number;
}

const product = ({ m, n, k, planes = 1, sums = 1 }: Sizes, transposes: string): Gemm => {
  const many = planes * sums > 1;
  const [transposeA, transposeB] = [transposes[0] === 'T', transposes[1] === 'T'];
  return { m, n, k, planes, sums, transposeA, transposeB, manyA: many, manyB: many };
};

function productReference(p: Gemm, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const { m, n, k, planes, sums, transposeA, transposeB, manyA, manyB } = p;
  const c = new Float64Array(planes * m * n);
  for (let at = 0; at < c.length; at++) {
    const [plane, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    for (let r = 0; r < sums; r++)
      for (let i = 0; i < k; i++)
        c[at] +=
          a[(manyA ? (plane + r) * m * k : 0) + (transposeA ? i * m + row : row * k + i)] *
          b[(manyB ? (plane + r) * k * n : 0) + (transposeB ? column * k + i : i * n + column)];
  }
  return c;
}

const run = async (
  p: Gemm,
  name: TileName,
  [operands, result]: [Storage, Storage],
  parts: Part[] = [],
): Promise<void> => {
  const many = p.planes * p.sums;
  const a = stored(1, p.m * p.k * (p.manyA ? many : 1), operands);
  const b = stored(2, p.k * p.n * (p.manyB ? many : 1), operands);
  const { epilogue, expected } = epilogueOf(parts, p.planes * p.m, p.n, result);
  const c = empty(gpu, [p.planes * p.m * p.n], 'c', result);
  const slices: Slice[] = [a.on.slice, b.on.slice, c.slice];
  tiled(gpu, { ...p, operands, result }, name, slices, epilogue);
  await close(name, c, expected(productReference(p, a.exact, b.exact)), p.k * p.sums);
};

describe('product', () => {
  it.each<[Sizes, string, TileName]>([
    [{ m: 1, n: 1, k: 1 }, 'NN', 'small'],
    [{ m: 36, n: 40, k: 20 }, 'NN', 'small'],
    [{ m: 7, n: 13, k: 17, planes: 2 }, 'NN', 'small'],
    [{ m: 36, n: 40, k: 20 }, 'TT', 'small'],
    [{ m: 7, n: 13, k: 17, sums: 3 }, 'TT', 'small'],
    [{ m: 4, n: 36, k: 260 }, 'TT', 'small split'],
    [{ m: 3, n: 5, k: 90, sums: 3 }, 'TT', 'small split'],
    [{ m: 132, n: 140, k: 20 }, 'NN', 'huge'],
    [{ m: 72, n: 68, k: 36 }, 'TN', 'medium'],
  ])('%j %s %s in f32', (sizes, transposes, name) => run(product(sizes, transposes), name, ['f32', 'f32']));

  it.skipIf(!gpu.capabilities.f16).each<[Sizes, string, TileName, Storage, Part[]]>([
    [{ m: 36, n: 40, k: 20 }, 'NN', 'small', 'f16', ['shift']],
    [{ m: 7, n: 13, k: 17 }, 'NN', 'small', 'f16', ['shift']],
    [{ m: 12, n: 8, k: 300, planes: 2 }, 'TN', 'small split', 'f32', []],
    [{ m: 132, n: 68, k: 20 }, 'NT', 'large', 'f16', ['scale', 'shift', 'residual', 'relu']],
  ])('%j %s %s in f16, result %s, with %j', (sizes, transposes, name, result, parts) =>
    run(product(sizes, transposes), name, ['f16', result], parts),
  );
});

it.each([1, 8])('planes are added up by %i threads an element', async (shares) => {
  const g = shape(1, 4, 4, 3, 5, 2);
  const planes = 37;
  const { exact, on } = stored(3, planes * 4 * 4 * 8, 'f32');
  const dw = empty(gpu, [weightCount(g)], 'dw');
  convSum(gpu, g, { ci: 4, co: 8, planes }, on.slice, dw.slice, shares);
  const expected = new Float64Array(weightCount(g)).map((_, i) => {
    const at = (Math.floor(i / 15) * 4 + (Math.floor(i / 5) % 3)) * 8 + (i % 5);
    let sum = 0;
    for (let plane = 0; plane < planes; plane++) sum += exact[plane * 128 + at];
    return sum;
  });
  await close('dw', dw, expected, planes);
});

it('offers the tiles that a shape can use, the one that fills a GPU first', () => {
  const wide = shape(512, 32, 32, 64, 128, 3);
  expect(tiledForwardNames(gpu, wide)).toEqual(['huge', 'large', 'medium', 'small']);
  expect(tiledForwardNames(gpu, { ...wide, co: 64 })).toEqual(['large', 'medium', 'small']);
  const deep = shape(8, 4, 4, 512, 512, 3);
  expect(tiledForwardNames(gpu, deep)[0]).toBe('large split');
  expect(tiledDataNames(gpu, deep)).toContain('small split');
  expect(tiledWeightNames(gpu, deep)).toEqual(['large', 'huge', 'medium', 'small']);
  const linear = product({ m: 512, n: 1000, k: 512 }, 'NN');
  expect(tilesFor(gpu, linear)[0]).toMatch(/split|small|medium/);
  expect(new Set(tilesFor(gpu, linear)).size).toBe(tilesFor(gpu, linear).length);
});
