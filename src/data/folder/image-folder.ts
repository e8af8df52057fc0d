// One's own images as a data set: class folders decoded to one size, with a part held out for testing. Files that cannot be decoded are left
// out and told, since a large collection nearly always has some.
import { constants } from 'node:buffer';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { needArguments } from '../../gpu/index.ts';
import { ImageDecodeError, ImageFolderError, ImageRangeError } from '../errors.ts';
import { anyOf, type ChannelStats, type HeldOutRule, type ImageSet, makeLabels } from '../image/image-set.ts';
import { channelStats } from '../image/normalization.ts';
import { decodeFile, type PictureWay } from '../transform/decode-file.ts';
import type { Interpolation } from '../transform/resample.ts';
import { findClassFiles } from './class-files.ts';
import type { ClassFile, ClassName } from './class-folders.ts';
import { holdOut, knownBy, listingOf, type Parts, split as partsBy, whetherKnown } from './held-out.ts';
import { byLabel } from './held-out-rule.ts';
import type { SkippedFile } from './walk.ts';

export type { SkippedFile } from './walk.ts';

/** How a folder of images for each class becomes a training and a test set. */
export interface LoadImageFolderOptions {
  /** Side of the images in pixels: the short side is resized to it, then the middle is cut out (centerCrop). */
  size: number;
  /** Pixels of the short side before the middle is cut out. Default `size`. */
  resize?: number | undefined;
  /** As Pillow's, to the bit. Default: decodeImage()'s. */
  interpolation?: Interpolation | undefined;
  /** The folder beside train/ with the test images. Default: val, valid, validation or test, the first that is there. */
  split?: string | undefined;
  /** The share of the images that is held out for testing where no folder is set apart: of each class about so much, by a hash of each file's path. Default 0.2. */
  heldOut?: number | undefined;
  /** Of the choice of held-out images, and of those that are taken of more. Default 1. */
  seed?: number | undefined;
  /** The classes by label, such as those of a network; folders may be fewer. Default: the folders, by name. */
  classes?: readonly ClassName[] | undefined;
  /** Whether a list of classes must fit exactly: then a class without training images is refused. Default false. */
  everyClass?: boolean | undefined;
  /** The largest number of test images that are decoded; if there are more, any of them, by `seed`. Default all. */
  mostTests?: number | undefined;
  /** Whether an image that cannot be decoded is an error, and not left out and told: where a result is said to be of all of them. Default false. */
  refuseOdd?: boolean | undefined;
  /** Takes each line for people. */
  log?: ((line: string) => void) | undefined;
}

/** The sets, both to be normalized by mean and deviation of the training pixels in [0, 1] for each channel. */
export interface LoadedImageFolder extends ChannelStats {
  train: ImageSet;
  test: ImageSet;
  classes: readonly string[];
  /** One line for reports. */
  source: string;
  skipped: readonly SkippedFile[];
  /** Test images that the folder holds, decoded or not. */
  tests: number;
  /** Whether they lie in a folder of their own. */
  apart: boolean;
  /** A digest of the paths of all images below the class folders, and of which part each is in. */
  listing: string;
}

const LISTED = 5;
const PROGRESS_FROM = 2_000;

/**
 * Images in class folders (findClassFiles() says which layouts) as two sets of size × size × 3 bytes. Throws DataNotFoundError and ImageFolderError as findClassFiles() does; ImageFolderError too
 * where a class has no image that can be decoded, where none are left for testing, and where the set is larger than memory can address; ImageRangeError for a bad size or share.
 */
export async function loadImageFolder(dir: string, options: LoadImageFolderOptions): Promise<LoadedImageFolder> {
  needArguments('loadImageFolder', 'a text', { dir });
  needArguments('loadImageFolder', 'an object', { options });
  const { heldOut: share = 0.2, seed = 1 } = options;
  if (!(share > 0 && share < 1))
    throw new ImageRangeError(`the share of images held out must lie between 0 and 1; it is ${share}`);
  const loaded = await load(dir, options, async (files, test) => {
    const parts = test ? { train: [...files], test: [...test], exceptions: [] } : holdOut(files, share, seed);
    const rule = {
      share: test ? 0 : share,
      seed,
      exceptions: parts.exceptions,
      known: await knownBy(parts.train, seed),
    };
    return { ...parts, rule, how: test ? '' : heldOutBy(rule) };
  });
  const normalization = channelStats(loaded.train);
  for (const set of [loaded.train, loaded.test]) set.normalization = normalization;
  return { ...loaded, ...normalization };
}

