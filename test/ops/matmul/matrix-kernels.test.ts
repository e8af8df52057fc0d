// The kernels on matrix units, everywhere with emulated units, around which all else is as with real ones, and with the real ones where the adapter has them. Operands are
// small whole numbers, so that every sum is exact in f16, too, and results must be equal to the last bit; outputs are poisoned.
import { describe, expect, it } from 'vitest';
import {
  type ConvGeometry,
  convKey,
  extent,
  inputCount,
  outputCount,
  weightCount,
} from '../../../src/ops/conv/kernels/geometry.ts';
import { matrixConvFits, matrixData, matrixForward, matrixWeight } from '../../../src/ops/conv/kernels/matrix.ts';
import { elementsA, elementsB, type Gemm, nestOf } from '../../../src/ops/matmul/kernels/gemm.ts';
import { matmulMatrix } from '../../../src/ops/matmul/kernels/matrix.ts';
import { empty, type Tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { dataReference, forwardReference, randomGeometry, weightReference } from '../../support/conv.ts';
import { gpu, on } from '../../support/gpu.ts';
import { emulating, smallWholes, type Units, unitsToTry } from '../../support/matrix.ts';
import { generator, halfValues } from '../../support/random.ts';

/** C in float64, A and B as they lie in memory. */
function product(p: Gemm, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const { m, n, k, planes, sums } = p;
  const { sides, a: along, b: across, nextA, nextB } = nestOf(p);
  const c = new Float64Array(planes * m * n);
  for (let at = 0; at < planes * sums; at++) {
    const [plane, r] = [Math.floor(at / sums), at % sums];
    let [left, right, rest] = [r * nextA, r * nextB, plane];
    for (let i = sides.length - 1; i >= 0; i--) {
      left += (rest % sides[i]) * along[i];
      right += (rest % sides[i]) * across[i];
      rest = Math.floor(rest / sides[i]);
    }
    const [pa, pb, pc] = [left * m * k, right * k * n, plane * m * n];
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        for (let l = 0; l < k; l++)
          c[pc + i * n + j] +=
            a[pa + (p.transposeA ? l * m + i : i * k + l)] * b[pb + (p.transposeB ? j * k + l : l * n + j)];
  }
  return c;
}

const whole: Gemm = {
  ...{ m: 32, n: 16, k: 32, planes: 1, sums: 1 },
  ...{ transposeA: false, transposeB: false, manyA: false, manyB: false },
};
const sizesOf = (p: Gemm): [number, number] => [elementsA(p), elementsB(p)];

async function checkProduct(units: Units, p: Gemm, out: 'f16' | 'f32'): Promise<void> {
  const [a, b] = sizesOf(p).map((length, i) => smallWholes(i + p.m, length));
  const [x, y] = [a, b].map((values) => on(values, [values.length], 'f16'));
  const exact = Float32Array.from(product(p, a, b));
  for (const tile of units.tiles) {
    const c = empty(gpu, [p.planes, p.m, p.n], 'c', out);
    matmulMatrix(units.gpu, p, [x.slice, y.slice, c.slice], out, tile);
    expect(await c.floats()).toEqual(exact);
    c.release();
  }
  for (const tensor of [x, y]) tensor.release();
}

/** The three directions of a convolution, each against float64. */
async function checkConv(units: Units, g: ConvGeometry): Promise<void> {
  const [x, w, dy] = [inputCount(g), weightCount(g), outputCount(g)].map((n, i) => smallWholes(n + i, n, 2 - (i & 1)));
  const [tx, tw, tdy] = [x, w, dy].map((v) => on(v, [v.length], 'f16'));
  const equal = async (what: string, tensor: Tensor, expected: Float64Array): Promise<void> => {
    expect(await tensor.floats(), `${what} ${convKey('matrix', g)}`).toEqual(Float32Array.from(expected));
    tensor.release();
  };
  for (const tile of units.tiles) {
    const [y, dx, dw] = [dy, x, w].map((v, i) => empty(gpu, [v.length], 'result', i < 2 ? 'f16' : 'f32'));
    matrixForward(units.gpu, g, tx.slice, tw.slice, y.slice, tile);
    matrixData(units.gpu, g, tdy.slice, tw.slice, dx.slice, tile);
    matrixWeight(units.gpu, g, tx.slice, tdy.slice, dw.slice, tile);
    await equal('forward', y, forwardReference(g, x, w));
    await equal('data', dx, dataReference(g, dy, w));
    await equal('weight', dw, weightReference(g, x, dy));
  }
  for (const tensor of [tx, tw, tdy]) tensor.release();
}

type Sides = number | [number, number];
const shape = ([n, h, w, ci, co]: number[], k: Sides, s: Sides = 1, p: Sides = 1, d: Sides = 1): ConvGeometry => {
  const [[kh, kw], [sh, sw], [ph, pw], [dh, dw]] = [k, s, p, d].map((v) => (typeof v === 'number' ? [v, v] : v));
  const [ho, wo] = [extent(h, kh, sh, ph, dh), extent(w, kw, sw, pw, dw)];
  return { n, h, w, ci, ho, wo, co, kh, kw, sh, sw, ph, pw, dh, dw, groups: 1 };
};

const convolutions: [string, ConvGeometry][] = [
  ['eights', shape([2, 6, 5, 16, 24], 3)],
  ['fours', shape([1, 5, 7, 12, 20], 3)],
  ['3 → 17', shape([2, 5, 4, 3, 17], 3)],
  ['5 → 1', shape([1, 4, 6, 5, 1], 3)],
  ['1 → 33', shape([1, 7, 5, 1, 33], [1, 3], 1, [0, 1])],
  ['33 → 16, 1×1', shape([3, 4, 4, 33, 16], 1, 1, 0)],
  ['stride 2', shape([2, 8, 7, 8, 16], 3, 2)],
  ['stride 2, 1×1, uncovered', shape([2, 6, 5, 16, 8], 1, 2, 0)],
  ['strides 3 and 2', shape([1, 10, 9, 8, 8], 3, [3, 2], [0, 2])],
  ['dilations', shape([1, 9, 8, 8, 12], 3, 1, [2, 3], [2, 3])],
  ['padding beyond the kernel', shape([1, 3, 4, 8, 8], 3, 1, 3)],
  ['one pixel', shape([1, 1, 1, 16, 16], 3)],
  ['images smaller than a step', shape([9, 2, 3, 8, 8], 3)],
  ['many pixels, in parts', shape([5, 13, 9, 4, 8], 1, 1, 0)],
];

describe.each(unitsToTry)('units $name', (units) => {
  describe.skipIf(units.missing)('products', () => {
    const flags = [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => ({ transposeA, transposeB })),
    );
    it.each(flags)('of whole tiles and odd sizes, %o', async (transposes) => {
      await checkProduct(units, { ...whole, ...transposes }, 'f32');
      await checkProduct(units, { ...whole, ...transposes, m: 40, n: 24, k: 40 }, 'f32');
      if (units.brief) return;
      await checkProduct(units, { ...whole, ...transposes, m: 37, n: 21, k: 35 }, 'f32');
      await checkProduct(units, { ...whole, ...transposes, m: 1, n: 1, k: 1 }, 'f32');
    });

    it.skipIf(units.brief)('stored as f16', () => checkProduct(units, { ...whole, m: 20, n: 40, k: 24 }, 'f16'));

    it.each([
      { planes: 3, sums: 1, manyA: true, manyB: true },
      { planes: 3, sums: 1, manyA: false, manyB: true },
      { planes: 1, sums: 3, manyA: true, manyB: true },
      {
        ...{ planes: 6, sums: 2, manyA: true, manyB: true },
        nest: { sides: [2, 3], a: [2, 0], b: [0, 1], nextA: 1, nextB: 3, countA: 4, countB: 6 },
      },
    ])('in planes and sums, %o', (many) => checkProduct(units, { ...whole, ...many, m: 17, n: 24, k: 40 }, 'f32'));

    it('over more rows of tiles than a patch has', () => checkProduct(units, { ...whole, m: 320, n: 40, k: 8 }, 'f32'));
  });

  describe.skipIf(units.missing)('convolutions', () => {
    const eights = ([, { ci, co }]: (typeof convolutions)[number]): boolean => ci % 8 === 0 && co % 8 === 0;
    it.each(units.brief ? convolutions.filter(eights) : convolutions)('%s', (_, g) => checkConv(units, g));

    const next = generator(23);
    const random = Array.from({ length: 24 }, () => randomGeometry(next)).filter(({ groups }) => groups === 1);
    it.each(random.slice(0, units.brief ? 0 : 10).map((g) => [convKey('random', g), g] as const))('%s', (_, g) =>
      checkConv(units, g),
    );
  });

  describe.skipIf(units.missing || units.brief)('sums', () => {
    it('add up in f32 and round once', async () => {
      const p = { ...whole, m: 16, n: 16, k: 300 };
      const [a, b] = sizesOf(p).map((length, i) => halfValues(i + 1, length));
      const [x, y] = [a, b].map((values) => on(values, [values.length], 'f16'));
      const exact = product(p, a, b);
      for (const [out, tolerance] of [
        // Each of 300 additions of products below 1 rounds a sum below 20 by at most 2⁻²⁴ of it; storage in f16 then loses up to 2⁻¹⁰ of the value.
        ['f32', 300 * 2 ** -24],
        ['f16', 2 ** -10],
      ] as const) {
        const c = empty(gpu, [p.m, p.n], 'c', out);
        matmulMatrix(units.gpu, p, [x.slice, y.slice, c.slice], out, units.tiles[0]);
        expect(relativeError(await c.floats(), exact)).toBeLessThan(tolerance);
        c.release();
      }
      for (const tensor of [x, y]) tensor.release();
    });

    it('give weight gradients in parts the same bits every time', async () => {
      const g = shape([5, 13, 9, 4, 8], 1, 1, 0);
      const [x, dy] = [inputCount(g), outputCount(g)].map((n, i) => on(halfValues(i + 1, n), [n], 'f16'));
      const runs = await Promise.all(
        [0, 1].map(async () => {
          const dw = empty(gpu, [weightCount(g)], 'dw');
          matrixWeight(units.gpu, g, x.slice, dy.slice, dw.slice, units.tiles[0]);
          return new Uint32Array((await dw.floats()).buffer);
        }),
      );
      expect(runs[1]).toEqual(runs[0]);
    });
  });
});

describe.skipIf(unitsToTry[0].missing)('emulated units', () => {
  const [tiny] = unitsToTry;

  it('of the tile that is chosen, with all of its units', async () => {
    await checkProduct({ ...tiny, tiles: [undefined] }, { ...whole, m: 70, n: 65, k: 37 }, 'f32');
  });

  it('have no groups', () => {
    const g = shape([1, 4, 4, 8, 8], 3);
    expect(matrixConvFits(emulating({ M: 8, N: 8, K: 8 }), g)).toBe(true);
    expect(matrixConvFits(emulating({ M: 8, N: 8, K: 8 }), { ...g, groups: 2 })).toBe(false);
  });
});
