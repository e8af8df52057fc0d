// The logistic function, 1 / (1 + exp(−x)).
import { empty, record, type Tensor } from '../../tensor/index.ts';
import { binary, unary } from './kernels/elementwise.ts';

/** 1 / (1 + exp(−x)), any shape, f32 or f16. */
export function sigmoid(x: Tensor): Tensor {
  const y = empty(x.gpu, x.shape, 'sigmoid', x.dtype);
  unary('sigmoid', x, y);
  return record('sigmoid', y, [x], (gradient, sink) =>
    sink.write(0, (out) => binary('sigmoidBackward', y, gradient, out)),
  );
}
