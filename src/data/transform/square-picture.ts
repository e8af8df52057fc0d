// A decoded picture as a network takes it, wherever it was decoded: the middle of it, resized as decodeImage() says.
import { centerCrop } from '../image/frame.ts';
import { resample } from './resample.ts';
import type { RgbImage } from './rgb-image.ts';

/** The short side resized to `size` by Pillow's bilinear filter, then the middle size × size: u8 size × size × 3. Throws ImageRangeError for a size that is no whole number of pixels. */
export function squarePicture(image: RgbImage, size: number): Uint8Array {
  const { width, height } = image;
  const { scaleX, scaleY, left, top } = centerCrop(width, height, size);
  return resample(image, {
    box: { left: 0, top: 0, width, height },
    width: Math.round(width * scaleX),
    height: Math.round(height * scaleY),
    window: { left, top, width: size, height: size },
    interpolation: 'bilinear',
  });
}
