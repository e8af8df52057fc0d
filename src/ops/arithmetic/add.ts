// Sums and differences with broadcasting. Backward hands the gradient on, summed over what was repeated.
import { empty, needDType, record, type Tensor } from '../../tensor/index.ts';
import { broadcastInto, broadcastShape } from '../elementwise/broadcast.ts';
import { affine } from '../elementwise/kernels/elementwise.ts';
import { sumInto } from '../reduce/sum-into.ts';

/** a + b, each f32 or f16, with NumPy broadcasting up to rank 4; f16 if either is. Throws TensorError. */
export function add(a: Tensor, b: Tensor): Tensor {
  return weighted('add', a, b, 1);
}

/** a − b, each f32 or f16, with NumPy broadcasting up to rank 4; f16 if either is. Throws TensorError. */
export function sub(a: Tensor, b: Tensor): Tensor {
  return weighted('sub', a, b, -1);
}

function weighted(op: string, a: Tensor, b: Tensor, weight: 1 | -1): Tensor {
  const halves = [a, b].filter(({ dtype }) => dtype === 'f16');
  needDType(op, 'f32', ...[a, b].filter((operand) => !halves.includes(operand)));
  const y = empty(a.gpu, broadcastShape(op, a, b), op, halves.length > 0 ? 'f16' : 'f32');
  broadcastInto('sum', a, b, y, [1, weight]);
  return record(op, y, [a, b], (gradient, sink) => {
    [a, b].forEach((input, i) => {
      const factor = i === 0 ? 1 : weight;
      if (input.size !== y.size) sink.write(i, (out) => sumInto(gradient, out, factor));
      else if (factor === 1 && input.dtype === y.dtype) sink.forward(i, gradient);
      else sink.write(i, (out) => affine(gradient, out, factor, 0));
    });
  });
}
