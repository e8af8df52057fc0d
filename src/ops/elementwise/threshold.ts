// Comparing with a threshold: the straight-through binary gate, and the cut that makes improbable connections exactly zero.
import type { Tensor } from '../../tensor/index.ts';
import { applyUnary } from './define.ts';

/**
 * 1 where x ≥ threshold, else 0, and NaN where x is; the gradient passes straight through (Bengio et al. 2013). f32 or f16; throws TensorError for another dtype.
 */
export const binarizeSTE = (x: Tensor, threshold: number): Tensor =>
  applyUnary('binarizeSTE', { value: 'select(one_where(x >= threshold), x, is_nan(x))', slope: 'g' }, x, { threshold });

/** x where x ≥ threshold or NaN, else 0, as a constant. f32 or f16; throws TensorError for another dtype. */
export const hardThreshold = (x: Tensor, threshold: number): Tensor =>
  applyUnary('hardThreshold', { value: 'select(F(0), x, (x >= threshold) | is_nan(x))' }, x, { threshold });
