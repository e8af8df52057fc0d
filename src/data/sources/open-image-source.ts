// A set of images on the disk, whatever form it has: class folders, ImageNet's archives, or WebDataset's shards. Made for sets that do not fit into memory.
import { basename, dirname, join, relative } from 'node:path';
import { needArguments } from '../../gpu/index.ts';
import { DataNotFoundError, ImageSourceError } from '../errors.ts';
import type { ClassName } from '../folder/class-folders.ts';
import { readClassList } from '../folder/class-list.ts';
import { classFolderParts, indexClassFolders } from './class-folder-index.ts';
import { LABEL_LISTS } from './image-labels.ts';
import { ImageSource } from './image-source.ts';
import { IMAGENET_TARS, indexTestTar, indexTrainTar } from './imagenet-tars.ts';
import { cachedIndex, type Indexed } from './index-cache.ts';
import { holdsFolders, isFile, isFolder } from './paths.ts';
import { shardsIn, shardsOf } from './shard-names.ts';
import { indexShards } from './web-dataset.ts';

/** What a set does not say itself: which of its images are for testing, and where labels are. */
export interface SourceChoice {
  /** The folder beside train/ with the test images. Default: val, valid, validation or test, the first that is there. */
  split?: string | undefined;
  /** The list of labels of an archive of test images, such as ImageNet's. Default: the one beside it, by its usual name. */
  labels?: string | undefined;
  /** The field of WebDataset's `.json` files with the label. Default: label. */
  labelField?: string | undefined;
  /** Test images that lie elsewhere: WebDataset's shards by a pattern, an archive of images with `labels`, or a folder in any form of a set, of which they are the part for testing, else all. */
  test?: string | undefined;
}

/** Which classes and labels images have, and where their indexes are kept. */
export interface OpenImageSourceOptions extends SourceChoice {
  /** The classes by label, such as those of a network trained before; the set may have fewer. Default: those of the set, in the order of their folders' names. */
  classes?: readonly ClassName[] | undefined;
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
  /** The folder that its paths are counted from. */
  root: string;
  name: string;
  asked: unknown;
  make: (known: readonly string[] | undefined) => Promise<Indexed>;
}

interface Form {
  layout: string;
  train: Part;
  test?: Part;
  /** Whatever of a choice it has a use for. */
  uses: readonly (keyof SourceChoice)[];
}

/**
 * Opens the images of a folder, in the first of these forms that it has; class folders in train/ go before all of them:
 * - `ILSVRC2012_img_train.tar`, with `ILSVRC2012_img_val.tar` and a list of its labels, as ImageNet is given out; nothing is unpacked;
 * - tar files in it, in train/ and val/, or named so: WebDataset's shards, with `key.jpg` and `key.cls` or `key.json`; a path with braces names shards, too
 *   (`train-{0000..1023}.tar`), and one of an archive with `labels` an archive of images alone, as ImageNet's for validation;
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
 * const batches = new ImageBatches(gpu, train, { batch: 64, training: { size: 224 }, seed: 1, normalization: NORMALIZATIONS.imagenet });
 */
