// Similarity of colors against BoxInst's own, and against float64 on odd sizes, pictures of several extents, and other strides.
import { expect, it } from 'vitest';
import { colorSimilarity } from '../../../src/ops/index.ts';
import { loadGolden } from '../../golden/golden.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, whole } from '../../support/random.ts';

const D65 = [0.95047, 1, 1.08883];
const XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];

function lab(bytes: number[]): number[] {
  const light = bytes.map((v) => (v / 255 > 0.04045 ? ((v / 255 + 0.055) / 1.055) ** 2.4 : v / 255 / 12.92));
  const [x, y, z] = XYZ.map((row, i) => {
    const t = row.reduce((sum, part, c) => sum + part * light[c], 0) / D65[i];
    return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

type Shape = readonly [n: number, height: number, width: number];

function reference(pixels: Uint8Array, [n, height, width]: Shape, extents: number[], stride: number): Float64Array {
  const [h, w] = [Math.floor(height / stride), Math.floor(width / stride)];
  const color = (image: number, row: number, column: number): number[] =>
    lab(
      [0, 1, 2].map((c) => {
        let sum = 0;
        for (let y = row * stride; y < (row + 1) * stride; y++)
          for (let x = column * stride; x < (column + 1) * stride; x++)
            sum += pixels[((image * height + y) * width + x) * 3 + c];
        return Math.floor(sum / stride ** 2);
      }),
    );
  const middle = Math.floor(stride / 2);
  const out = new Float64Array(n * h * w * 8);
  let at = 0;
  for (let image = 0; image < n; image++)
    for (let row = 0; row < h; row++)
      for (let column = 0; column < w; column++)
        for (const down of [-2, 0, 2])
          for (const right of [-2, 0, 2]) {
            if (down === 0 && right === 0) continue;
            const [y, x] = [row + down, column + right];
            const there = y >= 0 && x >= 0 && y < h && x < w;
            if (there && y * stride + middle < extents[2 * image] && x * stride + middle < extents[2 * image + 1]) {
              const other = color(image, y, x);
              const squares = color(image, row, column).map((v, i) => (v - other[i]) ** 2);
              out[at] = Math.exp(-Math.sqrt(squares.reduce((a, b) => a + b)) / 2);
            }
            at++;
          }
  return out;
}

/** Relative to each value, the largest: none where one of two is 0. */
function worst(actual: Float32Array, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let most = 0;
  for (const [i, value] of actual.entries()) {
    if (value === 0 && expected[i] === 0) continue;
    // Of what is nearly 0, the error beside the least number that means anything.
    most = Math.max(most, Math.abs(value - expected[i]) / Math.max(expected[i], 1e-6));
  }
  return most;
}

// In units of 6e-8, a root is off by about 5: 500 times the difference of two, halved, of two colors, 1.5e-4; the issue asks for 1e-4, and what is here is a tenth of that.
const TOLERANCE = 1e-4;

it("is BoxInst's own", async () => {
  const golden = loadGolden('color-similarity');
  const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
  const [height, width] = golden.shape;
  const y = colorSimilarity(
    on(bytes(golden.pixels), [1, height, width, 3], 'u8'),
    on([golden.rows, width], [1, 2], 'u32'),
  );
  const [, h, w] = y.shape;
  const expected = new Float32Array(bytes(golden.similarity).buffer);
  const known = (_: number, i: number): boolean => Math.floor(i / (8 * w)) >= 2 && Math.floor(i / 8) % w >= 2;
  expect([h, w, expected.length]).toEqual([12, 16, h * w * 8]);
  expect(worst((await y.floats()).filter(known), expected.filter(known))).toBeLessThan(TOLERANCE);
});

it.each<[Shape, number[], number]>([
  [[1, 1, 1], [1, 1], 1],
  [[1, 3, 7], [3, 7], 4],
  [[2, 19, 26], [19, 26, 11, 14], 4],
  [[3, 13, 9], [13, 9, 5, 9, 0, 0], 2],
  [[2, 17, 15], [16, 3, 17, 15], 3],
  [[2, 9, 8], [5, 8, 9, 2], 1],
])('pictures %j of which %j count, at stride %i', async (shape, extents, stride) => {
  const [n, height, width] = shape;
  const next = generator(n * 1009 + height * 31 + width);
  // Colors near each other, so that similarities are neither 0 nor 1; the darkest are linear in both curves.
  const pixels = Uint8Array.from({ length: n * height * width * 3 }, (_, i) => whole(next, 0, 9) + 80 * (i % 2));
  const y = colorSimilarity(on(pixels, [...shape, 3], 'u8'), on(extents, [n, 2], 'u32'), { stride });
  expect(y.shape).toEqual([n, Math.floor(height / stride), Math.floor(width / stride), 8]);
  expect(y.requiresGrad).toBe(false);
  if (y.size > 0) expect(worst(await y.floats(), reference(pixels, shape, extents, stride))).toBeLessThan(TOLERANCE);
});

it('is 1 of equal colors, whatever they are', async () => {
  for (const value of [0, 1, 10, 11, 128, 255]) {
    const y = colorSimilarity(
      on(new Uint8Array(8 * 8 * 3).fill(value), [1, 8, 8, 3], 'u8'),
      on([8, 8], [1, 2], 'u32'),
      {
        stride: 2,
      },
    );
    expect(new Set(await y.floats())).toEqual(new Set([0, 1]));
  }
});

it('gives the same bits when it is replayed, and allocates nothing', async () => {
  const pixels = on(new Uint8Array(2 * 32 * 32 * 3).fill(7), [2, 32, 32, 3], 'u8');
  const extents = on([32, 32, 20, 32], [2, 2], 'u32');
  let y = colorSimilarity(pixels, extents);
  const program = gpu.capture('colors', () => {
    y = colorSimilarity(pixels, extents);
  });
  const drawn = Uint8Array.from({ length: pixels.size }, (_, i) => (i * 37) % 251);
  pixels.set(drawn);
  extents.set(Uint32Array.of(28, 30, 32, 32));
  program.replay();
  expect(await y.data()).toEqual(await colorSimilarity(pixels, extents).data());
  program.dispose();
});

it('says what it does not take', () => {
  const extents = on([8, 8], [1, 2], 'u32');
  const pixels = on(new Uint8Array(192), [1, 8, 8, 3], 'u8');
  expect(() => colorSimilarity(on(new Float32Array(192), [1, 8, 8, 3]), extents)).toThrow(/is f32, it must be u8/);
  expect(() => colorSimilarity(on(new Uint8Array(64), [1, 8, 8, 1], 'u8'), extents)).toThrow('must be [N×H×W×3]');
  expect(() => colorSimilarity(pixels, on([8, 8, 8, 8], [2, 2], 'u32'))).toThrow(/must be \[1×2\]/);
  expect(() => colorSimilarity(pixels, extents, { stride: 0 })).toThrow('stride is 0');
});
