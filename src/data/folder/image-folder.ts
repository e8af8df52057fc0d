// One's own images as a data set: class folders decoded to one size, with a part held out for testing. Files that cannot be decoded are left
// out and told, since a large collection nearly always has some.
import { constants } from 'node:buffer';
import { availableParallelism } from 'node:os';
import { permutation } from '../../tensor/index.ts';
import { ImageDecodeError, ImageFolderError, ImageRangeError } from '../errors.ts';
import { decodeImage } from '../image/decode.ts';
import { anyOf, type ChannelStats, type ImageSet, makeLabels } from '../image/image-set.ts';
import { type ClassFile, type ClassName, findClassFiles } from './class-folders.ts';

/** How a folder of images for each class becomes a training and a test set. */
export interface LoadImageFolderOptions {
  /** Side of the images in pixels: the short side is resized to it, then the middle is cut out (centerCrop). */
  size: number;
  /** The folder beside train/ with the test images. Default: val, valid, validation or test, the first that is there. */
  split?: string | undefined;
  /** The share of each class that is held out for testing where no folder is set apart. Default 0.2. */
  heldOut?: number | undefined;
  /** Of the choice of held-out images. Default 1. */
  seed?: number | undefined;
  /** The classes by label, such as those of a network; folders may be fewer. Default: the folders, by name. */
  classes?: readonly ClassName[] | undefined;
  /** Whether a list of classes must fit exactly: then a class without training images is refused. Default false. */
  everyClass?: boolean | undefined;
  /** The largest number of test images that are decoded; if there are more, any of them, by `seed`. Default all. */
  mostTests?: number | undefined;
  /** Takes each line for people. */
  log?: ((line: string) => void) | undefined;
}

/** A file that was left out. */
export interface SkippedFile {
  file: string;
  reason: string;
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
}

/** The stream of random numbers that chooses what is held out; label L counts on from it. */
const HELD_OUT_STREAM = 0x401d;
const LISTED = 5;
const PROGRESS_FROM = 2_000;

/**
 * Images in class folders (findClassFiles() says which layouts) as two sets of size × size × 3 bytes. Throws DataNotFoundError and ImageFolderError as findClassFiles() does; ImageFolderError too
 * where a class has no image that can be decoded, where none are left for testing, and where the set is larger than memory can address; ImageRangeError for a bad size or share.
 */
export async function loadImageFolder(dir: string, options: LoadImageFolderOptions): Promise<LoadedImageFolder> {
  const loaded = await load(dir, options, ['train', 'test']);
  const normalization = moments(loaded.train);
  for (const set of [loaded.train, loaded.test]) set.normalization = normalization;
  return { ...loaded, ...normalization };
}

/**
 * The test images alone, those that loadImageFolder() would set apart, for networks that bring their normalization with them. Training images are not
 * decoded. Throws as loadImageFolder() does.
 */
export async function loadTestFolder(
  dir: string,
  options: LoadImageFolderOptions,
): Promise<Omit<LoadedImageFolder, 'train' | 'mean' | 'std'>> {
  const { train: _none, ...rest } = await load(dir, options, ['test']);
  return rest;
}

