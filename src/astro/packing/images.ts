// Which maps lie in which image: all of them in one where a buffer holds what an astrocyte makes of it, else in several, those of a batch side by side. A map that alone is
// larger than an image is cut into pieces between its rows.
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

/** A map, or some rows of one. */
export interface Piece extends PackedSize {
  map: number;
  /** Its first row in the map. */
  row: number;
}

type Size = Omit<MapRegion, 'at' | 'batch' | 'length'>;

/** Maps as pieces that an image of at most `most` pixels holds, in order: most often each map is one. Throws ConfigError for a map of which an image holds no eight rows. */
export function piecesOf(maps: readonly Size[], most: number): Piece[] {
  return maps.flatMap(({ name, height, width }, map): Piece[] => {
    const rows = MULTIPLE * Math.floor(most / halved(width, 0) / MULTIPLE);
    if (rows < 1)
      throw tooLarge(`${MULTIPLE} rows of the ${height}×${width} gates of ${name ?? 'a layer'}`, {
        bytes: 4 * WIDEST * MULTIPLE * halved(width, 0),
        held: 4 * WIDEST * most,
      });
    const count = Math.ceil(height / rows);
    // But for the last one, pieces are filled up with nothing.
    const each = count === 1 ? height : MULTIPLE * Math.ceil(height / count / MULTIPLE);
    return Array.from({ length: Math.ceil(height / each) }, (_, i) => ({
      map,
      row: i * each,
      height: Math.min(each, height - i * each),
      width,
    }));
  });
}

/** Throws ConfigError for maps that no images of so many pixels hold, and for more gates than one buffer holds, which all of them share. */
export function checkMaps(maps: readonly Omit<MapRegion, 'at' | 'batch'>[], most: number): void {
  piecesOf(maps, most);
  const gates = maps.reduce((sum, { length }) => sum + length, 0);
  if (gates > WIDEST * most)
    throw tooLarge(`the ${gates} gates of all layers`, { bytes: 4 * gates, held: 4 * WIDEST * most });
}

/** What is thrown where so many `bytes` are more than a buffer has `held`. */
export const tooLarge = (what: string, { bytes, held }: { bytes: number; held: number }): ConfigError =>
  new ConfigError(
    'gate',
    (called) =>
      `${called('gate', 'connection')}: ${what} take ${megabytes(bytes)} for a value of the astrocyte, and a buffer of this adapter holds ${megabytes(held)}: take ${called('gate', 'filter')}, or leave large layers out (${called('noGate')})`,
  );

/** Pieces of one image, in the order of all, and where they lie in it at each of the sizes. */
export interface ImageOfMaps {
  pieces: readonly number[];
  packings: readonly Packing[];
}

/**
 * Images of at most `most` pixels, which each piece alone has not more than. `sizes` are those of each piece at one resolution after the other, `batches` the batch of each: an image
 * holds the end of one batch, whole ones, and the beginning of another.
 */
export function imagesOf(
  sizes: readonly (readonly PackedSize[])[],
  batches: readonly number[],
  most: number,
): ImageOfMaps[] {
  const cut = (byBatch: readonly number[]): ImageOfMaps[] => {
    const pieces = byBatch.toSorted((a, b) => a - b);
    const packings = sizes.map((level) => packRectangles(pieces.map((piece) => level[piece])));
    if (pieces.length === 1 || packings[0].height * packings[0].width <= most) return [{ pieces, packings }];
    const half = Math.ceil(byBatch.length / 2);
    return [...cut(byBatch.slice(0, half)), ...cut(byBatch.slice(half))];
  };
  return cut([...batches.keys()].sort((a, b) => batches[a] - batches[b] || a - b));
}
