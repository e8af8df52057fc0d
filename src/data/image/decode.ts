// One image file, of whatever kind, as the bytes a network is given. Decoded whole before it is resized, so that transparent pixels keep their
// colors and the result does not depend on shortcuts of the JPEG decoder.
import { readWhole, unreadable } from '../../io/index.ts';
import { ImageDecodeError } from '../errors.ts';
import { centerCrop, type ImageFrame } from './frame.ts';
import { firstLine, whyUndecodable } from './kinds.ts';

/** Of a picture as it is resized, before its middle is cut out: a strip would become as long as its sides are uneven. The decoder's own limit is near. */
const MOST_SIDE = 2 ** 20;

/** A file's bytes, and what to call it in an error. */
export interface Encoded {
  name: string;
  bytes: Uint8Array;
}

/** A picture, decoded, resized and cut. */
export interface DecodedImage {
  /** u8, size × size × 3, sRGB. */
  pixels: Uint8Array;
  /** Which part of the picture they show. */
  frame: ImageFrame;
}

/**
 * An image, by its path or its bytes, as size × size × 3 bytes of sRGB: turned upright by its EXIF entry, resized (its short side to `resize`, default `size`) and cut by centerCrop()
 * with a triangle filter (as torchvision's antialiased bilinear Resize).
 *
 * Colors are those of PIL's `convert('RGB')`, which torchvision's ImageFolder uses: gray is repeated, palettes are looked up, 16 bits become 8,
 * alpha is dropped, not blended with anything; of animations it is the first frame. What differs: PIL turns nothing upright and applies no color profile,
 * takes CMYK as (255 − C)(255 − K) / 255 where here it goes through a profile, and cuts 16-bit gray off at 255.
 *
 * Throws ImageDecodeError for a file that is missing, of another format, truncated or not decodable (mere warnings pass), ImageRangeError for a bad size.
 */
export async function decodeImage(file: string | Encoded, size: number, resize = size): Promise<DecodedImage> {
  const { default: sharp } = await import('sharp');
  const { data, width, height } = await readPicture(file);
  const frame = centerCrop(width, height, size, resize);
  const resized = { width: Math.round(frame.scaleX * width), height: Math.round(frame.scaleY * height) };
  const refuse = (reason: string): ImageDecodeError =>
    new ImageDecodeError(
      typeof file === 'string' ? file : file.name,
      `the middle ${size}×${size} of a picture of ${width}×${height} cannot be cut out (${reason})`,
    );
  if (Math.max(resized.width, resized.height) > MOST_SIDE)
    throw refuse(
      `resized, its long side has ${Math.max(resized.width, resized.height)} pixels, more than ${MOST_SIDE}`,
    );
  try {
    const pixels = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize({ ...resized, fit: 'fill', kernel: 'linear' })
      .extract({ left: frame.left, top: frame.top, width: size, height: size })
      .raw()
      .toBuffer();
    return { pixels, frame };
  } catch (error) {
    throw refuse(firstLine(error));
  }
}

async function readPicture(file: string | Encoded): Promise<{ data: Uint8Array; width: number; height: number }> {
  const { default: sharp } = await import('sharp');
  const { name, bytes } = typeof file === 'string' ? { name: file, bytes: await readPictureFile(file) } : file;
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error', autoOrient: true })
      .toColorspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (error) {
    throw new ImageDecodeError(name, whyUndecodable(bytes, error));
  }
}

/** The bytes of a picture's file. Throws ImageDecodeError. */
export const readPictureFile = (file: string): Promise<Uint8Array> =>
  readWhole(file, true).catch((error) => {
    throw new ImageDecodeError(file, unreadable(error));
  });
