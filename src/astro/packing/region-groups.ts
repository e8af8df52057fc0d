// Packed maps by their shapes, for a network that answers shape by shape: maps of equal shape are rows of one matrix.
import type { Gpu } from '../../gpu/index.ts';
import { type IndexMap, NO_INDEX, Segments } from '../../ops/index.ts';
import { keep, tensor } from '../../tensor/index.ts';
import type { MapRegion } from './packed-maps.ts';

/** Of a map, in gates. */
export type MapSize = Pick<MapRegion, 'height' | 'width'>;

/** Height × width, as a parameter's name has it. */
export const shapeName = ({ height, width }: MapSize): string => `${height}x${width}`;

/** Maps of one shape. */
export interface ShapeGroup {
  name: string;
  /** The first one, counted shape by shape, and their number. */
  first: number;
  count: number;
}

/** Which maps have the same shape, and where their values go. */
export class RegionGroups {
  /** Shapes in the order in which they are met first. */
  readonly groups: readonly ShapeGroup[];
  /** Pixels of each map at the smallest size, shape by shape. */
  readonly pixels: Segments;
  /** From all values of all maps, shape by shape, map by map, row by row, to the gates. */
  readonly outputIndex: IndexMap;

  /** On the GPU. `pixelsOf` gives a map's pixels at the smallest size, `pixels` of each image, counted through. */
  constructor(gpu: Gpu, maps: readonly MapRegion[], pixels: readonly number[], pixelsOf: (map: number) => Uint32Array) {
    const names = maps.map(shapeName);
    const distinct = [...new Set(names)];
    const order = distinct.flatMap((name) => [...names.keys()].filter((map) => names[map] === name));
    this.groups = distinct.map((name) => ({
      name,
      first: order.findIndex((map) => names[map] === name),
      count: names.filter((other) => other === name).length,
    }));
    this.pixels = new Segments(gpu, pixels, order.map(pixelsOf), 'maps by shape');

    const values = maps.reduce((sum, { height, width }) => sum + height * width, 0);
    const sources = new Uint32Array(maps.reduce((sum, { length }) => sum + length, 0));
    const targets = new Uint32Array(values).fill(NO_INDEX);
    let offset = 0;
    for (const { height, width, at, length } of order.map((map) => maps[map])) {
      for (let i = 0; i < length; i++) {
        sources[at + i] = offset + i;
        targets[offset + i] = at + i;
      }
      offset += height * width;
    }
    this.outputIndex = {
      sources: keep(tensor(gpu, sources, [sources.length], 'values of gates', 'u32')),
      targets: keep(tensor(gpu, targets, [values], 'gates of values', 'u32')),
    };
  }

  /** Frees its memory on the GPU. */
  release(): void {
    for (const owned of [this.pixels, this.outputIndex.sources, this.outputIndex.targets]) owned.release();
  }
}
