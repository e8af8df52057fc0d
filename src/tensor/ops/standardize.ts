// Rows moved to mean 0 and deviation 1, each by its own statistics: how features enter an astrocyte network, and the normalisation U of its answers.
import { record } from '../autograd.ts';
import { empty, shapeText, type Tensor, TensorError } from '../tensor.ts';
import { batchCoefficients, gradientSums, normalize, normalizeBackward, UNBOUNDED } from './normalize.ts';

/** (x − mean) / sqrt(population variance + eps) of each row of x [B, M], f32. Throws TensorError for another rank. */
export function standardize(x: Tensor, eps: number): Tensor {
  if (x.shape.length !== 2)
    throw new TensorError(`standardize: ${x.label} ${shapeText(x.shape)} must be [rows, length]`);
  const [rows, positions] = x.shape;
  const layout = { rows, positions, channels: 1 };
  const coefficients = batchCoefficients(x, layout, eps);
  const y = empty(x.gpu, x.shape, 'standardize');
  normalize(x, y, layout, coefficients, UNBOUNDED);
  return record(
    'standardize',
    y,
    [x],
    (dy, sink) =>
      sink.write(0, (dx) => {
        const sums = gradientSums(x, dy, layout, coefficients, UNBOUNDED);
        normalizeBackward(x, dy, dx, layout, coefficients, UNBOUNDED, sums);
        sums.release();
      }),
    [coefficients],
  );
}
