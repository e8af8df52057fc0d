// RandAugment: each op against Pillow, and how ops are drawn.
import { describe, expect, it } from 'vitest';
import { Draws, STREAMS } from '../../../src/data/transform/draws.ts';
import {
  applyOp,
  checkRandAugment,
  opsOf,
  type RandAugment,
  randAugment,
} from '../../../src/data/transform/rand-augment.ts';
import { ConfigError } from '../../../src/gpu/index.ts';
import { loadGolden } from '../../golden/golden.ts';
import { expectPixels, picture } from './picture.ts';

const { augmented } = loadGolden('pictures');
const image = picture('augment', 17, 13);

describe("each op is Pillow's, to the bit", () => {
  it.each(augmented)(
    '$space $op at $magnitude, $side $sampling',
    ({ space, op, magnitude, side, sampling, pixels }) => {
      expectPixels(applyOp(image, { space, sampling }, op, magnitude, () => side).data, pixels);
    },
  );

  it('and all ops of both spaces are compared', () => {
    for (const space of ['torchvision', 'timm'] as const)
      expect(new Set(augmented.filter((c) => c.space === space).map((c) => c.op))).toEqual(new Set(opsOf(space)));
  });
});

const draws = (index: number): Draws => new Draws({ seed: 1, epoch: 2, index }, STREAMS.randAugment);

describe('which ops', () => {
  it('is a function of the key, and another one for another image', () => {
    const how: RandAugment = { space: 'timm', ops: 3, deviation: 0.5 };
    const all = Array.from({ length: 8 }, (_, index) =>
      Buffer.from(randAugment(image, how, draws(index)).data).toString('hex'),
    );
    expect(
      Array.from({ length: 8 }, (_, index) => Buffer.from(randAugment(image, how, draws(index)).data).toString('hex')),
    ).toEqual(all);
    expect(new Set(all).size).toBeGreaterThan(5);
  });

  it('an image stays as it is without ops, and the given one in any case', () => {
    const before = image.data.slice();
    expect(randAugment(image, { space: 'timm', ops: 0 }, draws(0))).toBe(image);
    for (let index = 0; index < 40; index++) randAugment(image, { space: 'torchvision', ops: 4 }, draws(index));
    expect(image.data).toEqual(before);
  });

  it('timm applies half of them', () => {
    const untouched = Array.from({ length: 400 }, (_, index) =>
      randAugment(image, { space: 'timm', ops: 1, magnitude: 10 }, draws(index)),
    ).filter((result) => result === image).length;
    // 200 ± 5 deviations of a fair coin; no op of timm's gives the same object.
    expect(Math.abs(untouched - 200)).toBeLessThan(50);
  });
});

it.each([
  [{ space: 'timm', magnitude: 11 }, /magnitude 11: it must be from 0 to 10, as timm counts/],
  [{ space: 'torchvision', ops: 1.5 }, /ops 1.5: it must be a whole number/],
  [{ space: 'timm', deviation: -1 }, /deviation -1: it must be 0 or more/],
] as [RandAugment, RegExp][])('%j is refused', (how, message) => {
  expect(() => checkRandAugment(how)).toThrow(ConfigError);
  expect(() => checkRandAugment(how)).toThrow(message);
});
