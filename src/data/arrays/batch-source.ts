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
  /** What the CPU does for the next batch: to be awaited before each step, outside of captures. Absent where that is nothing. */
  prepare?(): Promise<void>;
  /** Records the kernels that fill `batch` with the next one: part of a captured step. */
  next(): void;
}
