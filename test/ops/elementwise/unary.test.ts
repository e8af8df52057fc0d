// relu and sigmoid against float64, on sizes that are no multiple of four; both in f16 too.
import { describe, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { relu, sigmoid } from '../../../src/ops/elementwise/unary.ts';
import { checkOp } from '../../support/check.ts';
import { gpu } from '../../support/gpu.ts';

const shapes = [[1], [3, 5], [2, 7, 3, 5], [257], [64, 4]];

describe.each(shapes.map((shape) => ({ shape })))('$shape', ({ shape }) => {
  it('relu', () =>
    checkOp({ inputs: [{ shape }], op: ([x]) => relu(x), reference: ([x]) => x.map((v) => Math.max(v, 0)) }));
  it.skipIf(!gpu.capabilities.f16)('relu in f16, which rounds nothing', () =>
    checkOp({
      inputs: [{ shape }],
      half: true,
      op: ([x]) => cast(relu(cast(x, 'f16')), 'f32'),
      reference: ([x]) => x.map((v) => Math.max(v, 0)),
      tolerance: 0,
    }),
  );
  // The result is rounded by 2⁻¹²; its slope y·(1 − y) by no more than that, and the gradient once more.
  it.skipIf(!gpu.capabilities.f16)('sigmoid in f16', () =>
    checkOp({
      inputs: [{ shape }],
      half: true,
      op: ([x]) => cast(sigmoid(cast(x, 'f16')), 'f32'),
      reference: ([x]) => x.map((v) => 1 / (1 + Math.exp(-v))),
      tolerance: 2 ** -11,
      gradientTolerance: 2 ** -11,
    }),
  );
  it('sigmoid', () =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => sigmoid(x),
      reference: ([x]) => x.map((v) => 1 / (1 + Math.exp(-v))),
    }));
});
