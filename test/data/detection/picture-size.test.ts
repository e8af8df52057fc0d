// Sides as Detectron2's ResizeShortestEdge has them: numbers by its formula, worked out by hand.
import { expect, it } from 'vitest';
import { fittingSides, paddedSide, resizedSides, sidesBetween } from '../../../src/data/detection/picture-size.ts';

it.each([
  // width, height, short, long → width, height
  [640, 480, 800, 1333, 1067, 800],
  [480, 640, 800, 1333, 800, 1067],
  [640, 427, 800, 1333, 1199, 800],
  // 2402.4 would be too long: 1333 / 2402.4 of 800 is 443.9.
  [1000, 333, 800, 1333, 1333, 444],
  [500, 500, 640, 1333, 640, 640],
  [640, 480, 128, 1333, 171, 128],
  // Halves go up: 3 · 5 / 2.
  [3, 2, 5, 100, 8, 5],
  [1, 400, 8, 100, 1, 100],
])('%i×%i with a short side of %i, %i at most', (width, height, short, long, w, h) =>
  expect(resizedSides({ width, height }, short, long)).toEqual({ width: w, height: h }),
);

it('what stands in is made to fit', () => {
  const within = { width: 64, height: 32 };
  expect(fittingSides({ width: 60, height: 32 }, within)).toEqual({ width: 60, height: 32 });
  expect(fittingSides({ width: 30, height: 100 }, within)).toEqual({ width: 9, height: 32 });
  expect(fittingSides({ width: 6400, height: 1 }, within)).toEqual({ width: 64, height: 1 });
});

it('lists of sides, and sides with padding', () => {
  expect(sidesBetween(640, 800, 32)).toEqual([640, 672, 704, 736, 768, 800]);
  expect(sidesBetween(5, 7)).toEqual([5, 6, 7]);
  expect(() => sidesBetween(8, 7)).toThrow('two sides, the smaller one first');
  expect([1, 32, 33].map((side) => paddedSide(side, 32))).toEqual([32, 32, 64]);
});
