// Every kind of image file becomes the same bytes, and boxes go the same way as the pixels.
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { ImageDecodeError, ImageRangeError } from '../../../src/data/errors.ts';
import { decodeImage } from '../../../src/data/image/decode.ts';
import { centerCrop, mapBox, stretch } from '../../../src/data/image/frame.ts';
import { type Color, failure, files, picture, plain, truncatedJpeg } from '../folder/image-files.ts';

const RUST: Color = [200, 60, 30];

async function decoded(name: string, bytes: Buffer, size = 4): Promise<Uint8Array> {
  const { pixels } = await decodeImage(join(await files({ [name]: bytes }), name), size);
  expect(pixels.length).toBe(size * size * 3);
  return pixels;
}

/** Every pixel is this color, to `within` steps. */
function expectAll(pixels: Uint8Array, color: Color, within: number): void {
  for (const [i, byte] of pixels.entries()) expect(Math.abs(byte - color[i % 3])).toBeLessThanOrEqual(within);
}

const raw = (bytes: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4): Sharp =>
  sharp(bytes, { raw: { width: 8, height: 8, channels } });
const repeat = (...values: number[]): number[] => Array.from({ length: 64 }, () => values).flat();

describe('kinds of files', () => {
  // Lossless kinds to the byte; JPEG, at quality 100, rounds once in YCbCr and once back: 2 steps.
  it.each<[string, () => Promise<Buffer>, Color, number]>([
    ['a.png', () => plain(RUST).png().toBuffer(), RUST, 0],
    ['a.webp', () => plain(RUST).webp({ lossless: true }).toBuffer(), RUST, 0],
    ['a.gif', () => plain(RUST).gif().toBuffer(), RUST, 0],
    ['a.tiff', () => plain(RUST).tiff({ compression: 'lzw' }).toBuffer(), RUST, 0],
    ['a.jpg', () => plain(RUST).jpeg({ quality: 100 }).toBuffer(), RUST, 2],
    [
      'gray.jpg',
      () =>
        raw(Uint8Array.from(repeat(90)), 1)
          .toColorspace('b-w')
          .jpeg({ quality: 100 })
          .toBuffer(),
      [90, 90, 90],
      1,
    ],
    [
      'gray.png',
      () =>
        raw(Uint8Array.from(repeat(90)), 1)
          .toColorspace('b-w')
          .png()
          .toBuffer(),
      [90, 90, 90],
      0,
    ],
    [
      'gray-alpha.png',
      () =>
        raw(Uint8Array.from(repeat(90, 10)), 2)
          .toColorspace('b-w')
          .png()
          .toBuffer(),
      [90, 90, 90],
      0,
    ],
    // Alpha is dropped, so even what cannot be seen keeps its color.
    [
      'alpha.png',
      () =>
        raw(Uint8Array.from(repeat(...RUST, 0)), 4)
          .png()
          .toBuffer(),
      RUST,
      0,
    ],
    // 16 bits become their high 8.
    [
      'deep.png',
      () =>
        raw(Uint16Array.from(repeat(50_000, 15_000, 7_000)), 3)
          .toColorspace('rgb16')
          .png()
          .toBuffer(),
      [195, 58, 27],
      0,
    ],
    [
      'deep-gray.png',
      () =>
        raw(Uint16Array.from(repeat(40_000)), 1)
          .toColorspace('grey16')
          .png()
          .toBuffer(),
      [156, 156, 156],
      0,
    ],
  ])('%s', async (name, bytes, color, within) => {
    expectAll(await decoded(name, await bytes()), color, within);
  });

  it('writes the deep, gray and transparent files above as what they are called', async () => {
    const kind = async (image: Sharp): Promise<unknown[]> => {
      const { depth, channels } = await sharp(await image.png().toBuffer()).metadata();
      return [depth, channels];
    };
    expect(await kind(raw(Uint16Array.from(repeat(1, 2, 3)), 3).toColorspace('rgb16'))).toEqual(['ushort', 3]);
    expect(await kind(raw(Uint16Array.from(repeat(1)), 1).toColorspace('grey16'))).toEqual(['ushort', 1]);
    expect(await kind(raw(Uint8Array.from(repeat(90, 10)), 2).toColorspace('b-w'))).toEqual(['uchar', 2]);
  });

  // The profile through which CMYK goes is not its own inverse (a gray of 128 comes back as 116 from lossless files too), so nearness to the color
  // before would test the profile. What must hold: no ink is white, the inks are read as a lossless file has them, and none is inverted or swapped.
  it('a CMYK JPEG', async () => {
    const decodeBoth = async (color: Color): Promise<Color> => {
      const jpeg = await plain(color).toColorspace('cmyk').jpeg({ quality: 100 }).toBuffer();
      const tiff = await plain(color).toColorspace('cmyk').tiff({ compression: 'lzw' }).toBuffer();
      for (const bytes of [jpeg, tiff]) expect((await sharp(bytes).metadata()).space).toBe('cmyk');
      const [fromJpeg, fromTiff] = [await decoded('a.jpg', jpeg), await decoded('a.tiff', tiff)];
      expect(fromJpeg).toEqual(fromTiff);
      const [red, green, blue] = fromJpeg;
      expectAll(fromJpeg, [red, green, blue], 0);
      return [red, green, blue];
    };
    expect(await decodeBoth([255, 255, 255])).toEqual([255, 255, 255]);
    const order = (color: Color): number[] => [0, 1, 2].sort((a, b) => color[a] - color[b]);
    for (const color of [RUST, [0, 150, 200], [240, 220, 40], [40, 180, 90]] as Color[])
      expect(order(await decodeBoth(color))).toEqual(order(color));
    const grays: number[] = [];
    for (const gray of [0, 64, 128, 192, 255]) grays.push((await decodeBoth([gray, gray, gray]))[1]);
    expect(grays).toEqual([...new Set(grays)].sort((x, y) => x - y));
  });

  it('the first frame of an animation', async () => {
    const frames = picture(8, 16, (_, y) => (y < 8 ? RUST : [0, 0, 255]));
    const pixels = await frames.raw().toBuffer();
    const gif = await sharp(pixels, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    expectAll(await decoded('a.gif', gif), RUST, 0);
  });

  it('upright by the EXIF entry', async () => {
    // Red on top as stored; orientation 6 turns it clockwise, so red is on the right.
    const stored = picture(12, 8, (_, y) => (y < 4 ? [255, 0, 0] : [0, 0, 255]));
    const jpeg = await stored
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const file = join(await files({ 'a.jpg': jpeg }), 'a.jpg');
    const { pixels, frame } = await decodeImage(file, 8);
    expect(frame.source).toEqual({ width: 8, height: 12 });
    for (let y = 0; y < 8; y++) {
      expect(pixels[(y * 8 + 1) * 3]).toBeLessThan(10);
      expect(pixels[(y * 8 + 6) * 3]).toBeGreaterThan(245);
    }
  });
});

describe('size', () => {
  it('cuts the middle out, to the pixel, when the short side fits already', async () => {
    const at = (x: number, y: number): Color => [x * 10, y * 10, x * y];
    const pixels = await decoded('a.png', await picture(13, 8, at).png().toBuffer(), 8);
    const { left, top } = centerCrop(13, 8, 8);
    expect([left, top]).toEqual([2, 0]);
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 8; x++)
        expect([...pixels.subarray((y * 8 + x) * 3, (y * 8 + x) * 3 + 3)]).toEqual(at(x + left, y + top));
  });

  it('averages when it shrinks, so that a fine pattern becomes gray', async () => {
    const board = picture(64, 64, (x, y) => ((x + y) & 1 ? [255, 255, 255] : [0, 0, 0]));
    // Half white; the triangle's weights at the edges are cut off, which tips the balance by a few steps.
    expectAll(await decoded('a.png', await board.png().toBuffer(), 8), [127, 127, 127], 4);
  });

  it.each([
    [500, 375, 224, 298, 224, 37, 0],
    [375, 500, 224, 224, 298, 0, 37],
    [641, 480, 64, 85, 64, 10, 0],
    [333, 500, 64, 64, 96, 0, 16],
    [3, 3, 8, 8, 8, 0, 0],
  ])('%i×%i to %i as torchvision does', (width, height, size, resizedWidth, resizedHeight, left, top) => {
    const frame = centerCrop(width, height, size);
    expect(frame).toMatchObject({ width: size, height: size, left, top });
    expect(frame.scaleX * width).toBeCloseTo(resizedWidth, 9);
    expect(frame.scaleY * height).toBeCloseTo(resizedHeight, 9);
  });

  it('maps a box to where its pixels went', async () => {
    // White where 40 ≤ x < 80 and 20 ≤ y < 50 of 120×60; halved, the middle 30×30 begins at column 15.
    const inside = (x: number, y: number): boolean => x >= 40 && x < 80 && y >= 20 && y < 50;
    const png = await picture(120, 60, (x, y) => (inside(x, y) ? [255, 255, 255] : [0, 0, 0]))
      .png()
      .toBuffer();
    const { pixels, frame } = await decodeImage(join(await files({ 'a.png': png }), 'a.png'), 30);
    const box = mapBox([40, 20, 40, 30], frame)!;
    expect(box).toEqual([5, 10, 20, 15]);
    const [x0, y0, width, height] = box;
    for (let y = 0; y < 30; y++)
      for (let x = 0; x < 30; x++) {
        const within = x >= x0 && x < x0 + width && y >= y0 && y < y0 + height;
        expect(pixels[(y * 30 + x) * 3] > 127).toBe(within);
      }
  });

  it('cuts boxes at the edges and drops those outside', () => {
    const frame = centerCrop(200, 100, 50);
    expect(mapBox([0, 0, 200, 100], frame)).toEqual([0, 0, 50, 50]);
    expect(mapBox([0, 0, 40, 100], frame)).toBeUndefined();
    expect(mapBox([10, 20, 30, 40], stretch(100, 100, 50, 200))).toEqual([5, 40, 15, 80]);
  });

  it.each([0, 2.5, -1, Number.NaN])('refuses a size of %d', (size) => {
    expect(() => centerCrop(10, 10, size)).toThrow(ImageRangeError);
  });
});

