// Batches on the GPU against a reference in float64 that does image by image what timm does to tensors: normalize, erase, mix.
import { describe, expect, it } from 'vitest';
import type { DrawKey } from '../../../src/data/transform/draws.ts';
import { Draws } from '../../../src/data/transform/draws.ts';
import { drawErased, type Erasing, erasedBox } from '../../../src/data/transform/erasing.ts';
import { FinishedBatch, type FinishedBatchOptions } from '../../../src/data/transform/finished-batch.ts';
import { beta, cutBox, drawMix, type Mixing } from '../../../src/data/transform/mixing.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { normalArray } from '../../../src/tensor/random.ts';
import { loadGolden } from '../../golden/golden.ts';
import { gpu, on } from '../../support/gpu.ts';
import { picture, toBox, uniforms } from './picture.ts';

const { erased, cuts } = loadGolden('pictures');
const STATS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const key = (index: number): DrawKey => ({ seed: 5, epoch: 2, index });

describe('which boxes', () => {
  it.each(erased)('are erased of $size by $draws', ({ draws, size, area, ratio, box }) => {
    expect(erasedBox(size, { area, ratio }, uniforms(draws))).toEqual(box ? toBox(box) : undefined);
  });

  it.each(cuts)('are cut of $size with a share of $share', ({ size, share, row, column, box, labels }) => {
    const cut = cutBox(share, size, row, column);
    expect(cut).toEqual(toBox(box));
    expect(1 - (cut.width * cut.height) / size ** 2).toBeCloseTo(labels, 12);
  });
});

describe('how often', () => {
  const share = (of: (index: number) => unknown): number =>
    Array.from({ length: 2000 }, (_, index) => of(index)).filter(Boolean).length / 2000;
  // Five standard errors of a share of 2,000.
  const near = (part: number): number => 5 * Math.sqrt((part * (1 - part)) / 2000);

  it('images are erased', () => {
    expect(Math.abs(share((i) => drawErased(key(i), 32, {})) - 0.25)).toBeLessThan(near(0.25));
    expect(share((i) => drawErased(key(i), 32, { probability: 0 }))).toBe(0);
  });

  it.each<[Mixing, number, number]>([
    [{}, 0.5, 0.5],
    [{ probability: 0.6, switching: 0.25 }, 0.45, 0.15],
    [{ cutmix: 0 }, 1, 0],
    [{ mixup: 0 }, 0, 1],
    [{ mixup: 0, cutmix: 0 }, 0, 0],
  ])('batches are mixed by %j', (how, mixup, cutmix) => {
    expect(Math.abs(share((i) => drawMix(key(i), 32, how).pixels < 1) - mixup)).toBeLessThanOrEqual(near(mixup));
    expect(Math.abs(share((i) => drawMix(key(i), 32, how).box) - cutmix)).toBeLessThanOrEqual(near(cutmix));
  });

  it.each([0.2, 0.8, 1, 3])('a share comes from Beta(%d, %d)', (alpha) => {
    const draws = new Draws(key(0), 1);
    const values = Array.from({ length: 4000 }, () => beta(alpha, draws));
    const square = values.reduce((sum, v) => sum + (v - 0.5) ** 2, 0) / values.length;
    const variance = 1 / (4 * (2 * alpha + 1));
    expect(values.every((v) => v >= 0 && v <= 1)).toBe(true);
    expect(Math.abs(values.reduce((a, b) => a + b) / 4000 - 0.5)).toBeLessThan(5 * Math.sqrt(variance / 4000));
    // (v − ½)² lies in 0 … ¼, so its deviation is at most ⅛.
    expect(Math.abs(square - variance)).toBeLessThan((5 * 0.125) / Math.sqrt(4000));
  });
});

