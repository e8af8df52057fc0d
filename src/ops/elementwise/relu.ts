// The ReLU, max(x, 0). Backward needs only the output's sign, so the input can be freed.
import { empty, record, type Tensor } from '../../tensor/index.ts';
import { binary, unary } from './kernels/elementwise.ts';

/** max(x, 0), any shape, f32 or f16. */
export function relu(x: Tensor): Tensor {
  const y = empty(x.gpu, x.shape, 'relu', x.dtype);
  unary('relu', x, y);
  return record('relu', y, [x], (gradient, sink) => sink.write(0, (out) => binary('reluBackward', y, gradient, out)));
}
