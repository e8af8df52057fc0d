// A line through every element: factor·x + shift, for constants known when the op is recorded.
import { empty, needDType, record, type Tensor } from '../../tensor/index.ts';
import { affine } from './kernels/elementwise.ts';

/** factor·x + shift, any shape, f32. */
export function scale(x: Tensor, factor: number, shift = 0): Tensor {
  needDType('scale', 'f32', x);
  const y = empty(x.gpu, x.shape, 'scale');
  affine(x, y, factor, shift);
  return record('scale', y, [x], (gradient, sink) => sink.write(0, (out) => affine(gradient, out, factor, 0)));
}