/** In float64: what each image and label becomes. */
function reference(
  pixels: Uint8Array,
  labels: Uint32Array,
  { batch, size, classes, erasing, mixing }: FinishedBatchOptions,
  step: DrawKey,
  keys: readonly DrawKey[],
) {
  const length = size * size * 3;
  const single = (b: number): Float64Array => {
    const gone = erasing && drawErased(keys[b], size, erasing);
    const noise = gone && normalArray(length + 3, ...gone.noise);
    return Float64Array.from({ length }, (_, i) => {
      const [column, row] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
      if (gone && inBox(gone.box, column, row)) return erasing.mode === 'const' ? 0 : noise![i];
      return (pixels[b * length + i] / 255 - STATS.mean[i % 3]) / STATS.std[i % 3];
    });
  };
  const mix = mixing ? drawMix(step, size, mixing) : { pixels: 1, labels: 1, box: undefined };
  const all = Array.from({ length: batch }, (_, b) => single(b));
  const x = all.flatMap((own, b) => {
    const other = all[batch - 1 - b];
    return [...own].map((v, i) => {
      if (mix.box && inBox(mix.box, Math.floor(i / 3) % size, Math.floor(i / 3 / size))) return other[i];
      return mix.pixels * v + (1 - mix.pixels) * other[i];
    });
  });
  const y = Array.from({ length: batch * classes }, (_, i) => {
    const [b, k] = [Math.floor(i / classes), i % classes];
    return (labels[b] === k ? mix.labels : 0) + (labels[batch - 1 - b] === k ? 1 - mix.labels : 0);
  });
  return { x, y, mix };
}

const inBox = (
  box: { left: number; top: number; width: number; height: number },
  column: number,
  row: number,
): boolean => column >= box.left && column < box.left + box.width && row >= box.top && row < box.top + box.height;

/** A step's index whose batch is mixed so. */
function stepWith(size: number, mixing: Mixing, fits: (mix: ReturnType<typeof drawMix>) => boolean): DrawKey {
  let index = 0;
  while (!fits(drawMix(key(index), size, mixing))) index++;
  return key(index);
}

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Number.isNaN(a[i]) ? Infinity : Math.abs(a[i] - b[i]));
  return most;
};

const PIXEL: Erasing = { probability: 0.7, mode: 'pixel' };
const CONST: Erasing = { probability: 0.7, mode: 'const' };

