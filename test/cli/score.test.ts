// What eval counts, on logits worked out by hand.
import { expect, it } from 'vitest';
import { assess } from '../../src/cli/common/score.ts';

it('counts hits, classes and the loss in nats', () => {
  const [half, quarter] = [Math.log(2), Math.log(4)];
  // Probabilities 1/2, 1/4, 1/4; 1/4, 1/2, 1/4; a tie, which goes to the first.
  const logits = Float32Array.from([half, 0, 0, 0, half, 0, 0, half, 0, 0, 0, 0]);
  const { accuracy, loss, perClass } = assess(logits, [0, 0, 1, 2], 3);
  expect(accuracy).toBe(0.5);
  expect(loss).toBeCloseTo((half + quarter + half + Math.log(3)) / 4, 7);
  expect(perClass).toEqual([
    { label: 0, images: 2, accuracy: 0.5, takenFor: 1 },
    { label: 1, images: 1, accuracy: 1 },
    { label: 2, images: 1, accuracy: 0, takenFor: 0 },
  ]);
});

it('takes logits of any size', () => {
  const { accuracy, loss } = assess(Float32Array.from([1000, 0, 0, 1000]), [0, 0], 2);
  expect(accuracy).toBe(0.5);
  expect(loss).toBe(500);
});

it('refuses logits that are not numbers', () => {
  expect(() => assess(Float32Array.from([1, Number.NaN]), [0], 2)).toThrow(/logits that are not numbers/);
});