export async function openImageSource(path: string, options: OpenImageSourceOptions = {}): Promise<OpenedImageSource> {
  needArguments('openImageSource', 'a text', { path });
  const set = await partsOf(path, options);
  const { form, given, log } = set;
  const train = await set.open(form.train, given);
  const { folders } = train.source;
  const test = form.test && (await set.open(form.test, folders));
  tell([train, test], log);
  const from = options.test === undefined ? '' : ` from ${options.test}`;
  const counts = [`${train.source.count} train`, ...(test ? [`${test.source.count} test${from}`] : [])].join(', ');
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
    source: `${images.folders.length} classes of images from ${options.test ?? path} (${form.layout}${form.test ? '' : ', all images'})`,
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
  const own = join(form.train.root, 'classes.txt');
  const names = list ?? (isFile(own) ? await readClassList(own) : []);
  const called = new Map(names.map(({ folder, name }) => [folder, name]));
  return {
    form,
    log,
    given: list?.map(({ folder }) => folder),
    called: (folders: readonly string[]) =>
      folders.map((folder, label) => called.get(folder) ?? byNumber(folder, label, names)),
    async open(part: Part, known: readonly string[] | undefined): Promise<OpenedPart> {
      const { root, name, asked, make } = part;
      const request = { root, part: name, asked: [known, asked], cache, make: () => make(known) };
      const { index, cached } = await cachedIndex(request);
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

async function formOf(path: string, options: SourceChoice, log: (line: string) => void): Promise<Form> {
  const own = await ownForm(path, options, log);
  const form = options.test === undefined ? own : withTests(own, await elsewhere(options.test, options, log));
  const idle = (Object.keys(IN_WORDS) as (keyof typeof IN_WORDS)[]).find(
    (name) => options[name] !== undefined && !form.uses.includes(name),
  );
  if (idle !== undefined)
    throw new ImageSourceError(path, `is read as ${form.layout}, which has no use for ${IN_WORDS[idle]}`);
  return form;
}

/** Of a choice, what not every form has a use for. */
const IN_WORDS = {
  split: 'the name of a folder of test images',
  labels: 'a list of labels',
  labelField: 'a field of labels',
} as const;
const ALL_BUT_SPLIT = ['labels', 'labelField', 'test'] as const;

const isArchive = (path: string): boolean => /\.tar$/.test(path) && !isFolder(path);

/** What a path holds, all of it for training but for what it sets apart itself. */
async function ownForm(path: string, choice: SourceChoice, log: (line: string) => void): Promise<Form> {
  const { split, test } = choice;
  // A list is of the images to test with, where these are named.
  const own = test === undefined ? choice : { ...choice, labels: undefined };
  if (isArchive(path)) return { ...archives('train', path, own, log), uses: ALL_BUT_SPLIT };
  if (!isFolder(path))
    throw new DataNotFoundError(
      `${path}: no such folder; it should hold a folder of images for each class, ImageNet's archives, or WebDataset's`,
    );
  // Who unpacked the archives may have kept them.
  const unpacked = holdsFolders(join(path, 'train'));
  if (!unpacked && isFile(join(path, IMAGENET_TARS.train))) return imageNetForm(path, choice, log);
  const shards = unpacked ? undefined : shardsIn(path, split);
  if (shards)
    return {
      ...{ layout: 'WebDataset', uses: ['split', 'labelField', 'test'] },
      train: shardPart('train', path, shards.train, choice, log),
      ...(shards.test.length > 0 && { test: shardPart('test', path, shards.test, choice, log) }),
    };
  const parts = await classFolderParts(path, split);
  const layout =
    parts.train === '' ? 'class folders' : ['train/', ...(parts.test ? [`${parts.test}/`] : [])].join(' and ');
  return {
    ...{ layout, train: folderPart('train', path, parts.train, log), uses: ['split', 'test'] },
    ...(parts.test !== undefined && { test: folderPart(parts.test, path, parts.test, log) }),
  };
}

/** What is said of labels is of the images to test with, but that those to train on may be shards, too. */
const withTests = (own: Form, { test, uses }: Tests): Form => ({
  ...{ layout: own.layout, train: own.train, test },
  uses: ['test', ...uses, ...own.uses.filter((use) => use === 'labelField')],
});

type Tests = Pick<Form, 'uses'> & { test: Part };

/** Test images that lie elsewhere. Throws DataNotFoundError where nothing is there. */
async function elsewhere(path: string, choice: SourceChoice, log: (line: string) => void): Promise<Tests> {
  if (isArchive(path)) return { test: archives('test', path, choice, log).train, uses: ALL_BUT_SPLIT };
  if (!isFolder(path)) throw new DataNotFoundError(`${path}: no such folder or archive of test images`);
  const unpacked = holdsFolders(join(path, 'train'));
  if (!unpacked && isFile(join(path, IMAGENET_TARS.test)))
    return { test: imageNetTests(path, choice.labels, log), uses: ['labels'] };
  const shards = unpacked ? undefined : shardsIn(path);
  if (shards) {
    const { train, test } = shards;
    return { test: shardPart('test', path, test.length > 0 ? test : train, choice, log), uses: ['labelField'] };
  }
  const { train, test } = await classFolderParts(path, undefined);
  return { test: folderPart(test ?? 'test', path, test ?? train, log), uses: [] };
}

/** Archives that a pattern names: shards, or with a list of labels one of images alone. */
function archives(
  name: string,
  pattern: string,
  choice: SourceChoice,
  log: (line: string) => void,
): Pick<Form, 'layout' | 'train'> {
  const called = `${name}-${basename(pattern).replace(/[^\w.-]+/g, '_')}`;
  const paths = shardsOf(pattern);
  const root = dirname(paths[0]);
  const { labels } = choice;
  if (labels === undefined) {
    const shards = paths.map((shard) => relative(root, shard));
    return { layout: 'WebDataset', train: shardPart(called, root, shards, choice, log) };
  }
  if (paths.length > 1) throw new ImageSourceError(pattern, 'are several archives; a list of labels is of one');
  return { layout: 'an archive with a list of labels', train: listedPart(called, paths[0], labels, log) };
}

const shardPart = (
  name: string,
  root: string,
  shards: readonly string[],
  { labelField: field }: SourceChoice,
  log: (line: string) => void,
): Part => ({
  ...{ root, name, asked: [shards, field] },
  make: (known) => indexShards(root, shards, { known, field }, log),
});

const folderPart = (name: string, root: string, folder: string, log: (line: string) => void): Part => ({
  ...{ root, name, asked: folder },
  make: (known) => indexClassFolders(root, folder, known, log),
});

const listedPart = (name: string, archive: string, list: string, log: (line: string) => void): Part => {
  const root = dirname(archive);
  return {
    ...{ root, name, asked: relative(root, list) },
    make: (known) => indexTestTar(root, basename(archive), list, known, log),
  };
};

function imageNetForm(root: string, { labels, test }: SourceChoice, log: (line: string) => void): Form {
  const train: Part = {
    ...{ root, name: 'train', asked: IMAGENET_TARS.train },
    make: (known) => indexTrainTar(root, IMAGENET_TARS.train, known, log),
  };
  const form: Form = { layout: "ImageNet's archives", train, uses: ['labels', 'test'] };
  const tests = test === undefined && isFile(join(root, IMAGENET_TARS.test));
  return tests ? { ...form, test: imageNetTests(root, labels, log) } : form;
}

/** Throws ImageSourceError where nothing says their labels. */
function imageNetTests(root: string, labels: string | undefined, log: (line: string) => void): Part {
  const archive = join(root, IMAGENET_TARS.test);
  const list = labels ?? LABEL_LISTS.map((name) => join(root, name)).find(isFile);
  if (list === undefined)
    throw new ImageSourceError(
      archive,
      `has no list of its labels beside it; put one of ${LABEL_LISTS.join(', ')} there, or name yours`,
    );
  return listedPart('test', archive, list, log);
}
