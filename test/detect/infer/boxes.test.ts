// Boxes from locations, and which of them stay, against the definitions spelled out without any shortcut.
import { describe, expect, it } from 'vitest';
import { type Candidate, candidatesOf, type LocationValues } from '../../../src/detect/infer/candidates.ts';
import { INFERENCE, inferenceOf } from '../../../src/detect/infer/options.ts';
import { suppressed } from '../../../src/detect/infer/suppress.ts';
import { featureLevels } from '../../../src/detect/model/levels.ts';
import { generator } from '../../support/random.ts';

const LEVELS = featureLevels([
  [6, 9],
  [3, 5],
  [2, 3],
  [1, 2],
  [1, 1],
]);
const CLASSES = 4;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function drawn(seed: number): LocationValues {
  const next = generator(seed);
  const count = LEVELS.reduce((sum, { height, width }) => sum + height * width, 0);
  const numbers = (length: number, low: number, high: number): Float32Array =>
    Float32Array.from({ length }, () => low + next() * (high - low));
  return {
    logits: numbers(count * CLASSES, -5, 2),
    regression: numbers(count * 4, 0, 3),
    centerness: numbers(count, -3, 3),
  };
}

/** Every class of every location of a level, in their order. */
function everyBox({ logits, regression, centerness }: LocationValues, level: number) {
  const { height, width, stride } = LEVELS[level];
  let before = 0;
  for (const { height, width } of LEVELS.slice(0, level)) before += height * width;
  const all = [];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let c = 0; c < CLASSES; c++) {
        const l = before + row * width + column;
        const x = column * stride + stride / 2;
        const y = row * stride + stride / 2;
        const [left, top, right, bottom] = Array.from(regression.slice(l * 4, l * 4 + 4), (side) => side * stride);
        all.push({
          location: l,
          class: c,
          probability: sigmoid(logits[l * CLASSES + c]),
          product: sigmoid(logits[l * CLASSES + c]) * sigmoid(centerness[l]),
          box: [x - left, y - top, x + right, y + bottom],
        });
      }
  return all;
}

describe('candidates', () => {
  it.each(['product', 'class'] as const)(
    'those above the threshold of the %s, the best of each level',
    (thresholdOn) => {
      for (let seed = 0; seed < 5; seed++) {
        const values = drawn(seed);
        const found = candidatesOf(values, LEVELS, { threshold: 0.1, thresholdOn, perLevel: 20 });
        const expected = LEVELS.flatMap((_, level) =>
          everyBox(values, level)
            .filter((one) => one[thresholdOn === 'class' ? 'probability' : 'product'] > 0.1)
            .sort((a, b) => b.product - a.product)
            .slice(0, 20),
        );
        expect(found.length).toBeGreaterThan(40);
        expect(found.map(({ location, class: c }) => [location, c])).toEqual(
          expected.map(({ location, class: c }) => [location, c]),
        );
        for (const [i, { score, box }] of found.entries()) {
          expect(score).toBeCloseTo(Math.sqrt(expected[i].product), 12);
          for (const side of [0, 1, 2, 3]) expect(box[side]).toBeCloseTo(expected[i].box[side], 9);
        }
      }
    },
  );

  it('none of a network that sees nothing, and of equal ones the earlier first', () => {
    const values = drawn(1);
    values.logits.fill(-20);
    expect(candidatesOf(values, LEVELS, INFERENCE)).toEqual([]);
    values.logits.fill(0);
    values.centerness.fill(0);
    const all = candidatesOf(values, LEVELS, { ...INFERENCE, perLevel: 3 });
    expect(all.map(({ location, class: c }) => [location, c]).slice(0, 4)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [54, 0],
    ]);
  });

  it('scores that are not numbers are damaged weights', () => {
    const values = drawn(1);
    values.logits[8] = Number.NaN;
    expect(() => candidatesOf(values, LEVELS, INFERENCE)).toThrow('its weights are damaged');
  });
});

describe('suppression', () => {
  type One = Pick<Candidate, 'class' | 'score' | 'box'>;

  /** The definition: in order of the score each box, unless one that stayed covers it; intersections by counting points of a fine grid. */
  function bySampling(boxes: readonly One[], overlap: number, most: number): One[] {
    const inside = ([x0, y0, x1, y1]: One['box'], x: number, y: number): boolean =>
      x >= x0 && x < x1 && y >= y0 && y < y1;
    const share = (a: One['box'], b: One['box']): number => {
      let [both, either] = [0, 0];
      for (let y = 0.5; y < 12; y++)
        for (let x = 0.5; x < 12; x++) {
          both += Number(inside(a, x, y) && inside(b, x, y));
          either += Number(inside(a, x, y) || inside(b, x, y));
        }
      return either === 0 ? 0 : both / either;
    };
    const stayed: One[] = [];
    const order = boxes.map((_, i) => i).sort((a, b) => boxes[b].score - boxes[a].score || a - b);
    for (const i of order)
      if (stayed.every((other) => other.class !== boxes[i].class || !(share(other.box, boxes[i].box) > overlap)))
        stayed.push(boxes[i]);
    return stayed.slice(0, most);
  }

  it.each([0.3, 0.6, 1])('as by its definition, overlap %d', (overlap) => {
    for (let seed = 0; seed < 6; seed++) {
      const next = generator(seed + 1);
      const side = (): [number, number] => {
        const [a, b] = [Math.floor(next() * 12), Math.floor(next() * 12)];
        return [Math.min(a, b), Math.max(a, b)];
      };
      const boxes = Array.from({ length: 30 }, (): One => {
        const [[x0, x1], [y0, y1]] = [side(), side()];
        // Scores in steps, so that some are equal.
        return { class: Math.floor(next() * 3), score: Math.round(next() * 20) / 20, box: [x0, y0, x1, y1] };
      });
      for (const most of [5, 100])
        expect(suppressed(boxes, { overlap, most })).toEqual(bySampling(boxes, overlap, most));
    }
  });

  it('of nothing is nothing', () => expect(suppressed([], INFERENCE)).toEqual([]));
});

it('options that cannot be are named', () => {
  expect(inferenceOf({ threshold: 0.2 }).most).toBe(100);
  expect(() => inferenceOf({ threshold: 2 })).toThrow('threshold 2: takes a number from 0 to 1');
  expect(() => inferenceOf({ most: 0.5 })).toThrow('most 0.5: takes a whole number from 1');
});