/** How the test images of a folder are read for a network. */
export interface LoadTestFolderOptions extends Omit<LoadImageFolderOptions, 'heldOut' | 'everyClass'> {
  /** How the images that the network was trained on were parted: its own test images are taken again. Without it nothing here was trained on, and all are test images. */
  trainedBy?: HeldOutRule | undefined;
}

/**
 * The test images alone, for networks that bring their normalization with them: those of a folder set apart (`split`), else those that were held out from the
 * network's training where it was trained on this folder, else all of them. Training images are not decoded. Throws as loadImageFolder() does.
 */
export async function loadTestFolder(
  dir: string,
  { trainedBy: rule, ...options }: LoadTestFolderOptions,
): Promise<Omit<LoadedImageFolder, 'train' | 'mean' | 'std'>> {
  const { train: _none, ...rest } = await load(dir, options, async (files, test) => {
    const tested = test ?? files;
    const known = rule === undefined ? 'none' : await whetherKnown(tested, rule);
    if (known === 'all' && rule!.share > 0) return { ...partsBy(tested, rule!), train: [], how: heldOutBy(rule!) };
    const how = {
      all: 'ALL OF THEM TRAINED ON: this says nothing about other images',
      some: 'all images, SOME OF THEM TRAINED ON',
      none: test ? '' : 'all images',
    }[known];
    return { train: [], test: [...tested], how };
  });
  return rest;
}

/** The parts of what was found, and how they were made, in words. */
type Part = (
  files: readonly ClassFile[],
  test: readonly ClassFile[] | undefined,
) => Promise<Parts & { how: string; rule?: HeldOutRule }>;

const heldOutBy = ({ share, seed }: Pick<HeldOutRule, 'share' | 'seed'>): string =>
  `${Number((100 * share).toFixed(2))} % held out by their names, seed ${seed}`;

/** The sets without their normalization. */
async function load(
  dir: string,
  {
    size,
    resize = size,
    interpolation,
    split,
    seed = 1,
    classes: known,
    everyClass,
    mostTests,
    refuseOdd = false,
    log = () => {},
  }: LoadImageFolderOptions,
  part: Part,
): Promise<Omit<LoadedImageFolder, 'mean' | 'std'>> {
  if (!Number.isInteger(size) || size < 1)
    throw new ImageRangeError(`the size of images must be a whole number of pixels, 1 or more; it is ${size}`);
  const found = await findClassFiles(dir, split, known);
  const { classes, layout } = found;
  if (known && everyClass) needEvery(dir, found.train, known);
  for (const { file, reason } of found.leftOut) log(`data: left out ${file === dir ? 'of ' : ''}${file}: ${reason}`);
  const all = await part(found.train, found.test);
  const parts = {
    test: Array.from(anyOf(all.test.length, mostTests ?? all.test.length, seed), (i) => all.test[i]),
    train: all.train,
  };
  if (parts.test.length === 0)
    throw new ImageFolderError(dir, 'no class has more than one image, so none can be held out for testing; add more');
  log(`data: decoding ${parts.train.length + parts.test.length} images of ${dir} (${layout}) to ${size}×${size}`);

  const skipped: SkippedFile[] = [...found.skipped];
  const read = async (part: 'train' | 'test'): Promise<ImageSet> => {
    const name = `${dir} ${part}`;
    const decoded = await decodeAll(dir, parts[part], { size, resize, interpolation }, classes.length, log);
    skipped.push(...decoded.skipped);
    return { name, ...decoded.set, height: size, width: size, channels: 3, classes };
  };
  const train = await read('train');
  const test = await read('test');
  if (refuseOdd && skipped.length > 0)
    throw new ImageFolderError(
      skipped[0].file,
      `${skipped[0].reason}; ${skipped.length > 1 ? `with it, ${skipped.length} images cannot be decoded` : 'it cannot be decoded'}, and a result without it would be of other images: replace or remove it`,
    );
  for (const { file, reason } of skipped.slice(0, LISTED)) log(`data: skipped ${file}: ${reason}`);
  if (skipped.length > LISTED) log(`data: and ${skipped.length - LISTED} more`);

  const missing = missingClass(parts.train, train);
  if (missing)
    throw new ImageFolderError(
      dir,
      `none of the ${missing.files.length} training images of class ${classes[missing.label]} can be decoded (${reasonIn(skipped, missing.files)}); replace them or remove the class`,
    );
  if (test.count === 0)
    throw new ImageFolderError(
      dir,
      `none of the test images can be decoded (${reasonIn(skipped, parts.test)}); replace them`,
    );
  const tested = new Set(test.labels);
  const untested = [...byLabel(found.train).keys()]
    .filter((label) => !tested.has(label))
    .map((label) => classes[label]);
  if (untested.length > 0)
    log(
      `data: ${untested.length} of the classes have no test images: ${untested.slice(0, LISTED).join(', ')}${untested.length > LISTED ? ' ...' : ''}`,
    );
  if (all.rule) train.heldOut = all.rule;
  const source = `${classes.length} classes of images from ${dir} (${[layout, all.how].filter(Boolean).join(', ')})`;
  const counts = [
    ...(train.count > 0 ? [`${train.count} train`] : []),
    `${test.count} test`,
    `${skipped.length} skipped`,
  ];
  log(`data: ${source} (${counts.join(', ')})`);
  return {
    train,
    test,
    classes,
    source,
    skipped,
    tests: all.test.length,
    apart: found.test !== undefined,
    listing: listingOf(all),
  };
}

