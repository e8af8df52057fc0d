// Batches that worker threads make: the same pixels whoever makes them and wherever a run is cut, what is odd left out or named, and memory that does not grow.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shuffledOrder } from '../../../src/data/arrays/shuffle.ts';
import { ImageDecodeError, ImageRangeError, ImageSourceError, LoaderError } from '../../../src/data/errors.ts';
import { ImageLoader, type ImageLoaderOptions } from '../../../src/data/loader/image-loader.ts';
import type { ImageSource } from '../../../src/data/sources/image-source.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { decodeForEvaluation, decodeForTraining } from '../../../src/data/transform/decode-planned.ts';
import { failure, picture, png, truncatedJpeg } from '../folder/image-files.ts';
import { put, tar } from '../sources/sets.ts';

const SIZE = 8;
const training = { size: SIZE };
const evaluation = { size: SIZE };

/** `count` pictures in two classes: number i is `i % 2/i.png`, with `odd` files in place of some. */
async function pictures(count: number, odd: Record<number, Buffer> = {}): Promise<ImageSource> {
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < count; i++) {
    const colors = (x: number, y: number) => [(i * 40 + x) & 255, (y * 9) & 255, (x * y) & 255] as const;
    files[`${i % 2}/${String(i).padStart(3, '0')}.png`] =
      odd[i] ??
      (await picture(12 + i, 20, colors)
        .png()
        .toBuffer());
  }
  return (await openImageSource(await put(files), { cache: false })).train;
}

async function loads(source: ImageSource, options: Partial<ImageLoaderOptions>): Promise<ImageLoader> {
  const loader = new ImageLoader(source, { batch: 4, workers: 1, ...options });
  onTestFinished(() => loader.close());
  return loader;
}

/** Batches as they can be compared. */
async function take(loader: ImageLoader, count: number): Promise<object[]> {
  const batches = [];
  for (let i = 0; i < count; i++) {
    const { pixels, labels, items, ...rest } = await loader.next();
    batches.push({ pixels: Buffer.from(pixels).toString('base64'), labels: [...labels], items: [...items], ...rest });
  }
  return batches;
}

describe('a batch', () => {
  it('has the pixels of its plan, in the order of the epoch, whatever number of workers made it', async () => {
    const source = await pictures(10, { 3: Buffer.from('none') });
    const options = { training: { size: SIZE, randAugment: undefined }, seed: 5 };
    const one = await take(await loads(source, options), 6);
    const three = await take(await loads(source, { ...options, workers: 3 }), 6);
    expect(three).toEqual(one);
    const order = [0, 1, 2].flatMap((epoch) => [...shuffledOrder(10, 5, epoch)].slice(0, 8));
    for (const [b, batch] of (one as { pixels: string; labels: number[]; items: number[] }[]).entries())
      for (const [k, item] of batch.items.entries()) {
        const wanted = order[b * 4 + k];
        // Items are sorted by class: the fourth picture is the second of class 1.
        if (source.nameOf(wanted).endsWith('003.png')) expect(item).not.toBe(wanted);
        else expect(item).toBe(wanted);
        expect(batch.labels[k]).toBe(source.label(item));
        const file = { name: 'x', bytes: source.read(item) };
        const key = { seed: 5, epoch: Math.floor(b / 2), index: item };
        const made = await decodeForTraining(file, options.training, key);
        const pixels = Buffer.from(batch.pixels, 'base64').subarray(k * SIZE ** 2 * 3, (k + 1) * SIZE ** 2 * 3);
        expect(pixels.equals(made)).toBe(true);
      }
  });

  it('is the same where a run goes on in the middle of an epoch', async () => {
    const source = await pictures(11);
    const whole = await loads(source, { training, seed: 2, batch: 3 });
    const batches = await take(whole, 7);
    expect(whole.draws).toBe(7);
    const resumed = await loads(source, { training, seed: 2, batch: 3, draws: 4, workers: 2 });
    expect(await take(resumed, 3)).toEqual(batches.slice(4));
    await whole.seek(1);
    expect(await take(whole, 2)).toEqual(batches.slice(1, 3));
    expect(
      batches.map((batch) => [(batch as { epoch: number }).epoch, (batch as { position: number }).position]),
    ).toEqual([0, 1, 2, 3, 4, 5, 6].map((draw) => [Math.floor(draw / 3), draw % 3]));
  });

  it('is in the order of the set where it is for evaluation, and says how many of the last are its own', async () => {
    const source = await pictures(6);
    const loader = await loads(source, { evaluation });
    expect(loader.batches).toBe(2);
    const batches = (await take(loader, 3)) as { items: number[]; fresh: number; pixels: string }[];
    expect(batches.map(({ items, fresh }) => [items, fresh])).toEqual([
      [[0, 1, 2, 3], 4],
      [[4, 5, 0, 1], 2],
      [[0, 1, 2, 3], 4],
    ]);
    const made = await decodeForEvaluation({ name: 'x', bytes: source.read(1) }, evaluation);
    const bytes = SIZE ** 2 * 3;
    expect(
      Buffer.from(batches[0].pixels, 'base64')
        .subarray(bytes, 2 * bytes)
        .equals(made),
    ).toBe(true);
    const few = await loads(await pictures(2), { evaluation, batch: 5 });
    expect(await take(few, 1)).toMatchObject([{ items: [0, 1, 0, 1, 0], fresh: 2 }]);
  });

  it('has copies of each image, augmented by themselves, where they are asked for', async () => {
    const source = await pictures(6);
    const [{ items, pixels }] = (await take(await loads(source, { training, repeats: 3, batch: 6 }), 1)) as {
      items: number[];
      pixels: string;
    }[];
    expect(items).toEqual([0, 0, 0, 1, 1, 1].map((i) => shuffledOrder(6, 0, 0)[i]));
    const bytes = Buffer.from(pixels, 'base64');
    const length = SIZE ** 2 * 3;
    expect(bytes.subarray(0, length).equals(bytes.subarray(length, 2 * length))).toBe(false);
  });
});