describe('what cannot be decoded', () => {
  it.each<[string, () => Promise<Buffer | string>, RegExp]>([
    ['a truncated JPEG', truncatedJpeg, /cut short or damaged/],
    [
      'a truncated PNG',
      async () =>
        (
          await picture(64, 64, (x, y) => [(x * y * 7) & 255, x, y])
            .png()
            .toBuffer()
        ).subarray(0, 900),
      /cut short or damaged/,
    ],
    ['text', async () => 'not an image', /not an image/],
    ['an empty file', async () => '', /empty/],
  ])('%s is named, in one line', async (_, bytes, reason) => {
    const file = join(await files({ 'bad.jpg': await bytes() }), 'bad.jpg');
    const error = await failure(decodeImage(file, 8));
    expect(error).toBeInstanceOf(ImageDecodeError);
    expect(error.message.startsWith(`${file}: `)).toBe(true);
    expect(error.message).toMatch(reason);
    expect(error.message).not.toContain('\n');
  });

  it.each<[string, string, string]>([
    [
      'a.heic',
      '\0\0\0\x18ftypheic\0\0\0\0mif1heic',
      'this is HEIC, which is not decoded here; convert it to PNG or JPEG',
    ],
    ['a.jpg', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'this is HEIC, which'],
    ['a.bmp', 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0', 'this is BMP, which is not decoded here'],
    ['a.ppm', 'P6\n1 1\n255\nabc', 'this is PPM, PGM or PBM, which'],
    ['a.jxl', '\xff\n\0\0', 'this is JPEG XL, which'],
    ['a.jp2', '\0\0\0\x0cjP  \r\n\x87\n', 'this is JPEG 2000, which'],
    ['a.ico', '\0\0\x01\0\x01\0', 'this is an icon (ICO), which'],
    ['a.psd', '8BPS\0\x01', "this is Photoshop's PSD, which"],
    ['a.jpg', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n', 'this is a Git LFS pointer'],
    ['a.jpg', '<!DOCTYPE html><html></html>', 'this is an HTML page'],
    ['a.png', '\x89PNG\r\n\x1a\nrest', 'the image is cut short or damaged'],
  ])('%s of %j is named for what it is', async (name, begins, reason) => {
    const file = join(await files({ [name]: Buffer.from(begins, 'latin1') }), name);
    const error = await failure(decodeImage(file, 8));
    expect(error).toBeInstanceOf(ImageDecodeError);
    expect(error.message).toContain(`${file}: `);
    expect(error.message).toContain(reason);
  });

  it('a strip whose middle cannot be cut out, and one that can', async () => {
    const dir = await files({
      'long.png': await plain(RUST, 200_000, 1).png().toBuffer(),
      'short.png': await plain(RUST, 300, 1).png().toBuffer(),
    });
    const error = await failure(decodeImage(join(dir, 'long.png'), 224));
    expect(error).toBeInstanceOf(ImageDecodeError);
    expect(error.message).toContain('long.png: the middle 224×224 of a picture of 200000×1 cannot be cut out');
    expectAll((await decodeImage(join(dir, 'short.png'), 224)).pixels, RUST, 0);
  });

  it('a missing file', async () => {
    const file = join(await files({}), 'none.jpg');
    expect((await failure(decodeImage(file, 8))).message).toBe(`${file}: there is no such file`);
  });
});
