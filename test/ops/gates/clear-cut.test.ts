// clearCut: zeros where gates are 0 and nothing else, for each kind of gate, in the arena's own places.
import { expect, it } from 'vitest';
import { clearCut } from '../../../src/ops/gates/clear-cut.ts';
import type { Gate } from '../../../src/ops/gates/gates.ts';
import { TensorError } from '../../../src/tensor/tensor.ts';
import { on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const SHAPES = [
  [3, 3, 5, 7],
  [70, 3],
];
/** Where the two weights begin, in elements: bindings begin at multiples of 256 bytes, elements anywhere. */
const AT = [64, 448];
const SIZE = 700;

it.each(['connection', 'filter', 'input'] as const)('of %s gates', async (gate: Gate) => {
  const arena = on(values(1, SIZE), [SIZE]);
  const gatesOf = ([inputs, outputs]: number[]): number =>
    ({ connection: inputs * outputs, filter: outputs, input: inputs })[gate];
  const sides = SHAPES.map((shape) => shape.slice(-2));
  const begins = [0, gatesOf(sides[0])];
  const weights = SHAPES.map((shape, i) => ({ weight: arena.alias(shape, 4 * AT[i]), gate, at: begins[i] }));
  const p = values(2, begins[1] + gatesOf(sides[1])).map((v, i) => (i % 3 === 0 ? 0 : i % 3 === 1 ? 1e-30 : v));
  const momentum = values(3, SIZE).map((v) => v + 2);
  const expected = [...momentum];
  for (const [l, shape] of SHAPES.entries()) {
    const [inputs, outputs] = sides[l];
    for (let w = 0; w < shape.reduce((a, b) => a * b); w++) {
      const [i, o] = [Math.floor(w / outputs) % inputs, w % outputs];
      const own = { connection: o * inputs + i, filter: o, input: i }[gate];
      if (p[begins[l] + own] === 0) expected[AT[l] + w] = 0;
    }
  }
  const held = on(momentum, [SIZE]);
  clearCut(weights, on(p, [p.length]), held, arena);
  expect([...(await held.floats())]).toEqual(expected);
  expect(() => clearCut(weights, on(p, [p.length]), on([1], [1]), arena)).toThrow(TensorError);
  expect(() => clearCut(weights, on([1], [1]), held, arena)).toThrow('fewer than');
});
