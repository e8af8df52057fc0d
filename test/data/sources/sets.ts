// Small sets of images in each form that is opened: class folders, ImageNet's archives, WebDataset's shards. Each image is a file of known bytes, or a small JPEG.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pack } from 'tar-stream';
import { folder } from '../cifar10/files.ts';

export type Content = Buffer | string;

/** A tar archive of files by name. */
export async function tar(files: Record<string, Content>, format: 'plain' | 'pax' = 'plain'): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files))
    archive.entry({ name, ...(format === 'pax' && { pax: { comment: 'x'.repeat(700) } }) }, content);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Writes files below a fresh folder, or below `dir`, and returns it. */
export async function put(files: Record<string, Content>, dir?: string): Promise<string> {
  const root = dir ?? (await folder());
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** What the image `name` of a class holds where nothing decodes it. */
export const bytesOf = (name: string): Buffer => Buffer.from(`bytes of ${name}`.repeat(1 + (name.length % 3)));

export const SYNSETS = ['n01440764', 'n02102040', 'n02979186'];

/** ImageNet's archives with three classes: a tar of class tars, and a tar of validation images with a list. */
export async function imageNetTars(): Promise<Record<string, Buffer | string>> {
  const classTars: Record<string, Buffer> = {};
  for (const [k, synset] of [...SYNSETS].reverse().entries()) {
    const names = Array.from({ length: 3 - (k % 2) }, (_, i) => `${synset}_${i + 1}.JPEG`);
    classTars[`${synset}.tar`] = await tar(Object.fromEntries(names.map((name) => [name, bytesOf(name)])));
  }
  const tests = [1, 2, 3, 4].map((i) => `ILSVRC2012_val_0000000${i}.JPEG`);
  return {
    'ILSVRC2012_img_train.tar': await tar(classTars),
    'ILSVRC2012_img_val.tar': await tar(Object.fromEntries(tests.reverse().map((name) => [name, bytesOf(name)]))),
    'LOC_val_solution.csv': `ImageId,PredictionString\n${tests.map((name, i) => `${name.replace('.JPEG', '')},${SYNSETS[i % 3]} 1 2 3 4`).join('\n')}\n`,
  };
}
