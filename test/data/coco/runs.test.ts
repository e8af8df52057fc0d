// Masks as runs: pixels, areas, boxes, unions and overlaps against masks of bytes, texts and outlines against COCO's own functions (test/golden/coco.json).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOverlap, maskOverlap } from '../../../src/data/coco/overlap.ts';
import { runsOfPolygon } from '../../../src/data/coco/polygon.ts';
import {
  areaOfRuns,
  boxOfRuns,
  bytesOfRuns,
  runsOfBytes,
  sharedArea,
  unionOfRuns,
} from '../../../src/data/coco/runs.ts';
import { compressMask, decodeRuns, encodeRuns, readRuns } from '../../../src/data/coco/runs-text.ts';
import { cocoGolden } from '../../golden/coco.ts';

/** Two masks of one size. */
const pair = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([width, height]) => {
  const bytes = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height });
  return fc.record({ width: fc.constant(width), height: fc.constant(height), a: bytes, b: bytes });
});
const sum = (bytes: readonly number[]): number => bytes.reduce((total, bit) => total + bit, 0);

describe('runs', () => {
  it('are the bytes they were made of', () => {
    fc.assert(
      fc.property(pair, ({ width, height, a }) => {
        const runs = runsOfBytes(a, width, height);
        expect([...bytesOfRuns(runs)]).toEqual(a);
        expect(areaOfRuns(runs)).toBe(sum(a));
        const inside = a.flatMap((bit, i) => (bit ? [[i % width, Math.floor(i / width)]] : []));
        const [xs, ys] = [0, 1].map((axis) => inside.map((at) => at[axis]));
        const [left, top] = [Math.min(...xs), Math.min(...ys)];
        expect(boxOfRuns(runs)).toEqual(
          inside.length === 0 ? [0, 0, 0, 0] : [left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1],
        );
        expect(runs.counts.slice(1).every((count) => count > 0)).toBe(true);
      }),
    );
  });

  it('are joined and compared as bytes are', () => {
    fc.assert(
      fc.property(pair, fc.boolean(), ({ width, height, a, b }, crowd) => {
        const [runsA, runsB] = [a, b].map((bytes) => runsOfBytes(bytes, width, height));
        const either = a.map((bit, i) => bit | b[i]);
        const both = sum(a.map((bit, i) => bit & b[i]));
        expect(unionOfRuns(runsA, runsB)).toEqual(runsOfBytes(either, width, height));
        expect(sharedArea(runsA, runsB)).toBe(both);
        expect(maskOverlap(runsA, runsB, crowd)).toBe(both === 0 ? 0 : both / (crowd ? sum(a) : sum(either)));
      }),
    );
  });

  it('may have empty ones among them, as other programs write them', () => {
    const odd = readRuns([2, 3], [0, 0, 1, 0, 1, 2, 0, 1, 1, 0]);
    const plain = readRuns([2, 3], [2, 3, 1]);
    expect(unionOfRuns(odd, plain)).toEqual(plain);
    expect([areaOfRuns(odd), boxOfRuns(odd), sharedArea(plain, odd)]).toEqual([3, [1, 0, 2, 2], 3]);
  });

  it('are texts, short and long, growing and shrinking', () => {
    for (const counts of [
      [0, 12],
      [5, 1, 6],
      [31, 32, 33, 1, 1000, 70_000, 3, 15, 16, 17],
      [100_000, 1, 2, 3, 100_000, 2 ** 28],
    ])
      expect(decodeRuns(encodeRuns(counts))).toEqual(counts);
    // By hand: 5, then 33 = 1 + 1·32 in two characters.
    expect([decodeRuns('5Q1'), encodeRuns([5, 33])]).toEqual([[5, 33], '5Q1']);
    expect(() => decodeRuns('5Q')).toThrow('ends inside');
    expect(() => decodeRuns('5 1')).toThrow('" "');
    expect(() => readRuns([3, 3], '5Q1')).toThrow('cover 38 pixels of 9');
  });
});

describe('outlines', () => {
  it("are drawn as COCO's own functions draw them", () => {
    for (const { polygon, size, counts, area, box } of cocoGolden.outlines) {
      const runs = runsOfPolygon(polygon, size[1], size[0]);
      expect(compressMask(runs)).toEqual({ size, counts });
      expect([areaOfRuns(runs), boxOfRuns(runs)]).toEqual([area, box]);
    }
  });

  it('take no longer where they reach far beyond the picture', () => {
    const far = 2 ** 28;
    expect(areaOfRuns(runsOfPolygon([-far, -far, far, -far, far, far, -far, far], 40, 30))).toBe(1200);
    // A diagonal through the corners.
    expect(areaOfRuns(runsOfPolygon([-far, -far, far, far, -far, far], 40, 40))).toBe(820);
  });
});

describe('overlaps of boxes', () => {
  it('are shares of both together, or of a detection in a crowd', () => {
    expect(boxOverlap([0, 0, 4, 4], [2, 0, 4, 4])).toBe(8 / 24);
    expect(boxOverlap([0, 0, 4, 4], [2, 0, 40, 4], true)).toBe(0.5);
    expect(boxOverlap([0, 0, 4, 4], [4, 0, 4, 4])).toBe(0);
    expect(boxOverlap([0, 0, 0, 4], [0, 0, 4, 4], true)).toBe(0);
  });
});
