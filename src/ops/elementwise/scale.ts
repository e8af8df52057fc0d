// A line through every element: factor·x + shift, for constants known when the op is recorded.
import type { Tensor } from '../../tensor/index.ts';
import { applyUnary } from './define.ts';

/** factor·x + shift, any shape, f32 or f16. Throws TensorError for another dtype. */
export const scale = (x: Tensor, factor: number, shift = 0): Tensor =>
  applyUnary('scale', { value: 'factor * x + shift', slope: 'factor * g' }, x, { factor, shift });
