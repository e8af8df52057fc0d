// All feature maps in one image, so that the astrocyte network runs once for a whole task network. After each downsampling they are packed anew, and always a
// pixel apart that stays zero: each map sees the padding that it would have alone.
import { type Gpu, needArguments } from '../../gpu/index.ts';
import {
  type Downsampling,
  type IndexMap,
  NO_INDEX,
  type PackedSize,
  permuteScatter,
  Segments,
} from '../../ops/index.ts';
import { keep, type Tensor, tensor } from '../../tensor/index.ts';
import { packRectangles } from './pack-rectangles.ts';
import { RegionGroups } from './region-groups.ts';

/** A matrix of gates that is one image to the astrocyte. */
export interface MapRegion {
  height: number;
  width: number;
  /** Its first gate in the flat tensor, and their number: H·W, or less where the last row is not full. */
  at: number;
  length: number;
  /** Maps of one batch are normalized together. */
  batch: number;
}

/** The packed maps at one resolution: the full one, or after some downsamplings. */
export interface PackedLevel extends PackedSize {
  /** The pixels of each batch. */
  batches: Segments;
  /** From the level before, whose maps are twice as high and wide; none at full size. */
  downsampling?: Downsampling;
}

/** Times that a map's sides are divided by 2. */
export const DOWNSAMPLINGS = 3;
/** Maps are filled up with zeros to multiples of this. */
const MULTIPLE = 2 ** DOWNSAMPLINGS;

/** The maps of one layout, packed: indices on the GPU that take gates into the image, from level to level, and back. */
export class PackedMaps {
  /** Full size first, DOWNSAMPLINGS more behind it. */
  readonly levels: readonly PackedLevel[];
  /** The gates of each map. */
  readonly maps: Segments;
  /** Number of gates. */
  readonly gates: number;
  /** The maps by shape. */
  readonly shapes: RegionGroups;
  /** From gates (sources) to pixels at full size (targets). */
  private readonly pixelIndex: IndexMap;

