// What eval counts, on logits worked out by hand; and which part of a folder stands for it.
import { expect, it } from 'vitest';
import { takePart } from '../../src/cli/common/data.ts';
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

it('takes a part of a folder from all its classes, of CIFAR-10 the first, which are in no order', () => {
  const count = 300;
  const labels = Uint8Array.from({ length: count }, (_, i) => Math.floor((3 * i) / count));
  const set = {
    name: 'set',
    images: new Uint8Array(3 * count),
    labels,
    count,
    height: 1,
    width: 1,
    channels: 3,
    classes: [],
  };
  expect(new Set(takePart(set, 30, 'folder', 1).labels)).toEqual(new Set([0, 1, 2]));
  expect(takePart(set, 30, 'folder', 1).labels).toEqual(takePart(set, 30, 'folder', 1).labels);
  expect(takePart(set, 30, 'CIFAR-10', 1).labels).toEqual(labels.slice(0, 30));
  expect(takePart(set, count, 'folder', 1).labels).toEqual(labels);
});