/** The sets without their normalization; a part that is not asked for stays empty. */
async function load(
  dir: string,
  {
    size,
    split,
    heldOut = 0.2,
    seed = 1,
    classes: known,
    everyClass,
    mostTests,
    log = () => {},
  }: LoadImageFolderOptions,
  asked: readonly ('train' | 'test')[],
): Promise<Omit<LoadedImageFolder, 'mean' | 'std'>> {
  if (!Number.isInteger(size) || size < 1)
    throw new ImageRangeError(`the size of images must be a whole number of pixels, 1 or more; it is ${size}`);
  if (!(heldOut > 0 && heldOut < 1))
    throw new ImageRangeError(`the share of images held out must lie between 0 and 1; it is ${heldOut}`);
  const found = await findClassFiles(dir, split, known);
  const { classes, layout } = found;
  if (known && everyClass) needEvery(dir, found.train, known);
  const all = found.test ? { train: found.train, test: found.test } : holdOut(found.train, heldOut, seed);
  const parts = {
    test: Array.from(anyOf(all.test.length, mostTests ?? all.test.length, seed), (i) => all.test[i]),
    train: asked.includes('train') ? all.train : [],
  };
  if (parts.test.length === 0)
    throw new ImageFolderError(dir, 'no class has more than one image, so none can be held out for testing; add more');
  log(`data: decoding ${parts.train.length + parts.test.length} images of ${dir} (${layout}) to ${size}×${size}`);

  const skipped: SkippedFile[] = [];
  const read = async (part: 'train' | 'test'): Promise<ImageSet> => {
    const name = `${dir} ${part}`;
    const decoded = await decodeAll(dir, parts[part], size, classes.length, log);
    skipped.push(...decoded.skipped);
    return { name, ...decoded.set, height: size, width: size, channels: 3, classes };
  };
  const train = await read('train');
  const test = await read('test');
  for (const { file, reason } of skipped.slice(0, LISTED)) log(`data: skipped ${file}: ${reason}`);
  if (skipped.length > LISTED) log(`data: and ${skipped.length - LISTED} more`);

  const missing = missingClass(parts.train, train);
  if (missing)
    throw new ImageFolderError(
      dir,
      `none of the ${missing.files.length} training images of class ${classes[missing.label]} can be decoded; replace them or remove the class`,
    );
  if (test.count === 0) throw new ImageFolderError(dir, 'none of the test images can be decoded; replace them');
  const tested = new Set(test.labels);
  const untested = new Set(all.train.flatMap(({ label }) => (tested.has(label) ? [] : [label]))).size;
  if (untested > 0) log(`data: ${untested} of the classes have no test images`);
  const how = found.test
    ? layout
    : `${layout}, ${Number((100 * heldOut).toFixed(2))} % of each class held out, seed ${seed}`;
  const source = `${classes.length} classes of images from ${dir} (${how})`;
  const counts = asked.map((part) => `${part === 'train' ? train.count : test.count} ${part}`);
  log(`data: ${source} (${[...counts, `${skipped.length} skipped`].join(', ')})`);
  return { train, test, classes, source, skipped, tests: all.test.length };
}

/** The images of each label. */
function byLabel(files: readonly ClassFile[]): Map<number, ClassFile[]> {
  const groups = new Map<number, ClassFile[]>();
  for (const file of files) {
    const group = groups.get(file.label);
    if (group) group.push(file);
    else groups.set(file.label, [file]);
  }
  return groups;
}

/** Sets the share of each class apart, rounded, but at least one image and not all; a class of one image keeps it for training. */
function holdOut(files: readonly ClassFile[], share: number, seed: number): { train: ClassFile[]; test: ClassFile[] } {
  const parts = { train: [] as ClassFile[], test: [] as ClassFile[] };
  for (const [label, group] of byLabel(files)) {
    const away = Math.min(group.length - 1, Math.max(1, Math.round(share * group.length)));
    const chosen = new Set(permutation(group.length, seed, HELD_OUT_STREAM, label).subarray(0, away));
    for (const [i, file] of group.entries()) parts[chosen.has(i) ? 'test' : 'train'].push(file);
  }
  return parts;
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
  size: number,
  classes: number,
  log: (line: string) => void,
): Promise<{ set: Pick<ImageSet, 'images' | 'labels' | 'count'>; skipped: SkippedFile[] }> {
  const bytes = size * size * 3;
  if (files.length * bytes > constants.MAX_LENGTH)
    throw new ImageFolderError(
      dir,
      `${files.length} images of ${size}×${size} take ${((files.length * bytes) / 1e9).toFixed(1)} GB, more than the ${(constants.MAX_LENGTH / 1e9).toFixed(1)} GB of one set; choose a smaller size or fewer images`,
    );
  const images = new Uint8Array(files.length * bytes);
  const reasons = new Map<number, string>();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const i = next++;
      try {
        images.set((await decodeImage(files[i].path, size)).pixels, i * bytes);
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

/** Mean and deviation of all pixels, exact by counting bytes. A channel of one value gets the deviation of one step, so that it can be divided by. */
function moments({ images }: ImageSet): ChannelStats {
  const counts = new Float64Array(3 * 256);
  for (let i = 0; i < images.length; i += 3) for (let c = 0; c < 3; c++) counts[c * 256 + images[i + c]]++;
  const pixels = images.length / 3;
  const channels = [0, 1, 2].map((c) => {
    const own = counts.subarray(c * 256, (c + 1) * 256);
    const mean = own.reduce((sum, n, byte) => sum + n * byte, 0) / pixels;
    const variance = own.reduce((sum, n, byte) => sum + n * (byte - mean) ** 2, 0) / pixels;
    return { mean: mean / 255, std: Math.max(1, Math.sqrt(variance)) / 255 };
  });
  return { mean: channels.map(({ mean }) => mean), std: channels.map(({ std }) => std) };
}
