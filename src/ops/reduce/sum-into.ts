// The gradient of what was broadcast: sums over the sides along which it repeated.
import type { Tensor } from '../../tensor/index.ts';
import { lined } from '../elementwise/broadcast.ts';
import { reduceInto } from './reduce.ts';

/** What a broadcast sends back: `gradient` summed over what repeated, times `factor`, into `out` in the operand's shape; each f32 or f16. */
export function sumInto(gradient: Tensor, out: Tensor, factor = 1): void {
  const shape = lined(out.shape, gradient.shape.length);
  const axes = shape.flatMap((n, i) => (n === 1 && gradient.shape[i] > 1 ? [i] : []));
  reduceInto(gradient, axes, 'sum', out, { factor });
}
