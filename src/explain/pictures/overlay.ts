// Maps laid over their images. Viridis, since its order is the order of its brightness: where it is lighter there is more, also to color-blind eyes.
import { colorAt } from '../../report/index.ts';
import { ExplainError } from '../maps/layers.ts';

/** A picture in bytes: height × width × 3. */
export interface RgbImage {
  data: Uint8Array;
  width: number;
  height: number;
}

/** How a map is laid over its image. */
export interface OverlayOptions {
  /** How much of a pixel is the map's color, 0 to 1. Default 0.5. */
  alpha?: number;
  /** The value that gets the last color, for pictures that share a color bar. Default: the map's own maximum. */
  maximum?: number;
}

/** What red, green and blue add to brightness (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114];

/** The largest value of a map, 0 at least. */
export const maximumOf = (map: ArrayLike<number>): number => Array.from(map).reduce((a, b) => Math.max(a, b), 0);

/**
 * An image under a map of its size (see upsample), colored from 0 to `maximum`; a map of zeros has the first color everywhere. The image is shown in gray, so
 * that every hue is the map's. Throws ExplainError for a map of another size.
 */
export function heatOverlay(
  image: RgbImage,
  map: ArrayLike<number>,
  { alpha = 0.5, maximum = maximumOf(map) }: OverlayOptions = {},
): RgbImage {
  const { width, height } = checkImage('heatOverlay', image);
  if (map.length !== width * height)
    throw new ExplainError(
      `heatOverlay: the map has ${map.length} values, the image ${height}×${width} pixels; upsample the map first`,
    );
  const data = new Uint8Array(image.data.length);
  for (let p = 0; p < map.length; p++) {
    const [red, green, blue] = image.data.subarray(p * 3, p * 3 + 3);
    const gray = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
    const color = colorAt(maximum > 0 ? map[p] / maximum : 0);
    for (let c = 0; c < 3; c++) data[p * 3 + c] = Math.round((1 - alpha) * gray + alpha * color[c]);
  }
  return { data, width, height };
}

/** One column of pixels, the colors from the last at the top to the first. */
export function colorColumn(height: number): RgbImage {
  const data = Uint8Array.from({ length: height * 3 }, (_, i) => colorAt(1 - Math.floor(i / 3) / (height - 1))[i % 3]);
  return { data, width: 1, height };
}

/** Throws ExplainError for an image whose bytes are not height × width × 3. */
export function checkImage(what: string, image: RgbImage): RgbImage {
  const { data, width, height } = image;
  if (data.length !== width * height * 3 || data.length === 0)
    throw new ExplainError(`${what}: a picture of ${height}×${width} in RGB has not ${data.length} bytes`);
  return image;
}
