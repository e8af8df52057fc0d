// A picture's file as pixels, decoded by the browser.
import type { RgbImage } from 'astrogpu/data';

/** Decodes a picture, turned upright. Rejects for what is none. */
export type Decode = (file: File) => Promise<RgbImage>;

/** Sides that no camera has, and whose pixels would not fit in memory. */
const MOST_PIXELS = 2 ** 28;

/** As the browser shows it: upright, in sRGB; transparent pixels are on white. */
export const decodeInBrowser: Decode = async (file) => {
  if (file.size === 0) throw new Error('the file is empty');
  // Each browser has a sentence of its own for this, and none says more.
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('damaged, or no image that this browser reads');
  });
  const { width, height } = bitmap;
  try {
    if (width * height > MOST_PIXELS) throw new Error(`${width}×${height} pixels are too many`);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('the browser gives no canvas of that size');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { data: withoutAlpha(context.getImageData(0, 0, width, height).data), width, height };
  } finally {
    bitmap.close();
  }
};

/** R, G and B of pixels of four bytes. */
export function withoutAlpha(pixels: Uint8ClampedArray | Uint8Array): Uint8Array {
  const data = new Uint8Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) {
    data[to] = pixels[from];
    data[to + 1] = pixels[from + 1];
    data[to + 2] = pixels[from + 2];
  }
  return data;
}
