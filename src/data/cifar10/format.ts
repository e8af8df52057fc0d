// Where the files of CIFAR-10's binary version lie in a folder, and what is missing. What they are is records.ts's.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataNotFoundError } from '../errors.ts';
import type { ImageSet } from '../image/image-set.ts';
import { type CifarBatch, type CifarFile, type CifarLayout, cifar10Layout, cifarSet } from './records.ts';

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** The folder that holds all files of the layout: `dir` or its `cifar-10-batches-bin`; undefined if neither does. */
export async function findCifar10(dir: string, layout: CifarLayout = cifar10Layout): Promise<string | undefined> {
  const names = [...layout.train, ...layout.test].map((file) => file.name);
  for (const folder of [dir, join(dir, 'cifar-10-batches-bin')]) {
    const there = await Promise.all(names.map((name) => isFile(join(folder, name))));
    if (there.every(Boolean)) return folder;
  }
  return undefined;
}

/**
 * Both halves of CIFAR-10 from a folder that holds the files of the binary version itself or in `cifar-10-batches-bin`. Throws DataNotFoundError for a missing folder or file, CifarFormatError for a file
 * of the wrong size, a label out of range (with its byte) or a wrong SHA-256.
 */
export async function readCifar10(
  dir: string,
  layout: CifarLayout = cifar10Layout,
): Promise<{ train: ImageSet; test: ImageSet }> {
  const folder = (await findCifar10(dir, layout)) ?? (await nearest(dir, layout));
  return {
    train: await readSplit('CIFAR-10 train', folder, layout.train, layout.records),
    test: await readSplit('CIFAR-10 test', folder, layout.test, layout.records),
  };
}

/** Never returns: says which file is missing, in the folder that was most likely meant. */
async function nearest(dir: string, layout: CifarLayout): Promise<never> {
  if (!(await isFolder(dir)))
    throw new DataNotFoundError(`${dir}: no such folder; it should hold the binary version of CIFAR-10`);
  const inner = join(dir, 'cifar-10-batches-bin');
  const folder = (await isFolder(inner)) ? inner : dir;
  const missing: string[] = [];
  for (const { name } of [...layout.train, ...layout.test]) if (!(await isFile(join(folder, name)))) missing.push(name);
  const python = (await isFile(join(dir, 'data_batch_1'))) || (await isFolder(join(dir, 'cifar-10-batches-py')));
  const hint = python
    ? 'this is the Python version, the binary version is needed'
    : 'it should hold the binary version of CIFAR-10';
  throw new DataNotFoundError(`${folder}: ${missing.join(', ')} missing; ${hint} (datasets/cifar-10/README.md)`);
}

async function readSplit(
  name: string,
  folder: string,
  files: readonly CifarFile[],
  records: number,
): Promise<ImageSet> {
  const batches: CifarBatch[] = [];
  for (const { name: file, sha256 } of files) {
    const path = join(folder, file);
    batches.push({ path, bytes: await readFile(path), sha256 });
  }
  return cifarSet(name, batches, records);
}