  /** `maps` share one flat tensor. Throws TensorError for a map without gates, or with those of another. */
  constructor(gpu: Gpu, maps: readonly MapRegion[]) {
    needArguments('PackedMaps', 'a Gpu', { gpu });
    needArguments('PackedMaps', 'a list', { maps });
    const words = (values: Uint32Array, label: string): Tensor =>
      keep(tensor(gpu, values, [values.length], label, 'u32'));
    const sizes = Array.from({ length: DOWNSAMPLINGS + 1 }, (_, level) =>
      maps.map(({ height, width }) => ({ height: downsampled(height, level), width: downsampled(width, level) })),
    );
    const packings = sizes.map(packRectangles);
    /** Calls `visit` with each pixel of a map, row by row. */
    const pixels = (level: number, map: number, visit: (pixel: number, y: number, x: number) => void): void => {
      const { width, offsets } = packings[level];
      const size = sizes[level][map];
      for (let y = 0; y < size.height; y++)
        for (let x = 0; x < size.width; x++) visit((offsets[map].y + y) * width + offsets[map].x + x, y, x);
    };
    const downsampling = (level: number): Downsampling => {
      const [fine, coarse] = [packings[level - 1], packings[level]];
      const children = new Uint32Array(coarse.height * coarse.width).fill(NO_INDEX);
      const parents = new Uint32Array(fine.height * fine.width).fill(NO_INDEX);
      const sources = new Uint32Array(fine.height * fine.width).fill(NO_INDEX);
      const targets = new Uint32Array(4 * coarse.height * coarse.width).fill(NO_INDEX);
      for (const map of maps.keys())
        pixels(level, map, (pixel, y, x) => {
          const child = (fine.offsets[map].y + 2 * y) * fine.width + fine.offsets[map].x + 2 * x;
          children[pixel] = child;
          for (let k = 0; k < 4; k++) {
            const [row, column] = [k >> 1, k & 1];
            const own = child + row * fine.width + column;
            const upsampledRow = (2 * (coarse.offsets[map].y + y) + row) * 2 * coarse.width;
            const upsampled = upsampledRow + 2 * (coarse.offsets[map].x + x) + column;
            parents[own] = 4 * pixel + k;
            sources[own] = upsampled;
            targets[upsampled] = own;
          }
        });
      return {
        ...{ fine, coarse, childIndex: words(children, 'children'), parentIndex: words(parents, 'parents') },
        upsampleIndex: { sources: words(sources, 'sources'), targets: words(targets, 'targets') },
      };
    };
    const pixelsOf = (level: number, list: readonly number[]): Uint32Array => {
      const all = new Uint32Array(list.reduce((sum, map) => sum + area(sizes[level][map]), 0));
      let count = 0;
      for (const map of list)
        pixels(level, map, (pixel) => {
          all[count++] = pixel;
        });
      return all;
    };
    this.levels = packings.map(({ height, width }, level) => {
      const batches = byBatch(maps).map((list) => pixelsOf(level, list));
      return {
        height,
        width,
        batches: new Segments(gpu, height * width, batches, `maps at 1/${2 ** level}`),
        downsampling: level > 0 ? downsampling(level) : undefined,
      };
    });
    const coarsest = packings[DOWNSAMPLINGS];
    this.shapes = new RegionGroups(gpu, maps, area(coarsest), (map) => pixelsOf(DOWNSAMPLINGS, [map]));

    const gates = maps.reduce((sum, { length }) => sum + length, 0);
    this.gates = gates;
    this.maps = new Segments(gpu, gates, maps.map(gateRange), 'gates of maps');
    const sources = new Uint32Array(area(packings[0])).fill(NO_INDEX);
    const targets = new Uint32Array(gates);
    for (const [m, { width, at, length }] of maps.entries())
      pixels(0, m, (pixel, y, x) => {
        const i = y * width + x;
        if (x >= width || i >= length) return;
        sources[pixel] = at + i;
        targets[at + i] = pixel;
      });
    this.pixelIndex = { sources: words(sources, 'gates of pixels'), targets: words(targets, 'pixels of gates') };
  }

  /** One value a gate, f32 [gates], to f32 [1,H,W,1] at full size, zero elsewhere. Differentiable. Throws TensorError for another size or dtype. */
  pack(values: Tensor): Tensor {
    const [{ height, width }] = this.levels;
    return permuteScatter(values, [1, height, width, 1], this.pixelIndex);
  }

  /** f32 [1,H,W,1] at full size to one value a gate, f32 [gates]. Differentiable. Throws TensorError for another size or dtype. */
  unpack(image: Tensor): Tensor {
    const { sources, targets } = this.pixelIndex;
    return permuteScatter(image, [targets.size], { sources: targets, targets: sources });
  }

  /** Frees its memory on the GPU. */
  release(): void {
    for (const { batches, downsampling } of this.levels)
      for (const owned of [
        batches,
        downsampling?.childIndex,
        downsampling?.parentIndex,
        downsampling?.upsampleIndex.sources,
        downsampling?.upsampleIndex.targets,
      ])
        owned?.release();
    for (const owned of [this.maps, this.shapes, this.pixelIndex.sources, this.pixelIndex.targets]) owned.release();
  }
}

const downsampled = (side: number, times: number): number => (Math.ceil(side / MULTIPLE) * MULTIPLE) >> times;
const area = ({ height, width }: PackedSize): number => height * width;

/** Maps of each batch. */
function byBatch(maps: readonly MapRegion[]): number[][] {
  const members: number[][] = [];
  for (const [m, { batch }] of maps.entries()) (members[batch] ??= []).push(m);
  return members;
}

/** The gates from `at` on. */
export const gateRange = ({ at, length }: { at: number; length: number }): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => at + i);
