// Sizes and shares of maps, by numbers worked out by hand.
import { describe, expect, it } from 'vitest';
import { ExplainError } from '../../../src/explain/maps/layers.ts';
import { centerMass, massInside, upsample } from '../../../src/explain/maps/maps.ts';

describe('upsample', () => {
  it('is bilinear between the centers of cells and flat beyond them', () => {
    expect([...upsample([0, 4], { height: 1, width: 2 }, { height: 1, width: 4 })]).toEqual([0, 1, 3, 4]);
    expect([...upsample([0, 4, 8, 12], { height: 2, width: 2 }, { height: 4, width: 4 })]).toEqual([
      0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12,
    ]);
    expect([...upsample([0, 6, 12], { height: 3, width: 1 }, { height: 9, width: 1 })]).toEqual([
      0, 0, 2, 4, 6, 8, 10, 12, 12,
    ]);
    expect([...upsample([7], { height: 1, width: 1 }, { height: 2, width: 3 })]).toEqual([7, 7, 7, 7, 7, 7]);
  });

  it('keeps a map in its own size, and takes the places between in a smaller one', () => {
    const map = [3, 1, 4, 1, 5, 9];
    expect([...upsample(map, { height: 2, width: 3 }, { height: 2, width: 3 })]).toEqual(map);
    expect([...upsample([1, 3, 5, 7], { height: 2, width: 2 }, { height: 1, width: 1 })]).toEqual([4]);
  });

  it('does not take a map of another size', () => {
    expect(() => upsample([1, 2, 3], { height: 2, width: 2 }, { height: 4, width: 4 })).toThrow(
      new ExplainError('upsample: a map of 2×2 has 3 values'),
    );
  });
});

describe('the mass of a map', () => {
  it('inside a mask is its share of the whole', () => {
    expect(massInside([1, 2, 3, 4], [0, 1, 0, 255])).toBe(0.6);
    expect(massInside([1, 2], [0, 0])).toBe(0);
    expect(massInside([1, 2], [1, 1])).toBe(1);
    expect(() => massInside([1, 2], [1])).toThrow(ExplainError);
  });

  it('of nothing has no share', () => {
    expect(massInside([0, 0], [1, 1])).toBeUndefined();
    expect(centerMass([0, 0, 0, 0], { height: 2, width: 2 })).toBeUndefined();
  });

  it.each([
    [1, 1],
    [2, 2],
    [4, 4],
    [7, 5],
    [32, 32],
  ])('in the center of an even map of %i×%i is a half', (height, width) => {
    expect(centerMass(new Float32Array(height * width).fill(0.3), { height, width })).toBeCloseTo(0.5, 12);
  });

  it('in the center is all of a point in the middle and nothing of one in a corner', () => {
    const size = { height: 5, width: 5 };
    const point = (at: number): number[] => Array.from({ length: 25 }, (_, i) => (i === at ? 2 : 0));
    expect(centerMass(point(12), size)).toBe(1);
    expect(centerMass(point(0), size)).toBeCloseTo((1 - 5 * (0.5 - Math.SQRT1_2 / 2)) ** 2, 12);
    const eight = { height: 8, width: 8 };
    expect(centerMass([1, ...new Array(63).fill(0)], eight)).toBe(0);
  });
});
