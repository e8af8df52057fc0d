// The images that a command works on: CIFAR-10, the drawn stand-in, or a folder of one's own, told apart by what lies in it.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClassName,
  DataNotFoundError,
  type DiskImagesOptions,
  decoderNote,
  diskSet,
  drawStandIn,
  type HeldOutRule,
  type ImageSet,
  type Interpolation,
  type LoadedCifar10,
  loadCifar10,
  loadImageFolder,
  loadTestFolder,
  measureFolder,
  mostInMemory,
  NORMALIZATIONS,
  needDecoder,
  openImageSource,
  openTestSource,
  type SourceChoice,
  type StandInOptions,
  type TaskImages,
  wasTrainedOn,
} from '../../data/index.ts';
import { foreignFile } from '../../io/index.ts';
import { UsageError } from './options.ts';

export type DataKind = 'CIFAR-10' | 'stand-in' | 'folder';

export interface OpenedData {
  kind: DataKind;
  /** For titles: CIFAR-10, or the folder. */
  name: string;
  /** One line for reports. */
  source: string;
  /** The folder that they were read from, if any. */
  dir?: string;
  train: TaskImages;
  test: TaskImages;
  /** Test images that there are, read or not. */
  tests: number;
  /** Of a folder: a digest of the names of all images. */
  listing?: string;
  /** Of a set on the disk: its class folders by label. */
  folders?: readonly string[];
}

export interface DataOptions {
  /** As `--data` has it. */
  data?: string;
  /** Side of one's own images; `sizeGiven` says that it was asked for. */
  size: number;
  sizeGiven?: boolean;
  /** Pixels of their short side before the middle is cut out. */
  resize?: number;
  /** As Pillow's; default decodeImage()'s. */
  interpolation?: Interpolation;
  /** How many the stand-in draws. */
  drawn: StandInOptions;
  /** Classes by label, where a network has them already. */
  classes?: readonly ClassName[];
  /** How the images were parted that the network was trained on; for test images. */
  trainedBy?: HeldOutRule;
  /** The largest number of test images that are read from a folder, if not all. */
  mostTests?: number;
  /** Whether an image that cannot be decoded is an error, and not left out. */
  refuseOdd?: boolean;
  /** What the set does not say itself: its test images, its labels. */
  choice?: SourceChoice;
  /** Whether a folder's images are read from the disk as they are needed. Default: for archives. */
  loading?: 'memory' | 'disk';
  /** How these become batches, by the part that they are of. */
  disk?: (part: 'train' | 'test') => DiskImagesOptions;
  log: (line: string) => void;
}

/** What `--data` takes in place of a folder. */
export const STAND_IN = 'stand-in';
/** As many as CIFAR-10 has. */
const MOST_DRAWN = { train: 50_000, test: 10_000 };
/** The side of CIFAR-10's images, and of the drawn ones. */
const CIFAR_SIDE = 32;
/** WebDataset's shards by a pattern: `val-{0..9}.tar`. */
const SHARDS = /\{.+\}.*\.tar$/;
/** CIFAR-10, or what was meant to be it. */
const CIFAR_FILE = /^(data_batch_\d|test_batch|cifar-10-batches-(bin|py)$)/;

/** Throws DataNotFoundError, CifarFormatError and ImageFolderError, which name the folder; UsageError for a size that the images do not have. */
export async function openData(options: DataOptions): Promise<OpenedData> {
  const dir = ownFolder(options.data);
  if (dir !== undefined && options.disk && (options.loading ?? loadingOf(dir)) === 'disk')
    return openDisk(dir, { ...options, disk: options.disk });
  if (options.loading === 'disk')
    throw new UsageError("--loading disk goes with --data DIR, a folder of one's own: CIFAR-10 fits into memory");
  const split = options.choice?.split;
  if (dir !== undefined)
    return { kind: 'folder', name: dir, dir, ...(await loadImageFolder(dir, { ...options, split, everyClass: true })) };
  if (split !== undefined)
    throw new UsageError("--val-split goes with --data DIR, a folder of one's own: CIFAR-10 has its test images");
  if (options.classes)
    throw new UsageError("--classes goes with --data DIR, a folder of one's own: CIFAR-10's classes are known");
  return openCifar(options);
}

