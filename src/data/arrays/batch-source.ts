// What a training loop asks of whatever makes its batches. The tensors of a batch are always the same memory, so that a step can be captured once and replayed.
import type { Tensor } from '../../tensor/index.ts';

/** Tensors by name, as arrays are given: `x` and `y` by custom. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** Where batches come from: sets of images (BatchStream), arrays in memory (ArrayBatches), or anything that yields arrays (StreamedBatches). */
export interface BatchSource<B = NamedTensors> {
  /** The batch, always the same tensors: each `next` fills them anew. */
  readonly batch: B;
  /** Batches in an epoch, where that is known. */
  readonly batches?: number;
  /** Equal parts that a batch comes in, where memory does not hold it at once; `batch` then is one of them. Absent where it comes whole. */
  readonly parts?: number;
  /** What the CPU does for the next batch: to be awaited before each step, outside of captures. Absent where that is nothing. */
  prepare?(): Promise<void>;
  /** Records the kernels that fill `batch` with the next one, or its first part: part of a captured step. */
  next(): void;
  /** Records those that fill `batch` with part `i`, counted from 0, of what next() has begun. Absent where a batch comes whole. */
  part?(i: number): void;
}
