// Tensors one behind the other along an axis. Backward cuts each one's part out of the gradient.
import { needArguments } from '../../gpu/index.ts';
import { axisOf, empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { needWords } from './kernels/words.ts';
import { unsqueeze } from './reshape.ts';
import { copyBox } from './window.ts';

/** Joins tensors, all f32, all f16 or all u32, that agree in every side but `axis`, which may count from the end. Throws TensorError. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  needAny('concat', tensors);
  return joined('concat', tensors, axisOf('concat', tensors[0], axis));
}

/**
 * Tensors of one shape, all f32, all f16 or all u32, one behind the other along a new side at `axis` (default 0), which is that of the result and may count from its end.
 * Throws TensorError.
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  needAny('stack', tensors);
  const [first, ...others] = tensors;
  for (const { label, shape } of others)
    if (shapeText(shape) !== shapeText(first.shape))
      throw new TensorError(
        `stack: ${label} ${shapeText(shape)} does not go with ${first.label} ${shapeText(first.shape)}; they must be of one shape`,
      );
  const places = tensors.map((x) => unsqueeze(x, axis));
  return joined('stack', places, axisOf('stack', places[0], axis));
}

function needAny(op: string, tensors: readonly Tensor[]): void {
  needArguments(op, 'a list', { tensors });
  if (tensors.length === 0) throw new TensorError(`${op}: no tensors were given`);
  needWords(op, ...(tensors as [Tensor, ...Tensor[]]));
}

function joined(op: string, tensors: readonly Tensor[], along: number): Tensor {
  const [first] = tensors;
  for (const { label, shape } of tensors)
    if (shape.length !== first.shape.length || shape.some((n, i) => i !== along && n !== first.shape[i]))
      throw new TensorError(
        `${op}: ${label} ${shapeText(shape)} does not go with ${first.label} ${shapeText(first.shape)} along axis ${along}`,
      );
  const total = tensors.reduce((sum, { shape }) => sum + shape[along], 0);
  const y = empty(
    first.gpu,
    first.shape.map((n, i) => (i === along ? total : n)),
    op,
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
