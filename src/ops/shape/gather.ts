// Rows picked by index. Backward adds up, for each row, the gradients of its copies in a fixed order.
import {
  axisOf,
  empty,
  needDType,
  needTensors,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { pick } from './kernels/pick.ts';
import { scatter } from './kernels/scatter.ts';
import { needWords } from './kernels/words.ts';
import { bySlices } from './picks.ts';

/**
 * The rows x[index[m]] of x [N, ...], f32, f16 or u32, for index u32 [M]: [M, ...]. An index of N or more gives NaN (f32, f16) or 0xffffffff (u32), and no gradient.
 * Backward sums in f32, by sorting the index where it is long. Throws TensorError.
 */
export const gather = (x: Tensor, index: Tensor): Tensor => indexSelectAs('gather', x, index, 0);

/** What stands at index[m] along `axis` of x, f32, f16 or u32, for index u32 [M], in that side's place; gather() is axis 0, and says what is not there. Throws TensorError. */
export const indexSelect = (x: Tensor, index: Tensor, axis: number): Tensor =>
  indexSelectAs('indexSelect', x, index, axis);

/**
 * The rows of a table [N, ...], f32, f16 or u32, that indices u32 of any shape name: [...indices, ...]. As torch.nn.functional.embedding, but that an index of N or more gives
 * what it gives gather(). Throws TensorError.
 *
 * @example
 * const x = embedding(table, tokens); // tokens [batch, length], table [words, 64]: [batch, length, 64]
 */
export function embedding(table: Tensor, indices: Tensor): Tensor {
  needTensors('embedding', table, indices);
  return rowsOf('embedding', table, indices, 0, [...indices.shape, ...table.shape.slice(1)]);
}

function indexSelectAs(op: string, x: Tensor, index: Tensor, axis: number): Tensor {
  needDType(op, 'u32', index);
  if (index.shape.length !== 1)
    throw new TensorError(`${op}: the index ${index.label} ${shapeText(index.shape)} must have one side`);
  const along = axisOf(op, x, axis);
  return rowsOf(op, x, index, along, x.shape.with(along, index.size));
}

function rowsOf(op: string, x: Tensor, index: Tensor, along: number, shape: Shape): Tensor {
  needWords(op, x);
  needDType(op, 'u32', index);
  const job = bySlices(x, index, along);
  const y = empty(x.gpu, shape, op, x.dtype);
  pick(x, index, y, job);
  return record(op, y, [x], (gradient, sink) => sink.add(0, (out, adds) => scatter(gradient, index, out, job, adds)));
}
