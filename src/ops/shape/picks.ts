// What an index picks of a tensor, as kernels see it.
import { count, needDType, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import type { Picks } from './kernels/pick.ts';

/** An index of whole slices: what stands at each along a side. */
export const bySlices = ({ shape }: Tensor, index: Tensor, along: number): Picks => ({
  outer: count(shape.slice(0, along)),
  rows: shape[along],
  picks: index.size,
  width: count(shape.slice(along + 1)),
  each: false,
});

/** Indices for every element by itself, which agree with x in the other sides. Throws TensorError. */
export function byElements(op: string, x: Tensor, indices: Tensor, along: number): Picks {
  needDType(op, 'u32', indices);
  const { shape } = x;
  if (indices.shape.length !== shape.length || shape.some((n, i) => i !== along && n !== indices.shape[i]))
    throw new TensorError(
      `${op}: the indices ${indices.label} ${shapeText(indices.shape)} do not go with ${x.label} ${shapeText(shape)} along axis ${along}`,
    );
  return { ...bySlices(x, indices, along), picks: indices.shape[along], each: true };
}
