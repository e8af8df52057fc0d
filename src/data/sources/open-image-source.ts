// A set of images on the disk, whatever form it has: class folders, ImageNet's archives, or WebDataset's shards. Made for sets that do not fit into memory.
import { basename, dirname, join, relative } from 'node:path';
import { needArguments } from '../../gpu/index.ts';
import { DataNotFoundError, ImageSourceError } from '../errors.ts';
import { type ClassName, readClassList } from '../folder/class-folders.ts';
import { classFolderParts, indexClassFolders } from './class-folder-index.ts';
import { LABEL_LISTS } from './image-labels.ts';
import { ImageSource } from './image-source.ts';
import { IMAGENET_TARS, indexTestTar, indexTrainTar } from './imagenet-tars.ts';
import { cachedIndex, type Indexed } from './index-cache.ts';
import { holdsFolders, isFile, isFolder } from './paths.ts';
import { shardsIn, shardsOf } from './shard-names.ts';
import { indexShards } from './web-dataset.ts';

/** Which classes and labels images have, and where their indexes are kept. */
export interface OpenImageSourceOptions {
  /** The classes by label, such as those of a network trained before; the set may have fewer. Default: those of the set, in the order of their folders' names. */
  classes?: readonly ClassName[] | undefined;
  /** The folder beside train/ with the test images. Default: val, valid, validation or test, the first that is there. */
  split?: string | undefined;
  /** The list of labels of ImageNet's validation archive. Default: the one beside it, by its usual name. */
  labels?: string | undefined;
  /** The field of WebDataset's `.json` files with the label. Default: label. */
  labelField?: string | undefined;
  /** WebDataset's shards for testing, where a pattern names those for training. */
  test?: string | undefined;
  /** A folder for indexes, or false for none. Default: beside the images where that can be written, else the user's folder for caches. */
  cache?: string | false | undefined;
  /** Takes each line for people. */
  log?: ((line: string) => void) | undefined;
}

/** A set that is open. close() it. */
export interface OpenedImageSource {
  train: ImageSource;
  /** Undefined where nothing is set apart for testing. */
  test?: ImageSource;
  /** Names for people, by label. */
  classes: readonly string[];
  /** One line for reports. */
  source: string;
  /** Whether all indexes were there already. */
  cached: boolean;
  close(): void;
}

/** A part of a set: how its index is made, given the classes that are known by then. */
interface Part {
  name: string;
  asked: unknown;
  make: (known: readonly string[] | undefined) => Promise<Indexed>;
}

interface Form {
  root: string;
  layout: string;
  train: Part;
  test?: Part;
}

/**
 * Opens the images of a folder, in the first of these forms that it has; class folders in train/ go before all of them:
 * - `ILSVRC2012_img_train.tar`, with `ILSVRC2012_img_val.tar` and a list of its labels, as ImageNet is given out; nothing is unpacked;
 * - tar files in it, in train/ and val/, or named so: WebDataset's shards, with `key.jpg` and `key.cls` or `key.json`; a path with braces names shards, too
 *   (`train-{0000..1023}.tar`);
 * - class folders, DIR/train/CLASS/*.jpg with DIR/val, or DIR/CLASS/*.jpg: as torchvision's ImageFolder.
 *
 * Labels are the classes in the order of their folders' names (as torchvision's), or `classes`; `classes.txt` in the folder has their names for people, a line each
 * (`n01440764 tench`). An index of what lies where is made once and read from its file after that, as long as archives and folders have the sizes and times that they
 * had; 1.3 million images take 33 MB (folders) or 50 MB (archives), and nothing else is held of them.
 *
 * Throws DataNotFoundError without the folder; ImageFolderError, ArchiveError and ImageSourceError for a set that is not as its form has it.
 *
 * @example
 * const { train, test, classes } = await openImageSource('imagenet/');
 * const batches = new ImageBatches(gpu, train, { batch: 64, training: { size: 224 }, seed: 1, normalization: IMAGENET_NORMALIZATION });
 */
export async function openImageSource(path: string, options: OpenImageSourceOptions = {}): Promise<OpenedImageSource> {
  needArguments('openImageSource', 'a text', { path });
  const set = await partsOf(path, options);
  const { form, given, log } = set;
  const train = await set.open(form.train, given);
  const { folders } = train.source;
  const test = form.test && (await set.open(form.test, folders));
  tell([train, test], log);
  const counts = [`${train.source.count} train`, ...(test ? [`${test.source.count} test`] : [])].join(', ');
  return {
    train: train.source,
    ...(test && { test: test.source }),
    classes: set.called(folders),
    source: `${folders.length} classes of images from ${path} (${form.layout}; ${counts})`,
    cached: train.cached && (test?.cached ?? true),
    close() {
      train.source.close();
      test?.source.close();
    },
  };
}

/** Images to test with, alone. close() them. */
export interface OpenedTestSource extends Omit<OpenedImageSource, 'train' | 'test'> {
  test: ImageSource;
  /** Whether they are a part that is set apart from images to train on. */
  apart: boolean;
}

/**
 * The images of a set that are for testing: the part that is set apart, else all. As openImageSource() opens them, whose images for training are not listed where `classes` are given. Throws as that does.
 */
