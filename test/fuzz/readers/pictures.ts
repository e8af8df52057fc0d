// What people bring of their own: folders of images, pictures, lists of classes and COCO's lists.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { loadCoco } from '../../../src/data/coco/coco.ts';
import { rasterizeMask, runsOfMask } from '../../../src/data/coco/mask.ts';
import { readInstances } from '../../../src/data/coco/read-instances.ts';
import { readCocoResults } from '../../../src/data/coco/results.ts';
import { readClassList } from '../../../src/data/folder/class-list.ts';
import { loadImageFolder } from '../../../src/data/folder/image-folder.ts';
import { decodeImage } from '../../../src/data/image/decode.ts';
import { stretch } from '../../../src/data/image/frame.ts';
import { decodeForTraining } from '../../../src/data/transform/decode-planned.ts';
import { DetectError } from '../../../src/detect/errors.ts';
import { evaluateDetections } from '../../../src/detect/evaluate/evaluate.ts';
import { HAS_TURBO } from '../../support/turbo.ts';
import { damaged, pick } from '../mutate.ts';
import { bytesReader, jsonCase, put, type Reader } from './reader.ts';

const coco = {
  images: [
    { id: 7, file_name: 'a.jpg', width: 12, height: 8 },
    { id: 9, file_name: 'sub/b.jpg', width: 5, height: 5 },
  ],
  annotations: [
    { id: 1, image_id: 9, category_id: 18, bbox: [0, 0, 5, 5], segmentation: [[0, 0, 5, 0, 5, 5, 0, 5]], iscrowd: 0 },
    {
      id: 2,
      image_id: 7,
      category_id: 1,
      bbox: [0, 0, 1, 3],
      segmentation: { size: [8, 12], counts: [0, 30, 66] },
      iscrowd: 1,
    },
    {
      id: 3,
      image_id: 7,
      category_id: 18,
      bbox: [1, 0, 1, 3],
      segmentation: { size: [8, 12], counts: '0n0R2' },
      iscrowd: 0,
    },
  ],
  categories: [
    { id: 1, name: 'person' },
    { id: 18, name: 'dog' },
  ],
};
export const cocoReader: Reader = {
  name: 'COCO list',
  write(folder, random) {
    mkdirSync(join(folder, 'images/sub'), { recursive: true });
    for (const name of ['a.jpg', 'sub/b.jpg']) writeFileSync(join(folder, 'images', name), '');
    return put(join(folder, 'instances.json'), jsonCase(random, [coco]));
  },
  async read(folder) {
    const { images } = await loadCoco(folder);
    for (const { objects, width, height } of images)
      for (const { mask } of objects) {
        if (!mask) continue;
        rasterizeMask(mask, stretch(width, height, 16, 16));
        runsOfMask(mask, { width, height });
      }
  },
};

/** Of images and categories of the list above, so that they are measured against it. */
const results = [
  { image_id: 9, category_id: 18, score: 0.9, bbox: [0, 1, 5, 4], segmentation: { size: [5, 5], counts: [0, 20, 5] } },
  { image_id: 7, category_id: 18, score: 0.8, bbox: [1, 0, 1, 3], segmentation: { size: [8, 12], counts: '0n0R2' } },
  { image_id: 7, category_id: 1, score: 0.8, segmentation: { size: [8, 12], counts: '0n0R2' } },
];
export const resultsReader: Reader = {
  name: 'COCO results',
  write(folder, random) {
    writeFileSync(join(folder, 'instances.json'), JSON.stringify(coco));
    return put(join(folder, 'results.json'), jsonCase(random, [results]));
  },
  async read(folder) {
    const file = join(folder, 'results.json');
    const found = await readCocoResults(file);
    const truth = await readInstances(join(folder, 'instances.json'));
    for (const kind of ['bbox', 'segm'] as const)
      try {
        evaluateDetections(truth, found, kind);
      } catch (error) {
        // It knows results, not their file.
        if (!(error instanceof DetectError)) throw error;
        throw new DetectError(`${file}: ${error.message}`);
      }
  },
};

export const classListReader = bytesReader(
  'classes.txt',
  'classes.txt',
  ['0\tn01440764\ttench\n1\tn01443537\tgoldfish\n', 'cat\ndog\n', 'red the rose\r\nblue the sky\r\n'].map((text) =>
    Buffer.from(text),
  ),
  readClassList,
);

const NAMES = [
  'a',
  'b',
  'A',
  'train',
  'val',
  'test',
  'runs',
  '1',
  ' ',
  'é',
  'e\u0301',
  '.x',
  '__MACOSX',
  'line\nend',
  '\u001b[31m',
  '💥',
  'con',
  "it's",
  '-rf',
  '%s',
  'x'.repeat(250),
];
const FILES = ['1.png', '2.png', '3.JPG', 'x.heic', 'x.txt', 'Thumbs.db', 'line\nend.png', 'é.png'];

export async function folderReader(): Promise<Reader> {
  const png = await sharp({ create: { width: 6, height: 6, channels: 3, background: '#804020' } })
    .png()
    .toBuffer();
  return {
    name: 'folders of images',
    share: 0.25,
    write(folder, random) {
      let written = 0;
      if (random() < 0.6)
        for (const path of ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png']) {
          mkdirSync(join(folder, path, '..'), { recursive: true });
          written += put(join(folder, path), png);
        }
      for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
        const depth = 1 + Math.floor(random() * 2);
        const path = join(folder, ...Array.from({ length: depth }, () => pick(random, NAMES)));
        // A name that is a file already, as in any folder that people fill.
        try {
          mkdirSync(path, { recursive: true });
        } catch {
          continue;
        }
        if (random() < 0.05) mkdirSync(Buffer.from(`${folder}/caf\xe9`, 'latin1'), { recursive: true });
        for (let files = Math.floor(random() * 4); files > 0; files--)
          written += put(join(path, pick(random, FILES)), random() < 0.7 ? png : damaged(random, png, [png]));
      }
      return written;
    },
    read: (folder) => loadImageFolder(folder, { size: 4 }),
  };
}

export async function pictureReader(): Promise<Reader> {
  const picture = sharp({ create: { width: 24, height: 16, channels: 3, background: '#804020' } });
  const seeds = [
    await picture.png().toBuffer(),
    await picture.jpeg().toBuffer(),
    await picture.webp().toBuffer(),
    await picture.gif().toBuffer(),
    await picture.tiff().toBuffer(),
  ];
  return bytesReader('pictures', 'a.png', seeds, (path) => decodeImage(path, 8), 0.5);
}

/** Pictures as workers of a loader decode them, of which a crop is read and no more. */
export async function croppedReader(): Promise<Reader> {
  const picture = sharp({ create: { width: 48, height: 40, channels: 3, background: '#804020' } });
  const seeds = [
    await picture.clone().jpeg().toBuffer(),
    await picture.clone().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
    await picture.clone().toColorspace('cmyk').jpeg().toBuffer(),
    await picture.clone().png().toBuffer(),
  ];
  const key = { seed: 1, epoch: 0, index: 0 };
  const read = async (path: string) => {
    const file = { name: path, bytes: readFileSync(path) };
    if (HAS_TURBO) await decodeForTraining({ ...file, decoder: 'turbo' }, { size: 8 }, key);
    return decodeForTraining(file, { size: 8 }, key);
  };
  return bytesReader('cropped pictures', 'a.jpg', seeds, read, 0.5);
}
