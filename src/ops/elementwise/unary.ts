// Functions of one tensor, element by element. Each is two entries of shaders/elementwise/functions.wgsl, NAMEForward and NAMEBackward, and three lines here.
import { empty, needDType, needFloats, record, type Tensor } from '../../tensor/index.ts';
import { elementwise } from './kernels/elementwise.ts';

/** The op of a name; its gradient is computed from its `output`, so that the input can be freed, or from its `input`. */
function unary(name: string, x: Tensor, from: 'input' | 'output'): Tensor {
  needFloats(name, x);
  const y = empty(x.gpu, x.shape, name, x.dtype);
  elementwise(`${name}Forward`, [x], y);
  return record(name, y, [x], (gradient, sink) =>
    sink.write(0, (out) => elementwise(`${name}Backward`, [from === 'output' ? y : x, gradient], out)),
  );
}

/** max(x, 0), any shape, f32 or f16. The gradient at 0 is 0. Throws TensorError for another dtype. */
export const relu = (x: Tensor): Tensor => unary('relu', x, 'output');

/** The logistic function 1 / (1 + exp(−x)), any shape, f32 or f16. Throws TensorError for another dtype. */
export const sigmoid = (x: Tensor): Tensor => unary('sigmoid', x, 'output');

/** |x|, any shape, f32. The gradient at 0 is 0. Throws TensorError for another dtype. */
export function abs(x: Tensor): Tensor {
  needDType('abs', 'f32', x);
  return unary('abs', x, 'input');
}
