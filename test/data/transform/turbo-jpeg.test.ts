// JPEG by libjpeg-turbo itself: sharp's and Pillow's pixels to the bit, sharp for all that it does not take, and a line for whoever has not installed it.
import sharp, { type Sharp } from 'sharp';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ImageLoader } from '../../../src/data/loader/image-loader.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { decodeForEvaluation, decodeForTraining } from '../../../src/data/transform/decode-planned.ts';
import type { Decoder } from '../../../src/data/transform/decoders.ts';
import { readJpegHeader } from '../../../src/data/transform/jpeg-header.ts';
import { readRgb } from '../../../src/data/transform/read-rgb.ts';
import { needDecoder, openTurbo } from '../../../src/data/transform/turbo-jpeg.ts';
import { loadGolden } from '../../golden/golden.ts';
import { HAS_TURBO } from '../../support/turbo.ts';
import { failure, truncatedJpeg } from '../folder/image-files.ts';
import { put } from '../sources/sets.ts';
import { expectPixels, picture } from './picture.ts';

const { encoded } = loadGolden('pictures');

function drawn(width = 101, height = 67): Sharp {
  const { data } = picture('turbo', width, height);
  return sharp(data, { raw: { width, height, channels: 3 } });
}

describe.skipIf(!HAS_TURBO)('libjpeg-turbo', () => {
  const decoder = 'turbo';

  it.each(encoded)("has Pillow's pixels of $name", async ({ name, bytes, rgb, size }) => {
    const { data, width, height } = await readRgb({ name, bytes: Buffer.from(bytes, 'base64'), decoder });
    expect([width, height]).toEqual(size);
    expectPixels(data, rgb);
  });

  it.each([
    ['4:2:0', drawn().jpeg({ quality: 80 })],
    ['4:4:4', drawn().jpeg({ quality: 95, chromaSubsampling: '4:4:4' })],
    ['progressive', drawn().jpeg({ progressive: true })],
    ['gray', drawn().toColorspace('b-w').jpeg()],
    ['with a color profile', drawn().withIccProfile('p3').jpeg()],
    ['of one pixel', drawn(1, 1).jpeg()],
    ['of one column', drawn(1, 333).jpeg()],
  ] as const)("decodes %s itself, with sharp's pixels", async (_, image) => {
    const bytes = await image.toBuffer();
    const decode = await openTurbo();
    const wanted = await readRgb({ name: 'a.jpg', bytes });
    const { data, width, height } = decode(bytes, readJpegHeader(bytes)!)!;
    expect([width, height]).toEqual([wanted.width, wanted.height]);
    expect(Buffer.from(wanted.data).equals(data)).toBe(true);
  });

  it('leaves to sharp what is to be turned, of four colors, damaged, or of other sides than its header said', async () => {
    const decode = await openTurbo();
    const turned = await drawn().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const cmyk = await drawn().toColorspace('cmyk').jpeg().toBuffer();
    for (const bytes of [turned, cmyk])
      expect(await readRgb({ name: 'a.jpg', bytes, decoder })).toEqual(await readRgb({ name: 'a.jpg', bytes }));
    expect((await readRgb({ name: 'a.jpg', bytes: turned, decoder })).width).toBe(67);

    const cut = await truncatedJpeg();
    expect(decode(cut, { width: 64, height: 48 })).toBeUndefined();
    const said = await failure(readRgb({ name: 'a.jpg', bytes: cut, decoder }));
    expect(said.message).toBe((await failure(readRgb({ name: 'a.jpg', bytes: cut }))).message);

    const whole = await drawn().jpeg().toBuffer();
    expect(decode(whole, { width: 50, height: 33 })).toBeUndefined();
    expect(decode(whole.subarray(0, 20), { width: 101, height: 67 })).toBeUndefined();
  });

  it('leaves to sharp what is huge', async () => {
    const create = { width: 7200, height: 7000, channels: 3, background: '#123456' } as const;
    const bytes = await sharp({ create }).jpeg().toBuffer();
    expect((await openTurbo())(bytes, readJpegHeader(bytes)!)).toBeUndefined();
  });

  it('turns a picture whose EXIF entry stands behind the header of its frame', async () => {
    const bytes = await drawn().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const moved = Buffer.from(bytes);
    const [app1, scan] = [bytes.indexOf('ffe1', 'hex'), bytes.indexOf('ffda', 'hex')];
    const behind = app1 + 2 + bytes.readUInt16BE(app1 + 2);
    bytes.copy(moved, app1, behind, scan);
    bytes.copy(moved, app1 + scan - behind, app1, behind);
    expect(readJpegHeader(moved)).toEqual(readJpegHeader(bytes));
    expect(await readRgb({ name: 'a.jpg', bytes: moved, decoder })).toEqual(await readRgb({ name: 'a.jpg', bytes }));
  });

  it('gives crops and middles as sharp does', async () => {
    const file = { name: 'a.jpg', bytes: await drawn(160, 120).jpeg().toBuffer() };
    for (let index = 0; index < 5; index++) {
      const crop = (by?: Decoder) =>
        decodeForTraining({ ...file, decoder: by }, { size: 32 }, { seed: 1, epoch: 0, index });
      expect(await crop(decoder)).toEqual(await crop());
    }
    const middle = (by?: Decoder) => decodeForEvaluation({ ...file, decoder: by }, { size: 32 });
    expect(await middle(decoder)).toEqual(await middle());
  });

  it('fills the batches of workers, also of those that are started anew', async () => {
    const files: Record<string, Buffer> = {};
    for (let i = 0; i < 6; i++)
      files[`${i % 2}/${i}.jpg`] = await drawn(40 + i, 30)
        .jpeg()
        .toBuffer();
    const { train } = await openImageSource(await put(files), { cache: false });
    const load = async (by: Decoder, workers: number) => {
      const loader = new ImageLoader(train, { batch: 3, training: { size: 8 }, workers, decoder: by });
      onTestFinished(() => loader.close());
      const batches: Buffer[] = [];
      for (let i = 0; i < 4; i++) {
        batches.push(Buffer.from((await loader.next()).pixels));
        if (i === 1) await loader.close();
      }
      return batches;
    };
    expect(await load(decoder, 2)).toEqual(await load('sharp', 1));
  });
});

describe('a decoder that is not there', () => {
  afterEach(() => vi.doUnmock('koffi'));

  let copies = 0;
  /** How it is refused where koffi is as given: by a copy of the module, as it opens the library once. Other modules stay, for the tests that follow share them. */
  async function refusal(koffi: () => object): Promise<string> {
    vi.doMock('koffi', koffi);
    const fresh = await import(/* @vite-ignore */ `../../../src/data/transform/turbo-jpeg.ts?copy=${++copies}`);
    return (await failure(fresh.needDecoder('turbo'))).message;
  }

  it('is refused by one line that says what to install', async () => {
    const none = await refusal(() => {
      throw new Error('not here');
    });
    expect(none).toMatch(
      /^decoder turbo: the package koffi cannot be loaded \(.+\); install it \(npm install koffi\), or begin with decoder sharp$/,
    );
    const bare = await refusal(() => ({
      default: {
        load: () => {
          throw new Error('not here');
        },
      },
    }));
    expect(bare).toMatch(
      /^decoder turbo: the library \S+ cannot be loaded; install libjpeg-turbo \(.+\), or begin with decoder sharp$/,
    );
  });

  it('is refused by what there is where its name is none', async () => {
    const { message } = await failure(needDecoder('pillow' as Decoder));
    expect(message).toBe('decoder pillow: it must be sharp or turbo');
  });
});
