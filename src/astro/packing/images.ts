// Which maps lie in which image: all of them in one where a buffer holds what an astrocyte makes of it, else in several, those of a batch side by side.
import { ConfigError, type Gpu, megabytes } from '../../gpu/index.ts';
import type { PackedSize } from '../../ops/index.ts';
import { type Packing, packRectangles } from './pack-rectangles.ts';
import type { MapRegion } from './packed-maps.ts';

/** Channels of the widest value that an astrocyte network here makes at full size. */
const WIDEST = 32;
/** Maps are filled up with zeros to multiples of this. */
const MULTIPLE = 8;

/** A map's side after it was halved so many times. */
export const halved = (side: number, times: number): number => (Math.ceil(side / MULTIPLE) * MULTIPLE) >> times;

/** Pixels of an image whose widest value fills one buffer of the device. */
export function mostPixels({ device }: Pick<Gpu, 'device'>): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / (4 * WIDEST));
}

/** Throws ConfigError for a map that alone is larger than an image may be. */
export function checkMaps(maps: readonly Omit<MapRegion, 'at' | 'batch'>[], most: number): void {
  for (const { name, height, width } of maps) {
    const bytes = 4 * WIDEST * halved(height, 0) * halved(width, 0);
    if (bytes <= 4 * WIDEST * most) continue;
    throw new ConfigError(
      'gate',
      (called) =>
        `${called('gate', 'connection')}: the ${height}×${width} gates of ${name ?? 'a layer'} take ${megabytes(bytes)} for a value of the astrocyte, and a buffer of this adapter holds ${megabytes(4 * WIDEST * most)}: take ${called('gate', 'filter')}, or leave the layer ungated`,
    );
  }
}

/** Maps of one image, in the order of all, and where they lie in it at each of the sizes. */
export interface ImageOfMaps {
  maps: readonly number[];
  packings: readonly Packing[];
}

/**
 * Images of at most `most` pixels, which each map alone has not more than. `sizes` are those of each map at one resolution after the other, `batches` the batch of each: an image
 * holds the end of one batch, whole ones, and the beginning of another.
 */
export function imagesOf(
  sizes: readonly (readonly PackedSize[])[],
  batches: readonly number[],
  most: number,
): ImageOfMaps[] {
  const cut = (byBatch: readonly number[]): ImageOfMaps[] => {
    const maps = byBatch.toSorted((a, b) => a - b);
    const packings = sizes.map((level) => packRectangles(maps.map((map) => level[map])));
    if (maps.length === 1 || packings[0].height * packings[0].width <= most) return [{ maps, packings }];
    const half = Math.ceil(byBatch.length / 2);
    return [...cut(byBatch.slice(0, half)), ...cut(byBatch.slice(half))];
  };
  return cut([...batches.keys()].sort((a, b) => batches[a] - batches[b] || a - b));
}
