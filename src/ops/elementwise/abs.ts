// The absolute value of every element.
import { empty, needDType, record, type Tensor } from '../../tensor/index.ts';
import { binary, unary } from './kernels/elementwise.ts';

/** |x|, any shape, f32. The gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  needDType('abs', 'f32', x);
  const y = empty(x.gpu, x.shape, 'abs');
  unary('absolute', x, y);
  return record('abs', y, [x], (gradient, sink) => sink.write(0, (out) => binary('absBackward', x, gradient, out)));
}
