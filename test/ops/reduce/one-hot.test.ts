// oneHot: labels of any shape, numbers of classes that are no multiple of four, labels that are no class, and both dtypes.
import { expect, it } from 'vitest';
import { oneHot } from '../../../src/ops/reduce/one-hot.ts';
import { gpu, on } from '../../support/gpu.ts';

it('has a 1 at each label', async () => {
  for (const [shape, classes] of [
    [[1], 1],
    [[3], 5],
    [[7, 2], 4],
    [[2, 3, 4], 10],
    [[1000], 3],
  ] as [number[], number][]) {
    const labels = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * 7 + 1) % (classes + 1));
    const expected = labels.flatMap((label) => Array.from({ length: classes }, (_, c) => Number(c === label)));
    for (const dtype of gpu.capabilities.f16 ? (['f32', 'f16'] as const) : (['f32'] as const)) {
      const y = oneHot(on(labels, shape, 'u32'), classes, { dtype });
      expect(y.shape).toEqual([...shape, classes]);
      expect(y.dtype).toBe(dtype);
      expect([...(await y.floats())]).toEqual(expected);
    }
  }
  expect([...(await oneHot(on([0xffffffff], [1], 'u32'), 3).floats())]).toEqual([0, 0, 0]);
});

it('of more elements than a row of workgroups takes', async () => {
  const rows = 70_000;
  const labels = Uint32Array.from({ length: rows }, (_, i) => i % 65);
  const y = await oneHot(on(labels, [rows], 'u32'), 65).floats();
  expect(labels.every((label, i) => y[i * 65 + label] === 1)).toBe(true);
  expect(y.reduce((sum, v) => sum + v)).toBe(rows);
});

it('refuses what is no label, and no number of classes', () => {
  expect(() => oneHot(on([1], [1]), 2)).toThrow('oneHot: input [1] is f32, it must be u32');
  for (const classes of [0, 1.5, Number.NaN])
    expect(() => oneHot(on([1], [1], 'u32'), classes)).toThrow(
      `oneHot: input [1] in ${classes} classes; they must be a whole number from 1`,
    );
});
