// Zeros around a tensor. Backward cuts them off again.
import { empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { needWords } from './kernels/words.ts';
import { copyBox } from './window.ts';

/** x with `margins[i]` = [zeros before, zeros behind] along side i, f32, f16 or u32. Throws TensorError. */
export function pad(x: Tensor, margins: readonly (readonly [number, number])[]): Tensor {
  needWords('pad', x);
  const { shape } = x;
  if (margins.length !== shape.length || margins.flat().some((n) => !Number.isInteger(n) || n < 0))
    throw new TensorError(
      `pad: ${x.label} ${shapeText(shape)} takes ${shape.length} pairs of whole numbers from 0, got ${JSON.stringify(margins)}`,
    );
  const y = empty(
    x.gpu,
    shape.map((n, i) => margins[i][0] + n + margins[i][1]),
    'pad',
    x.dtype,
  );
  const zero = shape.map(() => 0);
  const low = margins.map(([before]) => before);
  copyBox(
    x,
    y,
    y.shape,
    low.map((n) => -n),
    zero,
  );
  return record('pad', y, [x], (gradient, sink) => sink.write(0, (out) => copyBox(gradient, out, shape, low, zero)));
}
