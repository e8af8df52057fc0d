// What eval counts, on logits worked out by hand.
import { expect, it } from 'vitest';
import { highest, type Score, Scorer } from '../../src/cli/common/score.ts';

/** The images one after the other, as batches of one. */
function assess(logits: Float32Array, labels: readonly number[], classes: number): Score {
  const scorer = new Scorer(classes);
  for (const [i, label] of labels.entries()) scorer.add(logits.subarray(i * classes, (i + 1) * classes), [label]);
  return scorer.score();
}

it('counts hits, classes and the loss in nats', () => {
  const [half, quarter] = [Math.log(2), Math.log(4)];
  // Probabilities 1/2, 1/4, 1/4; 1/4, 1/2, 1/4; a tie, which goes to the first.
  const logits = Float32Array.from([half, 0, 0, 0, half, 0, 0, half, 0, 0, 0, 0]);
  const { accuracy, top5, loss, perClass, confusion } = assess(logits, [0, 0, 1, 2], 3);
  expect(accuracy).toBe(0.5);
  expect(top5).toBe(1);
  expect(loss).toBeCloseTo((half + quarter + half + Math.log(3)) / 4, 7);
  expect(perClass).toEqual([
    { label: 0, images: 2, accuracy: 0.5, top5: 1, precision: 0.5, takenFor: 1 },
    { label: 1, images: 1, accuracy: 1, top5: 1, precision: 0.5 },
    { label: 2, images: 1, accuracy: 0, top5: 1, precision: Number.NaN, takenFor: 0 },
  ]);
  expect(confusion.map((row) => [...row])).toEqual([
    [1, 1, 0],
    [0, 1, 0],
    [1, 0, 0],
  ]);
});

it('counts a class among the first five, and of equal logits the first ones', () => {
  // Seven classes; the fifth is right with rank 5, the sixth not, and among seven equal ones the first five are.
  const falling = [6, 5, 4, 3, 2, 1, 0];
  const logits = Float32Array.from([...falling, ...falling, ...Array(14).fill(1)]);
  expect(assess(logits, [4, 5, 4, 5], 7).top5).toBe(0.5);
  expect(highest(Float32Array.from([1, 3, 2, 3]), 3)).toEqual([1, 3, 2]);
  expect(() => highest(Float32Array.from([1, Number.NaN]), 1)).toThrow(/not numbers/);
});

it('takes logits of any size', () => {
  const { accuracy, loss } = assess(Float32Array.from([1000, 0, 0, 1000]), [0, 0], 2);
  expect(accuracy).toBe(0.5);
  expect(loss).toBe(500);
});

it('refuses logits that are not numbers', () => {
  expect(() => assess(Float32Array.from([1, Number.NaN]), [0], 2)).toThrow(/logits that are not numbers/);
});
