// Functions of one tensor, element by element, f32 or f16: a definition each.
import { unary } from './define.ts';

/** max(x, 0), any shape, f32 or f16. The gradient at 0 is 0. Throws TensorError for another dtype. */
export const relu = unary('relu', { value: 'at_least(x, F(0))', slope: 'select(g, F(0), y <= F(0))' });

/** The logistic function 1 / (1 + exp(−x)), any shape, f32 or f16. Throws TensorError for another dtype. */
export const sigmoid = unary('sigmoid', { value: '1.0 / (1.0 + exp(-x))', slope: 'g * y * (1.0 - y)' });

/** |x|, any shape, f32 or f16. The gradient at 0 is 0. Throws TensorError for another dtype. */
export const abs = unary('abs', { value: 'abs(x)', slope: 'sign(x) * g' });
