// Ranges of a flat tensor, one behind the other, cut into parts that workgroups share: what is compared only with its own kind, as the gates of a layer. Made once, on the GPU.
import { type Gpu, needArguments } from '../../gpu/index.ts';
import { keep, type Tensor, TensorError, tensor } from '../../tensor/index.ts';

/** Elements of a part: enough for its histogram to be worth adding up, and few enough that a small network has parts for every workgroup. */
const PART = 2048;

/** Ranges of a flat tensor. Owns GPU memory; release() it. */
export class Ranges {
  /** Where its table lies. */
  readonly gpu: Gpu;
  /** Number of ranges. */
  readonly count: number;
  /** Elements of all ranges together. */
  readonly size: number;
  /** Number of parts that they are cut into. */
  readonly partCount: number;
  /** u32 [parts, 4]: first and end element, and the range. */
  readonly parts: Tensor;

  /** `lengths` are those of the ranges in their order. Throws TensorError for an empty one. */
  constructor(gpu: Gpu, lengths: readonly number[], label: string) {
    needArguments('Ranges', 'a Gpu', { gpu });
    needArguments('Ranges', 'a list', { lengths });
    const rows: number[] = [];
    let at = 0;
    for (const [range, length] of lengths.entries()) {
      if (!(Number.isInteger(length) && length > 0))
        throw new TensorError(`${label}: range ${range} has ${length} elements; each needs one at least`);
      for (const end = at + length; at < end; at = Math.min(end, at + PART))
        rows.push(at, Math.min(end, at + PART), range, 0);
    }
    if (at === 0) throw new TensorError(`${label}: there are no ranges`);
    this.gpu = gpu;
    this.count = lengths.length;
    this.size = at;
    this.partCount = rows.length / 4;
    this.parts = keep(tensor(gpu, rows, [this.partCount, 4], `parts of ${label}`, 'u32'));
  }

  /** Frees its memory on the GPU. */
  release(): void {
    this.parts.release();
  }
}
