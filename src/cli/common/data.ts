// The images that a command works on: CIFAR-10, the drawn stand-in, or a folder of one's own, told apart by what lies in it.
import { readdirSync, statSync } from 'node:fs';
import {
  type ClassName,
  DataNotFoundError,
  drawStandIn,
  type HeldOutRule,
  type ImageSet,
  type Interpolation,
  type LoadedCifar10,
  loadCifar10,
  loadImageFolder,
  loadTestFolder,
  type StandInOptions,
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
  train: ImageSet;
  test: ImageSet;
  /** Test images that there are, read or not. */
  tests: number;
  /** Of a folder: a digest of the names of all images. */
  listing?: string;
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
  log: (line: string) => void;
}

/** What `--data` takes in place of a folder. */
export const STAND_IN = 'stand-in';
/** As many as CIFAR-10 has. */
const MOST_DRAWN = { train: 50_000, test: 10_000 };
/** The side of CIFAR-10's images, and of the drawn ones. */
const CIFAR_SIDE = 32;
/** CIFAR-10, or what was meant to be it. */
const CIFAR_FILE = /^(data_batch_\d|test_batch|cifar-10-batches-(bin|py)$)/;

/** Throws DataNotFoundError, CifarFormatError and ImageFolderError, which name the folder; UsageError for a size that the images do not have. */
export async function openData(options: DataOptions): Promise<OpenedData> {
  const dir = ownFolder(options.data);
  if (dir !== undefined)
    return { kind: 'folder', name: dir, dir, ...(await loadImageFolder(dir, { ...options, everyClass: true })) };
  if (options.classes)
    throw new UsageError("--classes goes with --data DIR, a folder of one's own: CIFAR-10's classes are known");
  return openCifar(options);
}

/** The test images alone. Throws as openData() does. */
export async function openTestData(options: DataOptions): Promise<Omit<OpenedData, 'train'>> {
  const dir = ownFolder(options.data);
  if (dir === undefined) return openCifar(options);
  return { kind: 'folder', name: dir, dir, ...(await loadTestFolder(dir, options)) };
}

async function openCifar({ data, size, sizeGiven, drawn, log }: DataOptions): Promise<OpenedData> {
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
  if (there?.isFile())
    throw new DataNotFoundError(
      `${data}: this is ${foreignFile(data) ?? 'a file'}, and a folder is wanted: of CIFAR-10 (binary version), or of images in a folder for each class`,
    );
  if (!there?.isDirectory())
    throw new DataNotFoundError(
      `${data}: no such folder; it should hold CIFAR-10 (binary version), or a folder of images for each class`,
    );
  return readdirSync(data).some((name) => CIFAR_FILE.test(name)) ? undefined : data;
}
