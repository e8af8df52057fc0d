// maskedWeight and gateFeatures against float64, for each kind of gate: convolutions and linear layers, pairs four at a time and one by one.
import { describe, expect, it } from 'vitest';
import { backward, count, frozen, TensorError } from '../../../src/tensor/index.ts';
import { gateFeatures } from '../../../src/tensor/ops/gate-features.ts';
import type { Gate } from '../../../src/tensor/ops/gates.ts';
import { maskedWeight } from '../../../src/tensor/ops/masked-weight.ts';
import { checkOp } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const gates: Gate[] = ['connection', 'filter', 'input'];
const shapes = [
  [3, 3, 3, 16],
  [3, 3, 5, 7],
  [1, 1, 8, 4],
  [2, 3, 1, 1],
  [13, 10],
  [1, 1, 1, 5],
  [3, 3, 40, 24],
];

const gateShape = (shape: number[], gate: Gate): number[] => {
  const [i, o] = shape.slice(-2);
  return { connection: [o, i], filter: [o], input: [i] }[gate];
};

/** Which gate owns weight `at`. */
const owner = (shape: number[], gate: Gate, at: number): number => {
  const [inputs, outputs] = shape.slice(-2);
  const o = at % outputs;
  const i = Math.floor(at / outputs) % inputs;
  return { connection: o * inputs + i, filter: o, input: i }[gate];
};

/** The weights of each gate. */
function owned(w: Float64Array, shape: number[], gate: Gate): number[][] {
  const lists = Array.from({ length: count(gateShape(shape, gate)) }, (): number[] => []);
  for (const [at, v] of w.entries()) lists[owner(shape, gate, at)].push(v);
  return lists;
}

describe.each(shapes.map((shape) => ({ shape })))('$shape', ({ shape }) => {
  describe.each(gates)('%s gates', (gate) => {
    it.each([
      [true, true],
      [true, false],
      [false, true],
    ])('maskedWeight, gradient of w %s, of p %s', (ofW, ofP) =>
      checkOp({
        inputs: [
          { shape, gradient: ofW },
          { shape: gateShape(shape, gate), gradient: ofP },
        ],
        samples: 12,
        op: ([w, p]) => maskedWeight(w, p, gate),
        reference: ([w, p]) => w.map((v, at) => v * p[owner(shape, gate, at)]),
      }),
    );

    it.each([false, true])('average, absolute %s', (absolute) =>
      checkOp({
        inputs: [{ shape }],
        samples: 12,
        op: ([w]) => gateFeatures(w, gate, 'avg', { absolute }),
        reference: ([w]) =>
          Float64Array.from(owned(w, shape, gate), (list) =>
            list.reduce((sum, v) => sum + (absolute ? Math.abs(v) : v) / list.length, 0),
          ),
      }),
    );

    it.each([false, true])('largest, absolute %s', (absolute) =>
      checkOp({
        inputs: [{ shape }],
        samples: 12,
        tolerance: 0,
        op: ([w]) => gateFeatures(w, gate, 'max', { absolute }),
        reference: ([w]) =>
          Float64Array.from(owned(w, shape, gate), (list) =>
            Math.max(...list.map((v) => (absolute ? Math.abs(v) : v))),
          ),
      }),
    );
  });
});

it('the largest weight found first gets the gradient', async () => {
  // [kh 1, kw 2, Cin 2, Cout 1]: input 0 holds 1 and 3, input 1 holds 3 and 3.
  const w = on([1, 3, 3, 3], [1, 2, 2, 1]);
  w.requiresGrad = true;
  backward(gateFeatures(w, 'connection', 'max'), { gradient: on([5, 7], [1, 2]) });
  expect(await w.grad!.floats()).toEqual(Float32Array.of(0, 7, 5, 0));
  backward(gateFeatures(w, 'filter', 'max'), { gradient: on([2], [1]) });
  expect(await w.grad!.floats()).toEqual(Float32Array.of(0, 0, 2, 0));
});

it('computes no gradient that is frozen', () => {
  const w = on(values(1, 36), [3, 3, 2, 2]);
  const p = on(values(2, 4), [2, 2]);
  w.requiresGrad = p.requiresGrad = true;
  const y = frozen([p], () => maskedWeight(w, p, 'connection'));
  backward(y, { gradient: on(values(3, 36), [3, 3, 2, 2]) });
  expect(w.grad).toBeDefined();
  expect(p.grad).toBeUndefined();
});

it('names what does not fit', () => {
  const w = on(values(1, 54), [3, 3, 2, 3]);
  expect(() => maskedWeight(w, on(values(2, 6), [2, 3]), 'connection')).toThrow(/connection gates are \[3×2\]/);
  expect(() => gateFeatures(on([1, 2, 3], [3]), 'filter', 'avg')).toThrow(TensorError);
});
