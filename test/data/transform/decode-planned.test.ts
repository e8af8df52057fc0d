// Decoding by a plan: boxes of crops, pixels and colors against what Pillow makes, and what the random numbers depend on.
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/data/image/decode.ts';
import { randomResizedCrop, resizeFor } from '../../../src/data/transform/crop-box.ts';
import { decodeFile } from '../../../src/data/transform/decode-file.ts';
import { decodeForEvaluation, decodeForTraining } from '../../../src/data/transform/decode-planned.ts';
import { type DrawKey, Draws, STREAMS } from '../../../src/data/transform/draws.ts';
import { checkEvaluation, checkTraining, type TrainingPlan } from '../../../src/data/transform/plans.ts';
import { randAugment as augmented, type RandAugment } from '../../../src/data/transform/rand-augment.ts';
import { readPart, readRgb } from '../../../src/data/transform/read-rgb.ts';
import { resample } from '../../../src/data/transform/resample.ts';
import { loadGolden } from '../../golden/golden.ts';
import { failure, files } from '../folder/image-files.ts';
import { expectPixels, picture, toBox, uniforms } from './picture.ts';

const { crops, resized, evaluated, encoded } = loadGolden('pictures');
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

describe("boxes of random crops are torchvision's", () => {
  it.each(crops)('$size, scale $scale, ratio $ratio', ({ draws, size: [width, height], scale, ratio, box }) => {
    expect(randomResizedCrop(width, height, { scale, ratio }, uniforms(draws))).toEqual(toBox(box));
  });
});

describe("pixels are Pillow's, to the bit", () => {
  it.each(resized)('box $box to $size, $interpolation', ({ box, size: [width, height], interpolation, pixels }) => {
    const image = picture('resize', 61, 43);
    const how = { box: toBox(box), width, height, interpolation };
    expectPixels(resample(image, how), pixels);
    const turned = resample(image, { ...how, flip: true });
    expect(turned.subarray(0, 3)).toEqual(resample(image, how).subarray((width - 1) * 3, width * 3));
  });

  it.each(evaluated)(
    'evaluation of $picture at $size of $resize',
    async ({ picture: [width, height], pixels, ...plan }) => {
      const { data } = picture('evaluation', width, height);
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      expectPixels(await decodeForEvaluation({ name: 'a.png', bytes: png }, plan), pixels);
    },
  );

  it.each(encoded)('of $name', async ({ name, bytes: file, rgb, size: [width, height] }) => {
    const image = await readRgb({ name, bytes: bytes(file) });
    expect([image.width, image.height]).toEqual([width, height]);
    expectPixels(image.data, rgb);
  });

  it('of a picture with a color profile, which is not applied', async () => {
    const { data, width, height } = picture('profile', 16, 16);
    const plain = sharp(data, { raw: { width, height, channels: 3 } });
    const png = await plain.withIccProfile('p3').png().toBuffer();
    expect((await sharp(png).metadata()).icc).toBeDefined();
    const stored = await sharp(png, { ignoreIcc: true }).raw().toBuffer();
    expect((await readRgb({ name: 'a.png', bytes: png })).data).toEqual(stored);
  });
});

describe('a file', () => {
  it('is decoded by the interpolation that is named, and as ever without one', async () => {
    const { data, width, height } = picture('file', 40, 30);
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    const file = join(await files({ 'a.png': png }), 'a.png');
    const way = { size: 12, resize: 14 };
    expect(await decodeFile(file, way)).toEqual((await decodeImage(file, 12, 14)).pixels);
    for (const interpolation of ['bilinear', 'bicubic'] as const)
      expect(await decodeFile(file, { ...way, interpolation })).toEqual(
        await decodeForEvaluation({ name: file, bytes: png }, { ...way, interpolation }),
      );
    const gone = await failure(decodeFile(`${file}.not`, { ...way, interpolation: 'bicubic' }));
    expect(gone.message).toBe(`${file}.not: there is no such file`);
  });
});

describe('where Pillow is left', () => {
  it('turns pictures upright', async () => {
    const { data, width, height } = picture('upright', 12, 8);
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const upright = await readRgb({ name: 'a.png', bytes: png });
    expect([upright.width, upright.height]).toEqual([8, 12]);
    // Clockwise: the lower left pixel comes to the upper left.
    expect([...upright.data.subarray(0, 3)]).toEqual([...data.subarray(7 * 12 * 3, 7 * 12 * 3 + 3)]);
  });

  it('keeps the high byte of 16 bits, of gray too', async () => {
    const deep = (channels: 1 | 3, space: string) =>
      sharp(
        Uint16Array.from({ length: 16 * channels }, () => 40_000),
        { raw: { width: 4, height: 4, channels } },
      ).toColorspace(space);
    for (const image of [deep(1, 'grey16'), deep(3, 'rgb16')]) {
      const png = await image.png().toBuffer();
      expect((await sharp(png).metadata()).depth).toBe('ushort');
      expect([...(await readRgb({ name: 'a.png', bytes: png })).data]).toEqual(Array(48).fill(156));
    }
  });
});

