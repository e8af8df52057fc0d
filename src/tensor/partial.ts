// Which tensors are partial tensors: ordinary memory of which only the first channels hold values yet. Only ops that know how to leave the
// others alone may read them; record() refuses all others, so that what nobody wrote is never read.
import { shapeText, type Tensor, TensorError } from './tensor.ts';

const filled = new WeakMap<Tensor, number>();
/** Ops whose first input may be such a block. */
const READERS = new Set(['writeChannels', 'batchNorm']);

const lastSide = ({ shape }: Tensor): number => shape[shape.length - 1];

/** Notes that of x's channels only the first `channels` hold values. */
export function markFilled(x: Tensor, channels: number): void {
  filled.set(x, channels);
}

/** How many of x's channels hold values: all, unless x is a partial tensor. */
export function filledChannels(x: Tensor): number {
  return filled.get(x) ?? lastSide(x);
}

/** Is x what writeChannels() made, whole or not? */
export const isPartial = (x: Tensor): boolean => filled.has(x);

/** Throws TensorError naming the op and the first input that is a partial tensor, where it takes none. */
export function needWhole(op: string, inputs: readonly Tensor[]): void {
  for (const input of READERS.has(op) ? inputs.slice(1) : inputs)
    if (filledChannels(input) < lastSide(input))
      throw new TensorError(
        `${op}: of ${input.label} ${shapeText(input.shape)} only ${filledChannels(input)} channels hold values; ` +
          'write the others first, or read it by batchNorm',
      );
}
