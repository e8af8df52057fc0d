// Sums, differences and products of two tensors, or of a tensor and a number, with NumPy's broadcasting.
import type { Tensor } from '../../tensor/index.ts';
import { applyBroadcasting, type Definition } from './broadcasting.ts';

const binary =
  (name: string, definition: Definition) =>
  (a: Tensor | number, b: Tensor | number): Tensor =>
    applyBroadcasting(name, definition, [a, b]);

/** a + b, each f32 or f16 or a number, with NumPy's broadcasting; f16 if either is. Throws TensorError. */
export const add = binary('add', { value: 'a + b', slopes: ['g', 'g'] });

/** a − b, as add. */
export const sub = binary('sub', { value: 'a - b', alike: 'or_nan(F(0), is_finite(a))', slopes: ['g', '-g'] });

/** a · b element by element, as add. */
export const mul = binary('mul', { value: 'a * b', slopes: ['g * b', 'g * a'] });
