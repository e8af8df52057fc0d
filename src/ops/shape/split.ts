// A tensor cut into parts along an axis. Their gradients meet in one tensor.
import { needArguments } from '../../gpu/index.ts';
import { axisOf, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { cutBox } from './slice.ts';

/**
 * x cut along `axis` (default 0), which may count from the end: into `parts` equal parts, or into parts of the given sizes, which must be all of that side. Copies,
 * f32, f16 or u32. Throws TensorError.
 *
 * @example
 * const [q, k, v] = split(projected, 3, -1);
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  const along = axisOf('split', x, axis);
  const side = x.shape[along];
  const sizes = typeof parts === 'number' ? new Array<number>(side % parts ? 0 : parts).fill(side / parts) : parts;
  needArguments('split', 'a list', { parts: sizes });
  if (
    sizes.length === 0 ||
    sizes.reduce((sum, n) => sum + n) !== side ||
    sizes.some((n) => !Number.isInteger(n) || n < 1)
  )
    throw new TensorError(
      `split: side ${along} of ${x.label} ${shapeText(x.shape)} cannot be cut into ${typeof parts === 'number' ? `${parts} equal parts` : `parts of [${parts}]`}`,
    );
  return cut('split', x, sizes, along);
}

/**
 * x cut along `axis` (default 0) into `count` parts as torch.chunk does: all as large as the first, but for the last, which has what is left; fewer parts where that is
 * nothing. Copies, f32, f16 or u32. Throws TensorError.
 */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  const along = axisOf('chunk', x, axis);
  if (!Number.isInteger(count) || count < 1)
    throw new TensorError(`chunk: ${x.label} ${shapeText(x.shape)} cannot be cut into ${count} parts`);
  const side = x.shape[along];
  const each = Math.ceil(side / count);
  const sizes = Array.from({ length: Math.ceil(side / each) }, (_, i) => Math.min(each, side - i * each));
  return cut('chunk', x, sizes, along);
}

function cut(op: string, x: Tensor, sizes: readonly number[], along: number): Tensor[] {
  let reached = 0;
  return sizes.map((n) => {
    const begin = x.shape.map((_, i) => (i === along ? reached : 0));
    reached += n;
    return cutBox(op, x, begin, x.shape.with(along, n));
  });
}
