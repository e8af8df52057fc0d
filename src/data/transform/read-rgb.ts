// Encoded bytes as the picture that Pillow's open() and convert('RGB') give, to the bit for 8-bit JPEG: no color profile is applied, gray is repeated, CMYK is
// multiplied out, alpha is dropped. Two things differ on purpose: pictures are turned upright by their EXIF entry, and 16 bits become their high 8.
import type { Sharp, SharpOptions } from 'sharp';
import { ImageDecodeError } from '../errors.ts';
import { readPictureFile } from '../image/decode.ts';
import { whyUndecodable } from '../image/kinds.ts';
import type { Decoder } from './decoders.ts';
import { type JpegHeader, readJpegHeader } from './jpeg-header.ts';
import type { Box, RgbImage } from './rgb-image.ts';
import { openTurbo } from './turbo-jpeg.ts';

/** An image file's bytes, what to call it in an error, and what decodes it. */
export interface EncodedImage {
  name: string;
  bytes: Uint8Array;
  /** For JPEG; where that does not take one, and for other formats, it is sharp. Default sharp. */
  decoder?: Decoder | undefined;
}

/** Pillow's limit, of a picture that is small as a file and takes up memory without end. */
export const MOST_PIXELS = 178_956_970;
const OPTIONS: SharpOptions = {
  failOn: 'error',
  ignoreIcc: true,
  autoOrient: true,
  limitInputPixels: MOST_PIXELS,
  // What is decoded line by line goes through more hands: a tenth of the time.
  sequentialRead: false,
};

/** The picture of a file, see readRgb(). Throws ImageDecodeError, for a file that cannot be read too. */
export const readRgbFile = async (file: string): Promise<RgbImage> =>
  readRgb({ name: file, bytes: await readPictureFile(file) });

/** The whole picture, upright. Throws ImageDecodeError for what cannot be decoded. */
export async function readRgb(file: EncodedImage): Promise<RgbImage> {
  const { name, bytes } = file;
  const header = readJpegHeader(bytes);
  const decoded = await readTurbo(file, header);
  if (decoded) return decoded;
  try {
    const { default: sharp } = await import('sharp');
    const image = sharp(bytes, OPTIONS);
    const components = header?.components;
    // What is three colors already is the rule, and needs no conversion.
    if (components === 3) return await readPixels(image);
    const cmyk = components === undefined ? (await image.metadata()).space === 'cmyk' : components === 4;
    return cmyk ? await readCmyk(image) : await readPixels(image.toColorspace('srgb').removeAlpha());
  } catch (error) {
    throw new ImageDecodeError(name, whyUndecodable(bytes, error));
  }
}

/**
 * A part of the picture, upright, that `choose` says once its sides are known, and where it lies in what was read. Of a plain JPEG no more is decoded than that needs: what is damaged behind it
 * does not show, but a file that is cut short does. Throws ImageDecodeError.
 */
export async function readPart(
  file: EncodedImage,
  choose: (width: number, height: number) => Box,
): Promise<{ image: RgbImage; box: Box }> {
  const { name, bytes } = file;
  const header = readJpegHeader(bytes);
  const decoded = await readTurbo(file, header);
  if (decoded) return { image: decoded, box: choose(decoded.width, decoded.height) };
  const whole = bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;
  if (header?.components !== 3 || header.exif || !whole || header.width * header.height > MOST_PIXELS) {
    const image = await readRgb(file);
    return { image, box: choose(image.width, image.height) };
  }
  const box = choose(header.width, header.height);
  try {
    const { default: sharp } = await import('sharp');
    const image = await readPixels(sharp(bytes, { ...OPTIONS, autoOrient: false, sequentialRead: true }).extract(box));
    return { image, box: { left: 0, top: 0, width: box.width, height: box.height } };
  } catch (error) {
    throw new ImageDecodeError(name, whyUndecodable(bytes, error));
  }
}

/** The picture by libjpeg-turbo where that is asked for; undefined where it is left to sharp, which also says what is wrong with a damaged file. */
async function readTurbo(
  { bytes, decoder }: EncodedImage,
  header: JpegHeader | undefined,
): Promise<RgbImage | undefined> {
  if (decoder !== 'turbo' || !header || header.exif || header.components > 3) return undefined;
  const decode = await openTurbo();
  return decode(bytes, header);
}

async function readPixels(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** As Pillow: (255 − C)(255 − K) / 255, rounded. */
async function readCmyk(image: Sharp): Promise<RgbImage> {
  const { data, width, height } = await readPixels(image.pipelineColorspace('cmyk').toColorspace('cmyk'));
  const rgb = new Uint8Array(width * height * 3);
  const channels = data.length / (width * height);
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    const light = 255 - data[from + 3];
    for (let c = 0; c < 3; c++) rgb[to + c] = light - Math.round((data[from + c] * light) / 255);
  }
  return { data: rgb, width, height };
}