describe('a training image', () => {
  const file = { name: '420.jpg', bytes: bytes(encoded[0].bytes) };
  const key: DrawKey = { seed: 3, epoch: 1, index: 7 };
  const train = (change: Partial<DrawKey> = {}) => decodeForTraining(file, { size: 9 }, { ...key, ...change });

  it('is a function of seed, epoch, index and copy', async () => {
    const first = await train();
    expect(await train()).toEqual(first);
    for (const other of [{ seed: 4 }, { epoch: 2 }, { index: 8 }, { copy: 1 }])
      expect(await train(other)).not.toEqual(first);
  });

  it('goes where it is told', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2 * 243));
    const place = shared.subarray(243);
    expect(await decodeForTraining(file, { size: 9 }, key, place)).toBe(place);
    expect(Uint8Array.from(place)).toEqual(await train());
    expect(shared.subarray(0, 243).every((byte) => byte === 0)).toBe(true);
  });

  it('is mirrored as often as the plan says', async () => {
    const plain = await decodeForTraining(file, { size: 9, flip: 0 }, key);
    const turned = await decodeForTraining(file, { size: 9, flip: 1 }, key);
    for (let x = 0; x < 9; x++)
      expect(turned.subarray(x * 3, x * 3 + 3)).toEqual(plain.subarray((8 - x) * 3, (9 - x) * 3));
  });

  it('is augmented after it was cropped', async () => {
    const randAugment: RandAugment = { space: 'torchvision', ops: 2 };
    const pixels = await decodeForTraining(file, { size: 9, randAugment }, key, new Uint8Array(243));
    const image = { data: await train(), width: 9, height: 9 };
    const expected = augmented(image, randAugment, new Draws(key, STREAMS.randAugment)).data;
    expect(pixels).toEqual(expected);
    expect(pixels).not.toEqual(image.data);
  });

  it('of a damaged file is an error that names it', async () => {
    const error = await failure(
      decodeForTraining({ name: 'cat/1.jpg', bytes: file.bytes.subarray(0, 300) }, { size: 9 }, key),
    );
    expect(error.message).toMatch(/^cat\/1.jpg: the image is cut short or damaged/);
  });
});

it('draws are uniform, and normal with mean 0 and deviation 1', () => {
  const draws = new Draws({ seed: 1, epoch: 0, index: 0 }, STREAMS.crop);
  const normals = Array.from({ length: 4000 }, () => draws.normal());
  const mean = normals.reduce((a, b) => a + b) / normals.length;
  const square = normals.reduce((a, b) => a + b * b, 0) / normals.length;
  // Five standard errors: 1/√4000 of the mean, √(2/4000) of the square.
  expect(Math.abs(mean)).toBeLessThan(0.08);
  expect(Math.abs(square - 1)).toBeLessThan(0.12);
  const counts = new Array(8).fill(0);
  for (let i = 0; i < 8000; i++) counts[draws.below(8)]++;
  for (const n of counts) expect(Math.abs(n - 1000)).toBeLessThan(5 * Math.sqrt(875));
});

it.each([
  [224, 0.875, 256],
  [224, 0.9, 248],
  [384, 1, 384],
  [192, 0.95, 202],
])('%i of a share of %d are cut out of %i', (size, share, resize) => expect(resizeFor(size, share)).toBe(resize));

describe('a part of a picture', () => {
  const plain = () => sharp(picture('part', 101, 67).data, { raw: { width: 101, height: 67, channels: 3 } });
  const box = { left: 13, top: 9, width: 50, height: 31 };
  it.each([
    ['JPEG', () => plain().jpeg()],
    ['progressive JPEG', () => plain().jpeg({ progressive: true })],
    ['JPEG without subsampling', () => plain().jpeg({ chromaSubsampling: '4:4:4' })],
    ['gray JPEG', () => plain().grayscale().jpeg()],
    ['turned JPEG', () => plain().jpeg().withMetadata({ orientation: 6 })],
    ['PNG', () => plain().png()],
  ])('of a %s is what the whole has there', async (kind, make) => {
    const file = { name: 'x', bytes: await make().toBuffer() };
    const whole = await readRgb(file);
    const part = await readPart(file, (width, height) => {
      expect([width, height]).toEqual([whole.width, whole.height]);
      return box;
    });
    const how = { width: 20, height: 16, interpolation: 'bilinear' } as const;
    expect(resample(part.image, { ...how, box: part.box })).toEqual(resample(whole, { ...how, box }));
    if (/^JPEG|^progressive/.test(kind)) expect([part.image.width, part.image.height]).toEqual([50, 31]);
  });

  it('is refused where the file is cut short, wherever that is', async () => {
    const cut = (await plain().jpeg().toBuffer()).subarray(0, -40);
    const error = await failure(readPart({ name: 'cut.jpg', bytes: cut }, () => ({ ...box, top: 0, height: 3 })));
    expect(error.message).toBe('cut.jpg: the image is cut short or damaged');
  });
});

it.each<[unknown, RegExp]>([
  [{ size: 2.5 }, /size 2.5: it must be a whole number of pixels/],
  [{ size: 8, crop: { scale: [0, 1], ratio: [1, 1] } }, /crop.scale 0,1: it must be two numbers above 0 and up to 1/],
  [{ size: 8, interpolation: 'cubic' }, /interpolation cubic: it must be bilinear or bicubic/],
  [{ size: 8, flip: 50 }, /flip 50: it must be from 0 to 1/],
  [{ size: 8, randAugment: { space: 'torch' } }, /randAugment.space torch: it must be one of torchvision, timm/],
])('a plan of %j is refused', (plan, message) => {
  expect(() => checkTraining(plan as TrainingPlan)).toThrow(message);
});

it('so is a crop that is larger than what it is cut from', () => {
  expect(() => checkEvaluation({ size: 8, resize: 7 })).toThrow(
    'resize 7: it must be 8 or more, since 8×8 is cut out of that',
  );
});
