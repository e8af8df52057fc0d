// One's own images: a folder for each class, as `astrogpu train` takes them, decoded to one size; files that cannot be decoded are left out and named.
import {
  type ClassFile,
  channelStats,
  classFilesOf,
  commonFolder,
  type HeldOutRule,
  holdOutBy,
  ImageFolderError,
  type ImageSet,
  KNOWN_DIGITS,
  MOST_KNOWN,
  placeIn,
  placeText,
  squarePicture,
  walkOfPaths,
  whyUndecodable,
} from 'astrogpu/data';
import { AstroError } from 'astrogpu/gpu';
import { sha256 } from 'astrogpu/nn';
import type { Images } from '../images.ts';
import { breath } from '../in-turn.ts';
import { bytesOf, UNREADABLE } from './bytes.ts';
import type { Decode } from './picture.ts';

/** Side in pixels that images are brought to, and the largest. */
const SIZE = 32;
const MOST_SIZE = 256;
/** Bytes of all images: more would not fit beside a training. */
const MOST_BYTES = 2 ** 30;
/** Of the choice of test images, and how many, where no folder is set apart: as `astrogpu train` has them. */
const HELD_OUT = { share: 0.2, seed: 1 };
/** What a folder is called where all files lie in folders of their own. */
const NAMELESS = 'images';

/** What files are read with. */
export interface FolderOptions {
  /** Default 32. */
  size?: number;
  decode: Decode;
}

/** Images in class folders, with or without train/ and val/ above. Throws AstroError for what no set can be made of, naming the folder or file that is to blame. */
export async function readFolder(
  files: readonly { path: string; file: File }[],
  { size = SIZE, decode }: FolderOptions,
): Promise<Images> {
  if (!Number.isInteger(size) || size < 8 || size > MOST_SIZE)
    throw new AstroError(`size ${size}: takes a whole number of pixels from 8 to ${MOST_SIZE}`);
  if (files.length === 0)
    throw new ImageFolderError(
      'the folder',
      'it is empty; choose one that has a folder of images for each class (cat/1.jpg, dog/1.jpg)',
    );
  const plain = files.map(({ path, file }) => ({ path: path.split('/').filter(Boolean).join('/'), file }));
  const above = commonFolder(plain.map(({ path }) => path));
  const root = above || NAMELESS;
  const byPath = new Map(plain.map(({ path, file }) => [above ? path : `${root}/${path}`, file]));
  const found = await classFilesOf(walkOfPaths([...byPath.keys()]), root);
  const { classes } = found;
  const parts = found.test
    ? { train: found.train, test: found.test, heldOut: { share: 0, seed: HELD_OUT.seed, exceptions: [] } }
    : await holdOut(found.train);
  if (parts.test.length === 0)
    throw new ImageFolderError(root, 'no class has more than one image, so none can be held out for testing; add more');
  if ((parts.train.length + parts.test.length) * size ** 2 * 3 > MOST_BYTES)
    throw new AstroError(
      `${root}: ${parts.train.length + parts.test.length} images of ${size}×${size} pixels are more than fits in memory; take fewer, or a smaller size`,
    );
  const leftOut = [...found.leftOut, ...found.skipped].map(({ file, reason }) => `${file}: ${reason}`);
  const read = async (part: 'train' | 'test'): Promise<ImageSet> => {
    const set = await decodeAll(parts[part], (path) => byPath.get(path)!, { size, decode, leftOut });
    return { ...set, name: `${root} ${part}`, height: size, width: size, channels: 3, classes };
  };
  const train = await read('train');
  const test = await read('test');
  const missing = classes.findIndex((_, label) => !train.labels.includes(label));
  if (missing >= 0)
    throw new ImageFolderError(
      root,
      `none of the training images of class ${classes[missing]} can be decoded; replace them or remove the class`,
    );
  if (test.count === 0) throw new ImageFolderError(root, 'none of the test images can be decoded; replace them');
  const normalization = channelStats(train);
  const heldOut = { ...parts.heldOut, known: await knownBy(parts.train, byPath) };
  const how = found.test ? found.layout : 'of each class some are held out for testing';
  return {
    name: `${classes.length} classes of images from ${root} (${how})`,
    train: { ...train, normalization, heldOut },
    test: { ...test, normalization },
    leftOut,
  };
}

/** Numbers in [0, 1) of paths. */
async function placesOf(files: readonly ClassFile[], kind: 'held out' | 'known'): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  for (const { key } of files) {
    const text = new TextEncoder().encode(placeText(kind, HELD_OUT.seed, key));
    places.set(key, placeIn(new Uint8Array(await crypto.subtle.digest('SHA-256', text))));
  }
  return places;
}

async function holdOut(files: readonly ClassFile[]) {
  const places = await placesOf(files, 'held out');
  const { train, test, exceptions } = holdOutBy(files, HELD_OUT.share, (key) => places.get(key)!);
  return { train, test, heldOut: { ...HELD_OUT, exceptions } };
}

/** Some of the files that are trained on, each with a digest, by which `astrogpu eval` knows the folder again. */
async function knownBy(files: readonly ClassFile[], byPath: ReadonlyMap<string, File>): Promise<HeldOutRule['known']> {
  const places = await placesOf(files, 'known');
  const chosen = [...files].sort((a, b) => places.get(a.key)! - places.get(b.key)!).slice(0, MOST_KNOWN);
  const known: Record<string, string> = {};
  for (const { key, path } of chosen) {
    const bytes = await bytesOf(byPath.get(path)!).catch(() => undefined);
    if (bytes) known[key] = (await sha256([bytes])).slice(0, KNOWN_DIGITS);
  }
  return known;
}

/** Bytes that tell formats apart. */
const BEGINNING = 1024;

/** Why a file is left out. */
const whyNot = async (file: File, error: unknown): Promise<string> =>
  bytesOf(file, file.name, BEGINNING).then(
    (bytes) => whyUndecodable(bytes, error),
    () => UNREADABLE,
  );

/** Those that can be decoded, in order; the others are added to `leftOut`. */
async function decodeAll(
  files: readonly ClassFile[],
  fileOf: (path: string) => File,
  { size, decode, leftOut }: { size: number; decode: Decode; leftOut: string[] },
): Promise<Pick<ImageSet, 'images' | 'labels' | 'count'>> {
  const bytes = size ** 2 * 3;
  const images = new Uint8Array(files.length * bytes);
  const labels = new Uint16Array(files.length);
  let count = 0;
  for (const { path, label } of files) {
    try {
      images.set(squarePicture(await decode(fileOf(path)), size), count * bytes);
      labels[count++] = label;
    } catch (error) {
      leftOut.push(`${path}: ${await whyNot(fileOf(path), error)}`);
    }
    await breath();
  }
  return { images: images.subarray(0, count * bytes), labels: labels.subarray(0, count), count };
}