export async function openTestSource(path: string, options: OpenImageSourceOptions = {}): Promise<OpenedTestSource> {
  needArguments('openTestSource', 'a text', { path });
  const set = await partsOf(path, options);
  const { form, given, log } = set;
  const train = form.test && given ? undefined : await set.open(form.train, given);
  const test = form.test ? await set.open(form.test, given ?? train!.source.folders) : train!;
  tell([test], log);
  if (train && train !== test) train.source.close();
  const { source: images, cached } = test;
  return {
    test: images,
    apart: form.test !== undefined,
    classes: set.called(images.folders),
    source: `${images.folders.length} classes of images from ${path} (${form.layout}${form.test ? '' : ', all images'})`,
    cached,
    close: () => images.close(),
  };
}

/** A part that is open. */
interface OpenedPart {
  source: ImageSource;
  cached: boolean;
}

/** What is there, and how its parts are opened and its classes are called. */
async function partsOf(path: string, options: OpenImageSourceOptions) {
  const { classes: list, cache, log = () => {} } = options;
  const form = await formOf(path, options, log);
  const { root } = form;
  const own = join(root, 'classes.txt');
  const names = list ?? (isFile(own) ? await readClassList(own) : []);
  const called = new Map(names.map(({ folder, name }) => [folder, name]));
  return {
    form,
    log,
    given: list?.map(({ folder }) => folder),
    called: (folders: readonly string[]) =>
      folders.map((folder, label) => called.get(folder) ?? byNumber(folder, label, names)),
    async open(part: Part, known: readonly string[] | undefined): Promise<OpenedPart> {
      const make = () => part.make(known);
      const { index, cached } = await cachedIndex({ root, part: part.name, asked: [known, part.asked], cache, make });
      return { source: new ImageSource({ root, index: index.buffer }), cached };
    },
  };
}

/** Says what was left out. */
function tell(parts: readonly (OpenedPart | undefined)[], log: (line: string) => void): void {
  const all = [...new Set(parts.flatMap((part) => part?.source.notes ?? []))];
  for (const note of all.slice(0, TOLD)) log(`data: left out: ${note}`);
  if (all.length > TOLD) log(`data: and ${all.length - TOLD} more`);
}

const TOLD = 5;

/** WebDataset's classes may be numbers alone: then a list names them by its order. */
const byNumber = (folder: string, label: number, names: readonly ClassName[]): string =>
  folder === String(label) && names[label] ? names[label].name : folder;

async function formOf(path: string, options: OpenImageSourceOptions, log: (line: string) => void): Promise<Form> {
  const { split, labels, labelField: field, test } = options;
  const shardPart = (name: string, root: string, shards: readonly string[]): Part => ({
    name,
    asked: [shards, field],
    make: (known) => indexShards(root, shards, { known, field }, log),
  });
  if (/\.tar$/.test(path) && !isFolder(path)) {
    const root = dirname(path);
    const part = (name: string, pattern: string) =>
      shardPart(
        `${name}-${basename(pattern).replace(/[^\w.-]+/g, '_')}`,
        root,
        shardsOf(pattern).map((shard) => relative(root, shard)),
      );
    return { root, layout: 'WebDataset', train: part('train', path), ...(test && { test: part('test', test) }) };
  }
  if (!isFolder(path))
    throw new DataNotFoundError(
      `${path}: no such folder; it should hold a folder of images for each class, ImageNet's archives, or WebDataset's`,
    );
  // Who unpacked the archives may have kept them.
  const unpacked = holdsFolders(join(path, 'train'));
  if (!unpacked && isFile(join(path, IMAGENET_TARS.train))) return imageNetForm(path, labels, log);
  const shards = unpacked ? undefined : shardsIn(path, split);
  if (shards)
    return {
      ...{ root: path, layout: 'WebDataset', train: shardPart('train', path, shards.train) },
      ...(shards.test.length > 0 && { test: shardPart('test', path, shards.test) }),
    };
  const parts = await classFolderParts(path, split);
  const part = (name: string, folder: string): Part => ({
    name,
    asked: folder,
    make: (known) => indexClassFolders(path, folder, known, log),
  });
  const layout =
    parts.train === '' ? 'class folders' : ['train/', ...(parts.test ? [`${parts.test}/`] : [])].join(' and ');
  return {
    ...{ root: path, layout, train: part('train', parts.train) },
    ...(parts.test !== undefined && { test: part(parts.test, parts.test) }),
  };
}

function imageNetForm(root: string, labels: string | undefined, log: (line: string) => void): Form {
  const train: Part = {
    name: 'train',
    asked: IMAGENET_TARS.train,
    make: (known) => indexTrainTar(root, IMAGENET_TARS.train, known, log),
  };
  const form = { root, layout: "ImageNet's archives", train };
  if (!isFile(join(root, IMAGENET_TARS.test))) return form;
  const list = labels ?? LABEL_LISTS.map((name) => join(root, name)).find(isFile);
  if (list === undefined)
    throw new ImageSourceError(
      join(root, IMAGENET_TARS.test),
      `has no list of its labels beside it; put one of ${LABEL_LISTS.join(', ')} there, or name yours`,
    );
  return {
    ...form,
    test: {
      name: 'test',
      asked: relative(root, list),
      make: (known) => indexTestTar(root, IMAGENET_TARS.test, list, known!, log),
    },
  };
}