/** Throws ImageFolderError where a list names classes that there is nothing to learn of. */
function needEvery(dir: string, files: readonly ClassFile[], known: readonly ClassName[]): void {
  const there = new Set(files.map(({ label }) => label));
  const absent = known.flatMap(({ folder }, label) => (there.has(label) ? [] : [folder]));
  if (absent.length > 0)
    throw new ImageFolderError(
      dir,
      `has no class folders ${absent.slice(0, LISTED).join(', ')}${absent.length > LISTED ? ` and ${absent.length - LISTED} more` : ''}, which the list of classes names; add their images or take them out of the list`,
    );
}

/** Why the first of some files was left out. */
function reasonIn(skipped: readonly SkippedFile[], files: readonly ClassFile[]): string {
  const paths = new Set(files.map(({ path }) => path));
  const { file, reason } = skipped.find(({ file }) => paths.has(file))!;
  return `${basename(file)}: ${reason}`;
}

/** A class that lost all of its images to the decoder. */
function missingClass(files: readonly ClassFile[], set: ImageSet): { label: number; files: ClassFile[] } | undefined {
  const there = new Set(set.labels);
  for (const [label, group] of byLabel(files)) if (!there.has(label)) return { label, files: group };
  return undefined;
}

/** Decodes several files at a time, each to its place; those that fail are closed up. */
async function decodeAll(
  dir: string,
  files: readonly ClassFile[],
  way: PictureWay,
  classes: number,
  log: (line: string) => void,
): Promise<{ set: Pick<ImageSet, 'images' | 'labels' | 'count'>; skipped: SkippedFile[] }> {
  const { size } = way;
  const bytes = size * size * 3;
  if (files.length * bytes > constants.MAX_LENGTH)
    throw new ImageFolderError(
      dir,
      `${files.length} images of ${size}×${size} take ${((files.length * bytes) / 1e9).toFixed(1)} GB, more than the ${(constants.MAX_LENGTH / 1e9).toFixed(1)} GB of one set; choose a smaller size or fewer images, or read them from the disk as they are needed (loading: disk)`,
    );
  const images = new Uint8Array(files.length * bytes);
  const reasons = new Map<number, string>();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const i = next++;
      try {
        images.set(await decodeFile(files[i].path, way), i * bytes);
      } catch (error) {
        if (!(error instanceof ImageDecodeError)) throw error;
        reasons.set(i, error.reason);
      }
      const tenth = Math.floor((10 * ++done) / files.length);
      if (files.length >= PROGRESS_FROM && tenth > Math.floor((10 * (done - 1)) / files.length))
        log(`data: ${10 * tenth} % of ${files.length} images`);
    }
  };
  // Decoding runs in libuv's four threads: a few more files in hand keep them busy, many more would only take memory.
  await Promise.all(Array.from({ length: Math.min(8, availableParallelism() + 2) }, work));

  const labels = makeLabels(files.length, classes);
  let count = 0;
  for (const [i, { label }] of files.entries()) {
    if (reasons.has(i)) continue;
    if (count < i) images.copyWithin(count * bytes, i * bytes, (i + 1) * bytes);
    labels[count++] = label;
  }
  const skipped = [...reasons].sort(([a], [b]) => a - b).map(([i, reason]) => ({ file: files[i].path, reason }));
  return { set: { images: images.subarray(0, count * bytes), labels: labels.subarray(0, count), count }, skipped };
}
