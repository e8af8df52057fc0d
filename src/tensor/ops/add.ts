// Sums and differences with broadcasting. Backward hands the gradient on, summed over what was repeated.
import { record } from '../autograd.ts';
import { empty, type Tensor } from '../tensor.ts';
import { broadcastInto, broadcastShape, sumInto } from './broadcast.ts';
import { needDType } from './checks.ts';
import { affine } from './elementwise.ts';

/** a + b, f32, NumPy broadcasting up to rank 4. Throws TensorError. */
export function add(a: Tensor, b: Tensor): Tensor {
  return weighted('add', a, b, 1);
}

/** a − b, f32, NumPy broadcasting up to rank 4. Throws TensorError. */
export function sub(a: Tensor, b: Tensor): Tensor {
  return weighted('sub', a, b, -1);
}

function weighted(op: string, a: Tensor, b: Tensor, weight: 1 | -1): Tensor {
  needDType(op, 'f32', a, b);
  const y = empty(a.gpu, broadcastShape(op, a, b), op);
  broadcastInto('sum', a, b, y, [1, weight]);
  return record(op, y, [a, b], (gradient, sink) => {
    [a, b].forEach((input, i) => {
      const factor = i === 0 ? 1 : weight;
      if (input.size !== y.size) sink.write(i, (out) => sumInto(gradient, out, factor));
      else if (factor === 1) sink.give(i, gradient);
      else sink.write(i, (out) => affine(gradient, out, factor, 0));
    });
  });
}
