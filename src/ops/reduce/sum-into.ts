// The gradient of what was broadcast: sums over the sides along which it repeated.
import { convert, empty, type Tensor } from '../../tensor/index.ts';
import { lined } from '../elementwise/kernels/broadcast-job.ts';
import { reduceInto } from './reduce.ts';

/** What a broadcast sends back: `gradient` summed in f32 over what repeated, times `factor`, into `out` in the operand's shape; each f32 or f16. */
export function sumInto(gradient: Tensor, out: Tensor, factor = 1): void {
  const { gpu } = gradient;
  const shape = lined(out.shape, gradient.shape.length);
  const axes = shape.flatMap((n, i) => (n === 1 && gradient.shape[i] > 1 ? [i] : []));
  const [from, to] = [gradient, out].map((one) =>
    one.dtype === 'f32' ? one : empty(gpu, one.shape, 'gradient of a broadcast'),
  );
  if (from !== gradient) convert(gpu, gradient.slice, from.slice, gradient.size, 'f16', 'f32');
  reduceInto(from, axes, 'sum', to, { factor });
  if (to !== out) convert(gpu, to.slice, out.slice, out.size, 'f32', 'f16');
  if (from !== gradient) from.release();
  if (to !== out) to.release();
}
