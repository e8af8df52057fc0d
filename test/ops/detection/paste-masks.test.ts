// Masks as bits of a picture, against the same in float64 step by step; where a value lies on the threshold, either bit is right.
import { describe, expect, it } from 'vitest';
import { type MaskPlacement, pasteMasks } from '../../../src/ops/index.ts';
import { keep, scope, TensorError, tensor } from '../../../src/tensor/index.ts';
import { gpu, on } from '../../support/gpu.ts';
import { pasted, plane } from '../../support/pasting.ts';
import { generator, values, whole } from '../../support/random.ts';

/** Places of pixels are f32: those of a picture of n pixels are off by n · 2⁻²³, and values lie at most 1 apart. */
const NEAR = 2e-4;

async function check(shape: [number, number, number], placement: MaskPlacement, seed: number): Promise<void> {
  const [count, h, w] = shape;
  const x = values(seed, count * h * w).map((value) => value / 2 + 0.5);
  const bits = scope(() => keep(pasteMasks(on(x, shape), placement)));
  const [height, width] = placement.size;
  const words = Math.ceil(height / 32);
  expect(bits.shape).toEqual([count, width, words]);
  const found = await bits.data();
  bits.release();
  for (let k = 0; k < count; k++) {
    const expected = pasted(plane(x.subarray(k * h * w, (k + 1) * h * w), h, w), placement);
    for (let c = 0; c < width; c++)
      for (let y = 0; y < words * 32; y++) {
        const bit = (found[(k * width + c) * words + (y >> 5)] >>> (y & 31)) & 1;
        const value = y < height ? expected.at(y, c) - (placement.threshold ?? 0.5) : -1;
        if (Math.abs(value) > NEAR && bit !== Number(value > 0))
          expect.fail(`mask ${k}, row ${y}, column ${c}: ${bit}, and the value is ${value} above the threshold`);
      }
  }
}

describe('pasteMasks', () => {
  it('enlarges, cuts and resizes as the original does', () =>
    check([3, 12, 16], { factor: 4, extent: [45, 61], size: [70, 93] }, 1));

  it('makes pictures smaller, too', () => check([2, 9, 11], { factor: 4, extent: [36, 40], size: [13, 7] }, 2));

  it('is a plain threshold where nothing is resized', () =>
    check([1, 33, 5], { factor: 1, extent: [33, 5], size: [33, 5], threshold: 0.25 }, 3));

  it.each(Array.from({ length: 12 }, (_, i) => i))('random sides %i', async (i) => {
    const next = generator(i + 10);
    const [h, w] = [whole(next, 1, 9), whole(next, 1, 9)];
    const factor = [1, 2, 4, 8][whole(next, 0, 3)];
    const side = (cells: number): number => whole(next, 1, cells * factor);
    await check(
      [whole(next, 1, 3), h, w],
      { factor, extent: [side(h), side(w)], size: [whole(next, 1, 100), whole(next, 1, 40)] },
      i,
    );
  });

  it('gives nothing for no masks', async () => {
    const bits = pasteMasks(tensor(gpu, [], [0, 4, 4]), { factor: 4, extent: [16, 16], size: [8, 8] });
    expect(bits.shape).toEqual([0, 8, 1]);
  });

  it('refuses what does not fit', () => {
    const x = on([0, 1, 0, 1], [1, 2, 2]);
    const placed = (change: Partial<MaskPlacement>) => () =>
      pasteMasks(x, { factor: 2, extent: [4, 4], size: [4, 4], ...change });
    expect(placed({ extent: [5, 4] })).toThrow('covers 4×4 pixels, and the extent is 5×4');
    expect(placed({ factor: 0 })).toThrow('factor is 0, it must be a whole number from 1');
    expect(placed({ size: [4, 0] })).toThrow('width is 0');
    expect(() => pasteMasks(on([1], [1]), { factor: 1, extent: [1, 1], size: [1, 1] })).toThrow(TensorError);
  });
});