/** Archives are never unpacked into memory. */
const loadingOf = (path: string): 'memory' | 'disk' =>
  isFolder(path) && ![path, join(path, 'train')].some(holdsArchives) ? 'memory' : 'disk';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const holdsArchives = (path: string): boolean =>
  isFolder(path) && readdirSync(path).some((name) => name.endsWith('.tar'));

/**
 * The disk for a folder of one's own that memory would not hold (measureFolder), where a part of it is set apart for testing or test images lie elsewhere; a line says so. Undefined for all others: the usual way. Throws
 * ImageFolderError as loadImageFolder() does.
 */
export async function loadingBySize({
  data,
  size,
  choice,
  log,
}: Pick<DataOptions, 'data' | 'size' | 'choice' | 'log'>): Promise<'disk' | undefined> {
  const dir = ownFolder(data);
  if (dir === undefined || loadingOf(dir) === 'disk') return undefined;
  const { fits, apart } = await measureFolder(dir, { size, split: choice?.split });
  if (fits || !(apart || choice?.test !== undefined)) return undefined;
  log(
    `data: ${dir} has more images than memory should hold: of ${size}×${size} more than ${(mostInMemory() / 2 ** 30).toFixed(1)} GiB; they are read from the disk as they are needed (--loading disk; memory would decode them all)`,
  );
  return 'disk';
}

/** Images that are read as they are needed. Throws as openImageSource() and needDecoder() do, and UsageError where none are set apart for testing. */
async function openDisk(
  dir: string,
  { classes: known, choice, disk, log }: DataOptions & Required<Pick<DataOptions, 'disk'>>,
): Promise<OpenedData> {
  const { decoder } = disk('train');
  if (decoder) await needDecoder(decoder);
  const { train, test, classes, source, cached } = await openImageSource(dir, { ...choice, classes: known, log });
  if (!test)
    throw new UsageError(
      `--data ${dir}: images that are read from the disk need a part that is set apart for testing, such as val/ beside train/; --val-data PATH names it where it lies elsewhere`,
    );
  log(`data: ${source}, read from the disk${cached ? '' : '; its index is kept for the next run'}`);
  const note = decoderNote(disk('train'));
  if (note) log(`data: ${note}`);
  return {
    ...{ kind: 'folder', name: dir, source, dir, folders: train.folders },
    train: diskSet(`${dir} train`, train, classes, disk('train')),
    test: diskSet(`${dir} test`, test, classes, disk('test')),
    tests: test.count,
    listing: createHash('sha256')
      .update(new Uint8Array(train.shared.index))
      .update(new Uint8Array(test.shared.index))
      .digest('hex')
      .slice(0, 16),
  };
}

/** What a part for testing has. */
export interface OpenedTestData extends Omit<OpenedData, 'train'> {
  /** Whether its images are known to be none that were trained on, since they lie in a part of their own. */
  apart?: boolean;
}

/** The test images alone: decoded, or read from the disk as they are needed, where they lie in archives or memory would not hold them; their pixels are the same. Throws as openData() does. */
export async function openTestData(options: DataOptions): Promise<OpenedTestData> {
  const dir = ownFolder(options.data);
  if (dir === undefined) {
    const [named] = Object.keys(options.choice ?? {});
    if (named !== undefined)
      throw new UsageError("--val-split, --val-labels and --label-field go with --data, images of one's own");
    return openCifar(options);
  }
  if (await isOnDiskForTests(dir, options)) return openDiskTests(dir, options);
  const { split } = options.choice ?? {};
  return { kind: 'folder', name: dir, dir, ...(await loadTestFolder(dir, { ...options, split })) };
}

