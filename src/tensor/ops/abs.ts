// The magnitude of every element.
import { record } from '../autograd.ts';
import { empty, type Tensor } from '../tensor.ts';
import { needDType } from './checks.ts';
import { binary, unary } from './elementwise.ts';

/** |x|, any shape, f32. The gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  needDType('abs', 'f32', x);
  const y = empty(x.gpu, x.shape, 'abs');
  unary('magnitude', x, y);
  return record('abs', y, [x], (gradient, sink) =>
    sink.write(0, (out) => binary('magnitudeBackward', x, gradient, out)),
  );
}
