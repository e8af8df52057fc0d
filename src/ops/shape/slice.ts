// A box cut out of a tensor. Backward puts the gradient back among zeros.
import { empty, record, type Shape, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { needWords } from './kernels/words.ts';
import { copyBox } from './window.ts';

/** x[begin … begin + size), f32, f16 or u32, one number a side in both. A copy. Throws TensorError for a box that leaves x. */
export function slice(x: Tensor, begin: readonly number[], size: Shape): Tensor {
  return cutBox('slice', x, begin, size);
}

/** slice() under the name of the op that asks for it. */
export function cutBox(op: string, x: Tensor, begin: readonly number[], size: Shape): Tensor {
  needWords(op, x);
  const { shape } = x;
  const fits = (n: number, i: number): boolean => {
    const low = begin[i];
    return Number.isInteger(low) && low >= 0 && Number.isInteger(size[i]) && size[i] >= 1 && low + size[i] <= n;
  };
  if (begin.length !== shape.length || size.length !== shape.length || !shape.every(fits))
    throw new TensorError(`${op}: ${x.label} ${shapeText(shape)} has no box ${shapeText(size)} at [${begin}]`);
  const y = empty(x.gpu, size, op, x.dtype);
  const zero = shape.map(() => 0);
  copyBox(x, y, size, begin, zero);
  const back = begin.map((n) => -n);
  return record(op, y, [x], (gradient, sink) => sink.write(0, (out) => copyBox(gradient, out, shape, back, zero)));
}
