// relu and sigmoid against float64, on sizes that are no multiple of four.
import { describe, it } from 'vitest';
import { relu, sigmoid } from '../../../src/tensor/index.ts';
import { checkOp } from '../../support/check.ts';

const shapes = [[1], [3, 5], [2, 7, 3, 5], [257], [64, 4]];

describe.each(shapes.map((shape) => ({ shape })))('$shape', ({ shape }) => {
  it('relu', () =>
    checkOp({ inputs: [{ shape }], op: ([x]) => relu(x), reference: ([x]) => x.map((v) => Math.max(v, 0)) }));
  it('sigmoid', () =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => sigmoid(x),
      reference: ([x]) => x.map((v) => 1 / (1 + Math.exp(-v))),
    }));
});
