// Pixels that belong together, wherever they lie: several images in one, with a filling between them that belongs to none. Made once, on the GPU.
import { type Gpu, needArguments } from '../../gpu/index.ts';
import { keep, type Tensor, TensorError, tensor } from '../../tensor/index.ts';

/**
 * Disjoint lists of pixels (or gates) of one tensor, cut into parts that workgroups share: what segmentNorm and
 * segmentMean go by. Owns GPU memory; release() it.
 */
export class Segments {
  readonly gpu: Gpu;
  /** Number of segments, of pixels in all, of parts of segments, and of all parts. */
  readonly count: number;
  readonly pixels: number;
  readonly partCount: number;
  readonly allParts: number;
  /** u32 [pixels]: the pixels of the segments, one segment behind the other, and then those of none. */
  readonly order: Tensor;
  /** u32 [all parts, 4]: first and end in `order`, and the segment, which for the parts behind `partCount` is none: `count`. */
  readonly parts: Tensor;
  /** u32 [segments, 4]: first and end part, and the number of pixels. */
  readonly table: Tensor;

  /** `lists` holds each segment's pixels, of `pixels` in all. Throws TensorError for an empty segment, or one that holds another's pixel. */
  constructor(gpu: Gpu, pixels: number, lists: readonly ArrayLike<number>[], label: string) {
    needArguments('Segments', 'a Gpu', { gpu });
    needArguments('Segments', 'a list', { lists });
    const taken = new Uint8Array(pixels);
    const order = new Uint32Array(pixels);
    const { most, least } = gpu.machine.packed.parts;
    const size = Math.max(least, Math.ceil(pixels / most));
    const parts: number[] = [];
    const table: number[] = [];
    let reached = 0;
    const cut = (segment: number, length: number): void => {
      const each = Math.ceil(length / Math.ceil(length / size));
      for (let at = 0; at < length; at += each)
        parts.push(reached + at, reached + Math.min(length, at + each), segment, 0);
      reached += length;
    };
    for (const [s, list] of lists.entries()) {
      if (list.length === 0) throw new TensorError(`${label}: segment ${s} holds no pixels`);
      for (let i = 0; i < list.length; i++) {
        const pixel = list[i];
        if (!(pixel < pixels) || taken[pixel] !== 0)
          throw new TensorError(`${label}: pixel ${pixel} of segment ${s} is not there, or another segment's`);
        taken[pixel] = 1;
        order[reached + i] = pixel;
      }
      const first = parts.length / 4;
      cut(s, list.length);
      table.push(first, parts.length / 4, list.length, 0);
    }
    const partCount = parts.length / 4;
    if (reached < pixels) {
      order.set(
        Uint32Array.from(taken.keys()).filter((pixel) => taken[pixel] === 0),
        reached,
      );
      cut(lists.length, pixels - reached);
    }
    const words = (values: ArrayLike<number>, shape: number[], what: string): Tensor =>
      keep(tensor(gpu, values, shape, `${what} of ${label}`, 'u32'));
    this.gpu = gpu;
    this.count = lists.length;
    this.pixels = pixels;
    this.partCount = partCount;
    this.allParts = parts.length / 4;
    this.order = words(order, [pixels], 'pixels');
    this.parts = words(parts, [parts.length / 4, 4], 'parts');
    this.table = words(table, [lists.length, 4], 'table');
  }

  release(): void {
    for (const tensor of [this.order, this.parts, this.table]) tensor.release();
  }
}
