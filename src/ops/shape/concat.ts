// Tensors one behind the other along an axis. Backward cuts each one's part out of the gradient.
import { axisOf, empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { needWords } from './kernels/words.ts';
import { copyBox } from './window.ts';

/** Joins tensors, all f32, all f16 or all u32, that agree in every side but `axis`, which may count from the end. Throws TensorError. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 0) throw new TensorError('concat: no tensors were given');
  const [first] = tensors;
  needWords('concat', ...(tensors as [Tensor, ...Tensor[]]));
  const along = axisOf('concat', first, axis);
  for (const { label, shape } of tensors)
    if (shape.length !== first.shape.length || shape.some((n, i) => i !== along && n !== first.shape[i]))
      throw new TensorError(
        `concat: ${label} ${shapeText(shape)} does not go with ${first.label} ${shapeText(first.shape)} along axis ${along}`,
      );
  const total = tensors.reduce((sum, { shape }) => sum + shape[along], 0);
  const y = empty(
    first.gpu,
    first.shape.map((n, i) => (i === along ? total : n)),
    'concat',
    first.dtype,
  );
  const zero = first.shape.map(() => 0);
  const starts: number[][] = [];
  let reached = 0;
  for (const x of tensors) {
    starts.push(zero.with(along, reached));
    reached += x.shape[along];
    copyBox(x, y, x.shape, zero, starts[starts.length - 1]);
  }
  return record(
    'concat',
    y,
    [...tensors],
    (gradient, sink) => {
      tensors.forEach((x, i) => {
        sink.write(i, (out) => copyBox(gradient, out, x.shape, starts[i], zero));
      });
    },
    [],
    { axis: along },
  );
}