/** What a network was trained on in memory is parted there again. */
async function isOnDiskForTests(dir: string, { size, trainedBy, choice = {} }: DataOptions): Promise<boolean> {
  const { split, ...ofDisk } = choice;
  if (loadingOf(dir) === 'disk' || Object.keys(ofDisk).length > 0) return true;
  const { fits } = await measureFolder(dir, { size, split });
  return !fits && !(trainedBy && (await wasTrainedOn(dir, trainedBy, split)));
}

async function openDiskTests(
  dir: string,
  { classes: known, choice, size, resize = size, interpolation, refuseOdd, log }: DataOptions,
): Promise<OpenedTestData> {
  const { test, classes, source, apart } = await openTestSource(dir, { ...choice, classes: known, log });
  const evaluation = { size, resize, interpolation: interpolation ?? 'decoder' } as const;
  const set = diskSet(`${dir} test`, test, classes, {
    // Who reads these images normalizes them as a network wants it.
    normalization: NORMALIZATIONS.imagenet,
    training: { size },
    evaluation,
    odd: refuseOdd ? 'refuse' : 'skip',
  });
  log(`data: ${source} (${test.count} test), read from the disk`);
  return { ...{ kind: 'folder', name: dir, source, dir, apart }, test: set, tests: test.count };
}

async function openCifar({
  data,
  size,
  sizeGiven,
  drawn,
  log,
}: DataOptions): Promise<OpenedData & { train: ImageSet; test: ImageSet }> {
  if (sizeGiven && size !== CIFAR_SIDE)
    throw new UsageError(
      `--size ${size}: CIFAR-10 is ${CIFAR_SIDE}×${CIFAR_SIDE}; a size goes with a folder of one's own`,
    );
  const { train, test, source, standIn, dir } = await loadImages(data, drawn, log);
  return {
    kind: standIn ? 'stand-in' : 'CIFAR-10',
    name: standIn ? source : 'CIFAR-10',
    source,
    dir,
    train,
    test,
    tests: test.count,
  };
}

/** CIFAR-10 wherever loadCifar10() finds it, or, asked for by name, the drawn stand-in, without looking for the real set; `drawn` bounds it. Throws as loadCifar10() does. */
export async function loadImages(
  data: string | undefined,
  drawn: StandInOptions,
  log: (line: string) => void,
): Promise<LoadedCifar10> {
  if (data !== STAND_IN) {
    const loaded = await loadCifar10({ dir: data, log });
    if (loaded.standIn)
      log('data: give the real set with --data DIR or $CIFAR10_DIR (binary version; see datasets/cifar-10/README.md)');
    return loaded;
  }
  const sets = drawStandIn({
    train: drawn.train && Math.min(drawn.train, MOST_DRAWN.train),
    test: drawn.test && Math.min(drawn.test, MOST_DRAWN.test),
  });
  const source = `drawn stand-in set (${sets.train.count} train, ${sets.test.count} test), NOT CIFAR-10`;
  log(`data: the ${source}, as asked for: its accuracies say nothing about CIFAR-10`);
  return { ...sets, source, standIn: true };
}

/** The folder that `--data` names, if it is not CIFAR-10's. Throws DataNotFoundError for one that is not there. */
function ownFolder(data: string | undefined): string | undefined {
  if (data === undefined || data === STAND_IN) return undefined;
  const there = statSync(data, { throwIfNoEntry: false });
  if (there?.isFile() ? data.endsWith('.tar') : !there && SHARDS.test(data)) return data;
  if (there?.isFile())
    throw new DataNotFoundError(
      `${data}: this is ${foreignFile(data) ?? 'a file'}, and a folder is wanted: of CIFAR-10 (binary version), or of images in a folder for each class`,
    );
  if (!isFolder(data))
    throw new DataNotFoundError(
      `${data}: no such folder; it should hold CIFAR-10 (binary version), or a folder of images for each class`,
    );
  return readdirSync(data).some((name) => CIFAR_FILE.test(name)) ? undefined : data;
}
