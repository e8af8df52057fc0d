// Another shape over the same values.
import { count, record, type Shape, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';

/** The values of x in another shape with as many elements; one side may be −1 and is worked out. No copy. Throws TensorError. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const full = shape.map((n) => (n === -1 ? x.size / known : n));
  if (
    count(full) !== x.size ||
    full.some((n) => !Number.isInteger(n) || n < 1) ||
    shape.indexOf(-1) !== shape.lastIndexOf(-1)
  )
    throw new TensorError(
      `reshape: ${x.label} ${shapeText(x.shape)} has ${x.size} elements and cannot become ${shapeText(shape)}`,
    );
  const y = x.alias(full, 0, 'reshape');
  return record('reshape', y, [x], (gradient, sink) => sink.forward(0, gradient));
}