/** The beginning of a PNG that says it has a billion pixels. */
function bomb(): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const whole = Buffer.alloc(data.length + 12);
    whole.writeUInt32BE(data.length);
    whole.write(name, 4, 'latin1');
    data.copy(whole, 8);
    whole.writeUInt32BE(crc(whole.subarray(4, 8 + data.length)), 8 + data.length);
    return whole;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(32_000, 0);
  head.writeUInt32BE(32_000, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(1000));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let k = 0; k < 8; k++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

describe('odd files', () => {
  it('are images where they can be, and else replaced and counted, or refused by name', async () => {
    const plain = picture(20, 16, (x, y) => [x * 10, y * 10, 200]);
    const gray = Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255));
    const fine = {
      'gray.jpg': await sharp(gray, { raw: { width: 20, height: 15, channels: 1 } })
        .jpeg()
        .toBuffer(),
      'cmyk.jpg': await plain.clone().toColorspace('cmyk').jpeg().toBuffer(),
      'deep.png': await plain.clone().toColorspace('rgb16').png().toBuffer(),
      'alpha.png': await plain.clone().ensureAlpha(0.3).png().toBuffer(),
      'turned.jpg': await plain.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    };
    const odd = {
      'cut.jpg': await truncatedJpeg(),
      'empty.jpg': Buffer.alloc(0),
      'page.jpg': Buffer.from('<!DOCTYPE html><html></html>'),
      'bomb.png': bomb(),
      'noise.jpg': Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 31) & 255)),
    };
    const dir = await put(
      Object.fromEntries(Object.entries({ ...fine, ...odd }).map(([name, bytes], i) => [`${i % 2}/${name}`, bytes])),
    );
    const { train } = await openImageSource(dir);
    const skipping = await loads(train, { training, batch: 10 });
    const [{ items }] = (await take(skipping, 1)) as { items: number[] }[];
    const names = items.map((item) => train.nameOf(item).split('/').at(-1)!);
    expect(names.filter((name) => name in odd)).toEqual([]);
    await take(skipping, 1);
    expect(skipping.odd.count).toBe(5);
    const reasons = Object.fromEntries(skipping.odd.files.map(({ file, reason }) => [file.split('/').at(-1)!, reason]));
    expect(reasons['empty.jpg']).toMatch(/empty/);
    expect(reasons['page.jpg']).toMatch(/HTML/);
    expect(reasons['cut.jpg']).toMatch(/cut short/);
    expect(reasons['bomb.png']).toMatch(/pixel/);
    // Each of them by itself is refused by name, and so is the same image in an archive.
    const refusing = await loads(train, { evaluation, batch: 10 });
    const first = Array.from({ length: 10 }, (_, i) => train.nameOf(i)).find((name) => name.split('/').at(-1)! in odd)!;
    const error = await failure(refusing.next());
    expect(error).toBeInstanceOf(ImageDecodeError);
    expect(error.message.startsWith(`${first}: `)).toBe(true);
    expect(await failure(refusing.next())).toBe(error);
    const shard = await put({
      '0.tar': await tar({ 'a.jpg': fine['gray.jpg'], 'a.cls': '0', 'b.jpg': odd['cut.jpg'], 'b.cls': '1' }),
    });
    const archived = await loads((await openImageSource(shard)).train, { evaluation, batch: 2 });
    await expect(archived.next()).rejects.toThrow(`${join(shard, '0.tar')}: b.jpg: the image is cut short or damaged`);
  });

  it('leave their places empty where images are counted, and none of them stands for another', async () => {
    const source = await pictures(6, { 2: Buffer.from('none'), 5: Buffer.from('none') });
    const bad = [0, 1, 2, 3, 4, 5].filter((item) => /00[25]\.png$/.test(source.nameOf(item)));
    const loader = await loads(source, { evaluation, odd: 'leave' });
    const left: number[] = [];
    for (let b = 0; b < 2; b++) {
      const { items, leftOut, pixels, fresh } = await loader.next();
      expect([...items].slice(0, fresh)).toEqual([0, 1, 2, 3, 4, 5].slice(4 * b, 4 * b + 4));
      for (const at of leftOut) {
        if (at < fresh) left.push(items[at]);
        expect(Math.max(...pixels.subarray(at * SIZE ** 2 * 3, (at + 1) * SIZE ** 2 * 3))).toBe(0);
      }
    }
    expect(left).toEqual(bad);
    expect(loader.odd.count).toBe(2);
    const alone = await loads(source, { evaluation, odd: 'leave', batch: 1, items: Uint32Array.of(bad[0]) });
    expect((await alone.next()).leftOut).toEqual([0]);
  });

  it('alone are an error, and so is a file that is gone', async () => {
    const none = await pictures(4, Object.fromEntries([0, 1, 2, 3].map((i) => [i, Buffer.from('none')])));
    await expect((await loads(none, { training })).next()).rejects.toThrow(/32 images one after the other were so/);
    const source = await pictures(4);
    rmSync(source.nameOf(2));
    const loader = await loads(source, { training });
    await expect(loader.next()).rejects.toThrow(ImageSourceError);
    await expect(loader.next()).rejects.toThrow(`${source.nameOf(2)}: there is no such file; was the set changed`);
  });
});