describe('on the GPU', () => {
  it.each<[string, number, number, Erasing?, Mixing?, ('mixup' | 'cutmix' | 'none')?]>([
    ['normalized only', 3, 9],
    ['erased by noise', 4, 13, PIXEL],
    ['erased by the mean', 5, 7, CONST],
    ['Mixup', 3, 11, undefined, {}, 'mixup'],
    ['CutMix', 5, 12, undefined, {}, 'cutmix'],
    ['Mixup of what is erased', 6, 17, PIXEL, {}, 'mixup'],
    ['CutMix of what is erased', 5, 23, CONST, {}, 'cutmix'],
    ['a batch that is not mixed', 2, 5, undefined, { probability: 0.5 }, 'none'],
  ])('%s, batch %d of %d', async (_, batch, size, erasing, mixing, wanted) => {
    const step = mixing
      ? stepWith(size, mixing, ({ pixels, box }) => wanted === (box ? 'cutmix' : pixels < 1 ? 'mixup' : 'none'))
      : key(0);
    const options = { batch, size, classes: 7, normalization: STATS, erasing, mixing };
    const pixels = picture('finish', size, size * batch).data;
    const labels = Uint32Array.from({ length: batch }, (_, i) => (i * 3) % 7);
    const keys = Array.from({ length: batch }, (_, i) => key(100 + i));
    if (erasing) expect(keys.some((k) => drawErased(k, size, erasing))).toBe(true);
    const expected = reference(pixels, labels, options, step, keys);
    for (const dtype of gpu.capabilities.f16 ? (['f32', 'f16'] as const) : (['f32'] as const)) {
      const finished = new FinishedBatch(gpu, { ...options, dtype });
      finished.set(pixels, labels, { images: keys, step });
      finished.next();
      // Values are below 6: noise within 10⁻⁶ of that, three roundings of a mixture; in f16 half a unit of 2⁻⁸ at 4 … 8 more.
      const within = dtype === 'f16' ? 2 ** -9 + 8e-6 : 8e-6;
      expect(farthest(await finished.x.floats(), expected.x)).toBeLessThan(within);
      if (mixing) expect(farthest(await finished.y.floats(), expected.y)).toBeLessThan(2 ** -23);
      else expect(await finished.y.data()).toEqual(labels);
      finished.release();
    }
  });

  it.each([undefined, {}])('comes in parts as it comes whole, mixed by %j', async (mixing) => {
    const options = { batch: 6, size: 5, classes: 3, normalization: STATS, erasing: PIXEL, mixing };
    const [whole, parted] = [1, 3].map((parts) => new FinishedBatch(gpu, { ...options, parts }));
    const keys = Array.from({ length: 6 }, (_, i) => key(100 + i));
    for (const finished of [whole, parted])
      finished.set(picture('parts', 5, 30).data, Uint32Array.of(0, 1, 2, 0, 1, 1), { images: keys, step: key(3) });
    whole.next();
    for (let i = 0; i < 3; i++) {
      parted.next(i);
      for (const name of ['x', 'y', 'labels'] as const) {
        const [all, part] = await Promise.all([whole[name].data(), parted[name].data()]);
        expect(part).toEqual(all.slice((i * all.length) / 3, ((i + 1) * all.length) / 3));
      }
    }
    for (const finished of [whole, parted]) finished.release();
    expect(() => new FinishedBatch(gpu, { ...options, parts: 4 })).toThrow(
      'a batch of 6 does not come in 4 equal parts',
    );
  });

  it('replays with what was set last, and without keys does nothing but normalize', async () => {
    const options = { batch: 4, size: 6, classes: 3, normalization: STATS, erasing: PIXEL, mixing: {} };
    const finished = new FinishedBatch(gpu, options);
    const program = gpu.capture('finish', () => finished.next());
    for (const index of [0, 1, 2]) {
      const pixels = picture(`replay ${index}`, 6, 24).data;
      const labels = Uint32Array.of(index, 1, 2, 0);
      const keys = [0, 1, 2, 3].map((i) => key(index * 4 + i));
      finished.set(pixels, labels, { images: keys, step: key(index) });
      program.replay();
      const { x, y } = reference(pixels, labels, options, key(index), keys);
      expect(farthest(await finished.x.floats(), x)).toBeLessThan(8e-6);
      expect(farthest(await finished.y.floats(), y)).toBeLessThan(2 ** -23);
    }
    const pixels = picture('plain', 6, 24).data;
    finished.set(pixels, Uint32Array.of(0, 1, 2, 0));
    program.replay();
    const plain = reference(
      pixels,
      Uint32Array.of(0, 1, 2, 0),
      { ...options, erasing: undefined, mixing: undefined },
      key(0),
      [],
    );
    expect(farthest(await finished.x.floats(), plain.x)).toBeLessThan(1e-6);
    expect(await finished.y.floats()).toEqual(Float32Array.from(plain.y));
    finished.release();
  });
});

it('crossEntropy smooths shares as timm smooths mixed targets', async () => {
  const [classes, share, smoothing] = [5, 0.3, 0.1];
  const off = smoothing / classes;
  const target = (label: number): number[] =>
    Array.from({ length: classes }, (_, k) => (k === label ? 1 - smoothing + off : off));
  const smoothed = target(1).map((v, k) => share * v + (1 - share) * target(3)[k]);
  const logits = on([0.5, -1, 2, 0.25, 1], [1, classes]);
  const shares = on([0, share, 0, 1 - share, 0], [1, classes]);
  const loss = await crossEntropy(logits, shares, { labelSmoothing: smoothing }).item();
  expect(loss).toBeCloseTo(await crossEntropy(logits, on(smoothed, [1, classes])).item(), 6);
});

it.each<[Partial<FinishedBatchOptions>, RegExp]>([
  [{ size: 0 }, /size 0: it must be a whole number from 1/],
  [{ erasing: { probability: 2 } }, /erasing.probability 2: it must be from 0 to 1/],
  [
    { erasing: { area: [0.5, 0.1] } },
    /erasing.area 0.5,0.1: it must be two numbers above 0 and up to 1, the smaller one first/,
  ],
  [{ mixing: { mixup: -1 } }, /mixing.mixup -1: it must be 0 or more/],
  [{ mixing: { switching: Number.NaN } }, /mixing.switching NaN: it must be from 0 to 1/],
])('%j is refused', (change, message) => {
  const options = { batch: 2, size: 4, classes: 3, normalization: STATS, ...change };
  expect(() => new FinishedBatch(gpu, options)).toThrow(message);
});
