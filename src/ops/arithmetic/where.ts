// A choice between two tensors, or numbers, element by element.
import type { Tensor } from '../../tensor/index.ts';
import { applyBroadcasting } from './broadcasting.ts';

/**
 * a where `condition` is not 0 (NaN is not), else b, with NumPy's broadcasting of all three. The condition is of any dtype and has no gradient; a and b are f32, f16 or
 * numbers, f16 if either is, or labels (u32) and whole numbers, which come out as they are. The gradient goes to the one that was taken; the other gets 0. Throws TensorError.
 */
export const where = (condition: Tensor | number, a: Tensor | number, b: Tensor | number): Tensor =>
  applyBroadcasting(
    'where',
    {
      value: 'select(a, b, is_zero(c))',
      words: 'select(a, b, is_zero(c))',
      keeps: true,
      slopes: ['select(g, F(0), is_zero(c))', 'select(F(0), g, is_zero(c))'],
      any: [2],
    },
    [a, b, condition],
  );
