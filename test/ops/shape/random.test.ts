// Every op that moves words, with random parameters on random shapes of up to six sides.
import { expect, it } from 'vitest';
import {
  expand,
  flip,
  indexSelect,
  pad,
  permute,
  repeat,
  roll,
  slice,
  split,
  takeAlong,
  tile,
} from '../../../src/ops/index.ts';
import { count } from '../../../src/tensor/tensor.ts';
import { place } from '../../support/arrays.ts';
import { on } from '../../support/gpu.ts';
import { checkMove, type MoveCheck } from '../../support/moves.ts';
import { generator, whole } from '../../support/random.ts';

type Draw = (low: number, high: number) => number;
type Case = Omit<MoveCheck, 'shape'>;

const modulo = (i: number, n: number): number => ((i % n) + n) % n;

/** An op with parameters drawn for a shape. */
const CASES: Record<string, (shape: number[], draw: Draw) => Case> = {
  permute(shape, draw) {
    const order = shape.map((_, i) => i);
    order.forEach((_, i) => {
      const j = draw(0, i);
      [order[i], order[j]] = [order[j], order[i]];
    });
    return {
      op: (x) => permute(x, order),
      result: order.map((axis) => shape[axis]),
      source: (at) => shape.map((_, i) => at[order.indexOf(i)]),
    };
  },
  slice(shape, draw) {
    const begin = shape.map((n) => draw(0, n - 1));
    const steps = shape.map(() => [1, 1, 2, -1, -3][draw(0, 4)]);
    const size = shape.map((n, i) => 1 + Math.floor((steps[i] > 0 ? n - 1 - begin[i] : begin[i]) / Math.abs(steps[i])));
    return {
      op: (x) => slice(x, begin, size, { steps }),
      result: size,
      source: (at) => at.map((i, k) => begin[k] + i * steps[k]),
    };
  },
  flip(shape, draw) {
    const axes = shape.flatMap((_, i) => (draw(0, 1) ? [i] : []));
    return {
      op: (x) => flip(x, axes),
      result: shape,
      source: (at) => at.map((i, k) => (axes.includes(k) ? shape[k] - 1 - i : i)),
    };
  },
  roll(shape, draw) {
    const axes = shape.flatMap((_, i) => (draw(0, 1) ? [i] : []));
    const shifts = axes.map(() => draw(-9, 9));
    return {
      op: (x) => roll(x, shifts, axes),
      result: shape,
      source: (at) => at.map((i, k) => (axes.includes(k) ? modulo(i - shifts[axes.indexOf(k)], shape[k]) : i)),
    };
  },
  pad(shape, draw) {
    const mode = (['constant', 'reflect', 'replicate'] as const)[draw(0, 2)];
    const margin = (n: number): number => draw(0, mode === 'reflect' ? Math.min(2, n - 1) : 2);
    const margins = shape.map((n): [number, number] => [margin(n), margin(n)]);
    const inside = (i: number, k: number): boolean => i >= 0 && i < shape[k];
    return {
      op: (x) => pad(x, margins, { mode, value: 5 }),
      result: shape.map((n, i) => margins[i][0] + n + margins[i][1]),
      fill: 5,
      source: (at) => {
        const there = at.map((i, k) => i - margins[k][0]);
        if (mode === 'constant') return there.every(inside) ? there : undefined;
        return there.map((i, k) => {
          const last = shape[k] - 1;
          return mode === 'reflect' ? last - Math.abs(last - Math.abs(i)) : Math.max(0, Math.min(last, i));
        });
      },
    };
  },
  expand(shape, draw) {
    const result = [...(draw(0, 1) ? [draw(1, 3)] : []), ...shape.map((n) => (n === 1 ? draw(1, 4) : n))];
    return {
      op: (x) => expand(x, result),
      result,
      source: (at) => at.slice(result.length - shape.length).map((i, k) => (shape[k] === 1 ? 0 : i)),
    };
  },
  tile(shape, draw) {
    const times = shape.map(() => draw(1, 2));
    return {
      op: (x) => tile(x, times),
      result: shape.map((n, i) => n * times[i]),
      source: (at) => at.map((i, k) => i % shape[k]),
    };
  },
  repeat(shape, draw) {
    const [axis, times] = [draw(0, shape.length - 1), draw(1, 3)];
    return {
      op: (x) => repeat(x, times, axis),
      result: shape.with(axis, shape[axis] * times),
      source: (at) => at.with(axis, Math.floor(at[axis] / times)),
    };
  },
  split(shape, draw) {
    const axis = draw(0, shape.length - 1);
    const first = draw(1, shape[axis]);
    const sizes = first < shape[axis] ? [first, shape[axis] - first] : [first];
    return {
      op: (x) => split(x, sizes, axis).at(-1)!,
      result: shape.with(axis, sizes.at(-1)!),
      source: (at) => at.with(axis, at[axis] + (sizes.length > 1 ? first : 0)),
    };
  },
  indexSelect(shape, draw) {
    const axis = draw(0, shape.length - 1);
    const index = Array.from({ length: draw(1, 6) }, () => draw(0, shape[axis] - 1));
    return {
      op: (x) => indexSelect(x, on(index, [index.length], 'u32'), axis),
      result: shape.with(axis, index.length),
      source: (at) => at.with(axis, index[at[axis]]),
    };
  },
  takeAlong(shape, draw) {
    const axis = draw(0, shape.length - 1);
    const result = shape.with(axis, draw(1, 4));
    const indices = Array.from({ length: count(result) }, () => draw(0, shape[axis] - 1));
    return {
      op: (x) => takeAlong(x, on(indices, result, 'u32'), axis),
      result,
      source: (at) => at.with(axis, indices[place(result, at)]),
    };
  },
};

it.each(Object.entries(CASES))('%s', async (name, make) => {
  const next = generator(name.length * 31 + name.charCodeAt(0));
  const draw: Draw = (low, high) => whole(next, low, high);
  for (let trial = 0; trial < 8; trial++) {
    const shape = Array.from({ length: draw(1, 6) }, () => [1, 2, 3, 4, 5, 8][draw(0, 5)]);
    while (count(shape) > 1500) shape.pop();
    const { op, ...rest } = make(shape, draw);
    await checkMove({ shape, op, ...rest }).catch((error: Error) =>
      expect.fail(`${name} of [${shape}]: ${error.message}`),
    );
  }
});
