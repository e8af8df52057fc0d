// Pixels that belong together, wherever they lie: several images in one tensor or in several, with a filling between them that belongs to none. Made once, on the GPU.
import { type Gpu, needArguments } from '../../gpu/index.ts';
import { keep, type Tensor, TensorError, tensor } from '../../tensor/index.ts';

/** One of the tensors that segments lie in. */
export interface SegmentedTensor {
  readonly pixels: number;
  /** Number of parts of segments, and of all parts. */
  readonly partCount: number;
  readonly allParts: number;
  /** u32 [pixels]: the pixels of the segments, one segment behind the other, and then those of none. */
  readonly order: Tensor;
  /** u32 [all parts, 4]: first and end in `order`, and the segment, which for the parts behind `partCount` is none: the number of segments. */
  readonly parts: Tensor;
}

/** Parts of a segment in one tensor. */
interface Stretch {
  place: number;
  first: number;
  end: number;
}

/** A tensor's share while it is gathered. */
interface Gathered {
  /** The number of its first pixel. */
  begin: number;
  order: Uint32Array;
  reached: number;
  parts: number[];
}

/**
 * Disjoint lists of pixels (or gates) of one tensor, or of several that are counted through, cut into parts that workgroups share: what segmentNorm and
 * segmentMean go by. Owns GPU memory; release() it.
 */
export class Segments {
  /** Where its tables lie. */
  readonly gpu: Gpu;
  /** Number of segments. */
  readonly count: number;
  /** Each tensor whose pixels it sorts into segments, with its part of the tables. */
  readonly tensors: readonly SegmentedTensor[];
  /** u32 [parts of segments, 4]: those of all tensors, one tensor behind the other. */
  readonly parts: Tensor;
  /** u32 [segments, 4]: first and end part, and the number of pixels. */
  readonly table: Tensor;

  /**
   * `lists` holds each segment's pixels, of `pixels` in all, or so many of each tensor. Throws TensorError for an empty segment, one that holds another's pixel, and one
   * that other segments interrupt between two tensors.
   */
  constructor(gpu: Gpu, pixels: number | readonly number[], lists: readonly ArrayLike<number>[], label: string) {
    needArguments('Segments', 'a Gpu', { gpu });
    needArguments('Segments', 'a list', { lists });
    const sizes = typeof pixels === 'number' ? [pixels] : pixels;
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const taken = new Uint8Array(total);
    const { most, least } = gpu.machine.packed.parts;
    const size = Math.max(least, Math.ceil(Math.max(...sizes) / most));
    let begin = 0;
    const gathered = sizes.map((count): Gathered => {
      begin += count;
      return { begin: begin - count, order: new Uint32Array(count), reached: 0, parts: [] };
    });
    /** Makes parts of the next `length` pixels in a tensor's order. */
    const cut = (place: number, segment: number, length: number): Stretch => {
      const { parts, reached } = gathered[place];
      const first = parts.length / 4;
      const each = Math.ceil(length / Math.ceil(length / size));
      for (let at = 0; at < length; at += each)
        parts.push(reached + at, reached + Math.min(length, at + each), segment, 0);
      gathered[place].reached += length;
      return { place, first, end: parts.length / 4 };
    };
    const stretches = lists.map((list, s): Stretch[] => {
      if (list.length === 0) throw new TensorError(`${label}: segment ${s} holds no pixels`);
      const counts = gathered.map(() => 0);
      let place = 0;
      for (let i = 0; i < list.length; i++) {
        const pixel = list[i];
        if (!(pixel < total) || taken[pixel] !== 0)
          throw new TensorError(`${label}: pixel ${pixel} of segment ${s} is not there, or another segment's`);
        taken[pixel] = 1;
        if (!(pixel >= gathered[place].begin && pixel < gathered[place].begin + sizes[place]))
          place = gathered.findLastIndex(({ begin }) => pixel >= begin);
        const { begin, order, reached } = gathered[place];
        order[reached + counts[place]++] = pixel - begin;
      }
      return counts.flatMap((length, place) => (length > 0 ? [cut(place, s, length)] : []));
    });
    const partCounts = gathered.map(({ parts }) => parts.length / 4);
    const own = gathered.flatMap(({ parts }) => parts);
    for (const [place, { begin, order, reached }] of gathered.entries()) {
      if (reached === sizes[place]) continue;
      let at = reached;
      for (let i = 0; i < sizes[place]; i++) if (taken[begin + i] === 0) order[at++] = i;
      cut(place, lists.length, sizes[place] - reached);
    }
    const words = (values: ArrayLike<number>, shape: number[], what: string): Tensor =>
      keep(tensor(gpu, values, shape, `${what} of ${label}`, 'u32'));
    this.gpu = gpu;
    this.count = lists.length;
    this.tensors = gathered.map(({ order, parts }, place) => ({
      pixels: sizes[place],
      partCount: partCounts[place],
      allParts: parts.length / 4,
      order: words(order, [sizes[place]], 'pixels'),
      parts: words(parts, [parts.length / 4, 4], 'parts'),
    }));
    const [first, ...others] = this.tensors;
    this.parts = others.length === 0 ? first.parts : words(own, [own.length / 4, 4], 'all parts');
    this.table = words(tableOf(label, lists, stretches, partCounts), [lists.length, 4], 'table');
  }

  /** Gives back all tables. */
  release(): void {
    for (const { order, parts } of this.tensors) for (const owned of [order, parts]) owned.release();
    if (this.tensors.length > 1) this.parts.release();
    this.table.release();
  }
}

/** The first and end part of each segment among those of all tensors, which must follow each other, and its pixels. */
function tableOf(
  label: string,
  lists: readonly ArrayLike<number>[],
  stretches: readonly Stretch[][],
  partCounts: readonly number[],
): number[] {
  const begins = partCounts.map((_, place) => partCounts.slice(0, place).reduce((sum, count) => sum + count, 0));
  return stretches.flatMap((list, s) => {
    const ranges = list.map(({ place, first, end }) => [begins[place] + first, begins[place] + end]);
    for (let i = 1; i < ranges.length; i++)
      if (ranges[i][0] !== ranges[i - 1][1])
        throw new TensorError(`${label}: segment ${s} lies in several tensors with others' pixels between its own`);
    return [ranges[0][0], ranges[ranges.length - 1][1], lists[s].length, 0];
  });
}
