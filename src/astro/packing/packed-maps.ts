// All feature maps in one image, so that the astrocyte network runs once for a whole task network. After each halving they are arranged anew, and always a
// pixel apart that stays zero: each map sees the padding that it would have alone.
import type { Gpu } from '../../gpu/index.ts';
import { type Arrangement, type Halving, type IndexMap, NO_INDEX, permuteScatter, Segments } from '../../ops/index.ts';
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

/** The maps at full size, or after some halvings. */
export interface Level extends Arrangement {
  /** The pixels of each batch. */
  batches: Segments;
  /** From the level before, which is twice as large. */
  halving?: Halving;
}

/** Times that the sides of a map are halved. */
export const HALVINGS = 3;
/** Maps are filled up with zeros to multiples of this. */
const MULTIPLE = 2 ** HALVINGS;

export class PackedMaps {
  readonly levels: readonly Level[];
  /** The gates of each map. */
  readonly maps: Segments;
  /** Number of gates. */
  readonly gates: number;
  /** The maps by shape. */
  readonly shapes: RegionGroups;
  private readonly places: IndexMap;

  /** `maps` share one flat tensor. Throws TensorError for a map without gates, or with those of another. */
  constructor(gpu: Gpu, maps: readonly MapRegion[]) {
    const words = (values: Uint32Array, label: string): Tensor =>
      keep(tensor(gpu, values, [values.length], label, 'u32'));
    const sizes = Array.from({ length: HALVINGS + 1 }, (_, level) =>
      maps.map(({ height, width }) => ({ height: halved(height, level), width: halved(width, level) })),
    );
    const plans = sizes.map(packRectangles);
    /** Calls `see` with the pixel of each place of a map, row by row. */
    const pixels = (level: number, map: number, see: (pixel: number, y: number, x: number) => void): void => {
      const { width, corners } = plans[level];
      const size = sizes[level][map];
      for (let y = 0; y < size.height; y++)
        for (let x = 0; x < size.width; x++) see((corners[map].y + y) * width + corners[map].x + x, y, x);
    };
    const halving = (level: number): Halving => {
      const [fine, coarse] = [plans[level - 1], plans[level]];
      const corners = new Uint32Array(coarse.height * coarse.width).fill(NO_INDEX);
      const quarters = new Uint32Array(fine.height * fine.width).fill(NO_INDEX);
      const sources = new Uint32Array(fine.height * fine.width).fill(NO_INDEX);
      const targets = new Uint32Array(4 * coarse.height * coarse.width).fill(NO_INDEX);
      for (const map of maps.keys())
        pixels(level, map, (pixel, y, x) => {
          const corner = (fine.corners[map].y + 2 * y) * fine.width + fine.corners[map].x + 2 * x;
          corners[pixel] = corner;
          for (let k = 0; k < 4; k++) {
            const [row, column] = [k >> 1, k & 1];
            const own = corner + row * fine.width + column;
            const twice = (2 * (coarse.corners[map].y + y) + row) * 2 * coarse.width;
            const doubled = twice + 2 * (coarse.corners[map].x + x) + column;
            quarters[own] = 4 * pixel + k;
            sources[own] = doubled;
            targets[doubled] = own;
          }
        });
      return {
        ...{ fine, coarse, childIndex: words(corners, 'corners'), parentIndex: words(quarters, 'quarters') },
        upsampleIndex: { sources: words(sources, 'sources'), targets: words(targets, 'targets') },
      };
    };
    const pixelsOf = (level: number, list: readonly number[]): Uint32Array => {
      const all = new Uint32Array(list.reduce((sum, map) => sum + area(sizes[level][map]), 0));
      let reached = 0;
      for (const map of list)
        pixels(level, map, (pixel) => {
          all[reached++] = pixel;
        });
      return all;
    };
    this.levels = plans.map(({ height, width }, level) => {
      const batches = byBatch(maps).map((list) => pixelsOf(level, list));
      return {
        height,
        width,
        batches: new Segments(gpu, height * width, batches, `maps at 1/${2 ** level}`),
        halving: level > 0 ? halving(level) : undefined,
      };
    });
    this.shapes = new RegionGroups(gpu, maps, area(plans[HALVINGS]), (map) => pixelsOf(HALVINGS, [map]));

    const gates = maps.reduce((sum, { length }) => sum + length, 0);
    this.gates = gates;
    this.maps = new Segments(gpu, gates, maps.map(gateRange), 'gates of maps');
    const sources = new Uint32Array(area(plans[0])).fill(NO_INDEX);
    const targets = new Uint32Array(gates);
    for (const [m, { width, at, length }] of maps.entries())
      pixels(0, m, (pixel, y, x) => {
        const i = y * width + x;
        if (x >= width || i >= length) return;
        sources[pixel] = at + i;
        targets[at + i] = pixel;
      });
    this.places = { sources: words(sources, 'gates of pixels'), targets: words(targets, 'pixels of gates') };
  }

  /** One value a gate to 1×H×W×1, zero elsewhere. */
  place(gates: Tensor): Tensor {
    const [{ height, width }] = this.levels;
    return permuteScatter(gates, [1, height, width, 1], this.places);
  }

  /** 1×H×W×1 to one value a gate. */
  take(image: Tensor): Tensor {
    const { sources, targets } = this.places;
    return permuteScatter(image, [targets.size], { sources: targets, targets: sources });
  }

  release(): void {
    for (const { batches, halving } of this.levels)
      for (const owned of [
        batches,
        halving?.childIndex,
        halving?.parentIndex,
        halving?.upsampleIndex.sources,
        halving?.upsampleIndex.targets,
      ])
        owned?.release();
    for (const owned of [this.maps, this.shapes, this.places.sources, this.places.targets]) owned.release();
  }
}

const halved = (side: number, times: number): number => (Math.ceil(side / MULTIPLE) * MULTIPLE) >> times;
const area = ({ height, width }: Arrangement): number => height * width;

/** Maps of each batch. */
function byBatch(maps: readonly MapRegion[]): number[][] {
  const members: number[][] = [];
  for (const [m, { batch }] of maps.entries()) (members[batch] ??= []).push(m);
  return members;
}

/** The gates from `at` on. */
export const gateRange = ({ at, length }: { at: number; length: number }): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => at + i);
