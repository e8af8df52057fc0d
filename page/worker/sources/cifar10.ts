// CIFAR-10 from the files of its binary version, as they are or in the archive that they come in.
import {
  type CifarBatch,
  type CifarFile,
  type CifarLayout,
  cifarSet,
  DataNotFoundError,
  tarEntries,
  tarInMemory,
} from 'astrogpu/data';
import type { Images } from '../images.ts';
import { bytesOf } from './bytes.ts';
import { unzipped } from './gzip.ts';

const ARCHIVE = /\.(?:tar|tar\.gz|tgz)$/i;
/** Where it is to be had. */
const HOME = 'CIFAR-10 in its binary version is cifar-10-binary.tar.gz of www.cs.toronto.edu/~kriz/cifar.html';

/** A file's bytes by the last part of its name. */
type Found = Map<string, { path: string; bytes: Uint8Array }>;

/**
 * The images of those files of the layout that are there, at least one to train on and all to test with. Throws DataNotFoundError that says what is missing, CifarFormatError
 * for a file that is not what its format says, ArchiveError for a damaged archive.
 */
export async function readCifarFiles(files: readonly File[], { train, test, records }: CifarLayout): Promise<Images> {
  const wanted = new Set([...train, ...test].map(({ name }) => name));
  const found: Found = new Map();
  const leftOut: string[] = [];
  for (const file of files) {
    const name = baseOf(file.name);
    if (wanted.has(name)) found.set(name, { path: file.name, bytes: await bytesOf(file) });
    else if (ARCHIVE.test(name)) await addArchive(file, wanted, found);
    else leftOut.push(`${file.name}: no batch of CIFAR-10 by its name`);
  }
  const missing = (of: readonly CifarFile[]): string[] => of.map(({ name }) => name).filter((name) => !found.has(name));
  if (missing(train).length === train.length || missing(test).length > 0) {
    const names = missing(train).length === train.length ? missing([...train, ...test]) : missing(test);
    const python = files.some(({ name }) => /-python\.tar\.gz$|^data_batch_\d$/.test(baseOf(name)));
    throw new DataNotFoundError(
      `${files[0]?.name ?? 'no file'}: ${names.join(', ')} missing; ${python ? 'this is the Python version. ' : ''}${HOME}`,
    );
  }
  const batchesOf = (of: readonly CifarFile[]): CifarBatch[] =>
    of.flatMap(({ name, sha256 }) => (found.has(name) ? [{ ...found.get(name)!, sha256 }] : []));
  const absent = missing(train);
  return {
    name: `CIFAR-10${absent.length > 0 ? `, without ${absent.join(', ')}` : ''}`,
    train: await cifarSet('CIFAR-10 train', batchesOf(train), records),
    test: await cifarSet('CIFAR-10 test', batchesOf(test), records),
    leftOut,
  };
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

async function addArchive(file: File, wanted: ReadonlySet<string>, found: Found): Promise<void> {
  const bytes = await unzipped(file);
  const archive = tarInMemory(file.name, bytes);
  for (const { name, at, bytes: length } of tarEntries(archive)) {
    const base = baseOf(name);
    if (wanted.has(base)) found.set(base, { path: `${file.name}: ${base}`, bytes: archive.read(at, length) });
  }
}