describe('a loader', () => {
  it('says who waits for whom', async () => {
    const source = await pictures(8);
    const loader = await loads(source, { training });
    await take(loader, 3);
    const { step, work } = loader.waits;
    expect(step).toBeGreaterThan(0);
    expect(work).toBeGreaterThan(0);
    // Until the ring is full, and then some.
    for (let before = -1; before < loader.waits.work; ) {
      before = loader.waits.work;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await take(loader, 4);
    expect(loader.waits.workers).toBeGreaterThan(100);
    const before = loader.waits;
    await loader.close();
    expect(loader.waits.work).toBeGreaterThanOrEqual(before.work);
  });

  it('that is closed tells who waits for a batch, and goes on with that batch', async () => {
    const source = await pictures(8);
    const loader = await loads(source, { training });
    for (const started of [false, true]) {
      const waiting = failure(loader.next());
      // Its workers are there then, and no batch is.
      if (started) await new Promise((resolve) => setTimeout(resolve, 5));
      await loader.close();
      const error = await waiting;
      expect(error).toBeInstanceOf(LoaderError);
      expect(error.message).toBe('the loader was closed while a batch of it was waited for');
    }
    expect(loader.draws).toBe(0);
    expect(await take(loader, 1)).toEqual(await take(await loads(source, { training }), 1));
  });

  it('that is being closed has its next batch made by new workers, and is closed once by who closes it twice', async () => {
    const source = await pictures(8);
    const loader = await loads(source, { training });
    const wanted = await take(await loads(source, { training }), 2);
    expect(await take(loader, 1)).toEqual(wanted.slice(0, 1));
    const closing = loader.close();
    expect(loader.close()).toBe(closing);
    expect(await take(loader, 1)).toEqual(wanted.slice(1));
    await closing;
  });

  it('names what it does not take, and a worker that fails', async () => {
    const source = await pictures(4);
    const opens = (options: Partial<ImageLoaderOptions>) => new ImageLoader(source, { batch: 2, ...options });
    expect(() => opens({})).toThrow(ImageRangeError);
    expect(() => opens({ training, evaluation })).toThrow(/either training or evaluation/);
    expect(() => opens({ training, batch: 5 })).toThrow('a batch of 5 cannot be drawn from 4 images');
    expect(() => opens({ training, workers: 0 })).toThrow('workers must be a whole number from 1; it is 0');
    const broken = await loads(source, { training: { size: SIZE, crop: null as never } });
    await expect(broken.next()).rejects.toThrow(LoaderError);
  });

  it('holds the same memory over 2,000 batches', async () => {
    const files: Record<string, Buffer> = {};
    for (let i = 0; i < 4; i++) files[`${i % 2}/${i}.png`] = await png(i, 12, 12);
    const { train } = await openImageSource(await put(files), { cache: false });
    // Of 80 pixels a side: if 2,000 of them stayed, they would take 38 MB, here or in the decoder.
    const loader = await loads(train, { training: { size: 80 }, batch: 1 });
    const held = (): { here: number; all: number } => {
      const { rss, heapUsed, external } = process.memoryUsage();
      return { here: heapUsed + external, all: rss };
    };
    for (let i = 0; i < 100; i++) await loader.next();
    const before = held();
    for (let i = 0; i < 2000; i++) await loader.next();
    const after = held();
    expect(after.here - before.here).toBeLessThan(15e6);
    expect(after.all - before.all).toBeLessThan(25e6);
  }, 240_000);
});
