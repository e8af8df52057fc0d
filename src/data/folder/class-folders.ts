// Which image files a data folder holds and what class each is: one folder a class, as torchvision's ImageFolder has it, with or without train/ and val/
// above. Nothing is decoded here, so that a wrong folder is told at once.
import { ImageFolderError } from '../errors.ts';
import { MOST_CLASSES } from '../image/image-set.ts';
import type { SkippedFile, Walk } from './walk.ts';

/** An image file and its class. */
export interface ClassFile {
  path: string;
  /** The path below the folder of the classes, with slashes: `cat/1.jpg`. */
  key: string;
  label: number;
}

/** The image files of a data folder, and what they say. */
export interface ClassFiles {
  /** Names by label. */
  classes: readonly string[];
  train: readonly ClassFile[];
  /** Undefined where no folder is set apart for testing. */
  test: readonly ClassFile[] | undefined;
  /** What was found, in words. */
  layout: string;
  /** What is no class, though it lies where classes do. */
  leftOut: readonly SkippedFile[];
  /** Files of classes that cannot be opened. */
  skipped: readonly SkippedFile[];
}

/** A class by the name of its folder, and its name for people. */
export interface ClassName {
  folder: string;
  name: string;
}

const SPLITS = ['val', 'valid', 'validation', 'test'];
/** What people call the parts of a set besides. */
const LIKE_SPLIT = /^(train|training|val|valid|validation|dev|test|testing)([ _-]?(set|data|images))?$/i;

/** "a, b, c and 4 more" */
export function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

/** Names that are one to a person, or to another file system, and two here. Letters of an alphabet are told apart by case. */
function sayTwins(folder: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const plain = name.normalize('NFC').trim();
    const key = [...plain].length > 1 ? plain.toLowerCase() : plain;
    const before = seen.get(key);
    if (before !== undefined)
      throw new ImageFolderError(
        folder,
        `the class folders "${before}" and "${name}" differ by case, spaces or the form of their accents alone; put their images into one, or name them apart`,
      );
    seen.set(key, name);
  }
}

/** What is in class folders besides: formats that are not read here must not be gone without a word. */
export function noImages(file: string, { others }: Pick<Walk, 'others'>): SkippedFile[] {
  const count = [...others.values()].reduce((sum, n) => sum + n, 0);
  const ends = some([...others].sort(([, a], [, b]) => b - a).map(([end, n]) => `${n} of ${end}`));
  const told =
    count === 1
      ? '1 file in class folders is no image by its name'
      : `${count} files in class folders are no images by their names`;
  return count > 0 ? [{ file, reason: `${told} (${ends})` }] : [];
}

/** A class folder, and the images in it and in folders below it, by path. */
export interface ListedClass {
  name: string;
  /** From its folder. */
  paths: string[];
}

/** Each class folder in order: one at a time, since a large set's paths together take much memory. Throws ImageFolderError where there are none, at the end where some are empty. */
export async function* listClasses(walk: Walk, folder: string): AsyncGenerator<ListedClass> {
  const { folders, images } = await walk.look(folder);
  if (folders.length === 0)
    throw new ImageFolderError(
      folder,
      `holds no class folders${images.length > 0 ? `, but ${images.length} images that belong to no class` : ''}; put the images of each class into a folder of its own (cat/1.jpg, dog/1.jpg)`,
    );
  const listed: string[] = [];
  const empty: string[] = [];
  for (const name of folders) {
    const own = walk.leftOut.length;
    const paths = await walk.imagesBelow(walk.join(folder, name));
    if (paths.length > 0) {
      listed.push(name);
      yield { name, paths };
    } else if (walk.leftOut.length === own) empty.push(name);
  }
  if (listed.length === 0)
    throw new ImageFolderError(
      folder,
      `no images in any of its folders (${some(folders)}); one folder of images for each class is needed`,
    );
  if (empty.length > 0)
    throw new ImageFolderError(
      folder,
      `no images in the class folders ${some(empty)}; add some or remove these folders`,
    );
  sayTwins(folder, listed);
  if (images.length > 0)
    walk.leftOut.push({
      file: folder,
      reason:
        images.length === 1
          ? '1 image beside the class folders, which is of no class'
          : `${images.length} images beside the class folders, which are of no class`,
    });
}

async function listAll(walk: Walk, folder: string): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>();
  for await (const { name, paths } of listClasses(walk, folder)) all.set(name, paths);
  return all;
}

/** The folders of a split layout below `dir`; undefined where the class folders lie in `dir` itself. Throws ImageFolderError where it cannot be told. */
export async function findSplit(
  walk: Walk,
  dir: string,
  split: string | undefined,
): Promise<{ train: string; test?: string } | undefined> {
  const { folders } = await walk.look(dir);
  const beside = (test?: string): void => {
    for (const name of folders)
      if (name !== 'train' && name !== test)
        walk.leftOut.push({
          file: walk.join(dir, name),
          reason: `it lies beside train/${test === undefined ? '' : ` and ${test}/`}, so it is no class`,
        });
  };
  const train = walk.join(dir, 'train');
  if (split !== undefined) {
    for (const name of ['train', split])
      if (!folders.includes(name))
        throw new ImageFolderError(
          dir,
          `holds no folder ${name}; to test on ${split}/ it must hold train/ and ${split}/, with class folders in each`,
        );
    beside(split);
    return { train, test: walk.join(dir, split) };
  }
  const test = SPLITS.find((name) => folders.includes(name));
  if (folders.includes('train')) {
    const inside = await walk.look(train);
    // A class may be called "train": then there are images in it, or nothing. One image that strayed into train/ does not make val/ a class, too.
    const splitsOnly = folders.length > 1 && folders.every((name) => name === 'train' || SPLITS.includes(name));
    if (inside.folders.length > 0 && (inside.images.length === 0 || splitsOnly)) {
      const like = folders.filter((name) => name !== 'train' && LIKE_SPLIT.test(name));
      if (test === undefined && like.length > 0)
        throw new ImageFolderError(
          dir,
          `holds train and ${some(like)}, which looks like a part of the set; call it ${SPLITS.join(', ')}, or move it away`,
        );
      beside(test);
      return test === undefined ? { train } : { train, test: walk.join(dir, test) };
    }
  } else if (test !== undefined && folders.every((name) => SPLITS.includes(name)))
    throw new ImageFolderError(
      dir,
      `holds ${some(folders)}, but no train folder; add train/ with the same class folders`,
    );
  // As classes they would be learned without a word: which part of the set an image is from.
  if (folders.length > 1 && folders.every((name) => LIKE_SPLIT.test(name)))
    throw new ImageFolderError(
      dir,
      `holds ${some(folders)}, which look like parts of a set and not like classes; call them train and ${SPLITS[0]} or ${SPLITS[3]}, with the same class folders in each`,
    );
  return undefined;
}

/**
 * The images of DIR/CLASS/*, or of DIR/train/CLASS/* with those of DIR/val (`valid`, `validation`, `test`: the first that is there, or `split`), as a walk finds them.
 * Classes are the folders' names in order, or `known`: then labels are positions in that list, and not all have to be there. Throws ImageFolderError where there are no class folders, no images,
 * class folders without images, whose names cannot be read or told apart, or that links reach twice, only one class, parts of a set in place of classes, or classes that training does not have.
 */
export async function classFilesOf(
  walk: Walk,
  dir: string,
  split?: string,
  known?: readonly ClassName[],
): Promise<ClassFiles> {
  const parts = await findSplit(walk, dir, split);
  const train = await listAll(walk, parts?.train ?? dir);
  const test = parts?.test === undefined ? undefined : await listAll(walk, parts.test);

  const folders = known?.map(({ folder }) => folder) ?? [...train.keys()];
  if (known === undefined && folders.length === 1)
    throw new ImageFolderError(
      parts?.train ?? dir,
      `only one class (${folders[0]}), so there is nothing to learn; give a folder that holds two class folders or more`,
    );
  if (folders.length > MOST_CLASSES)
    throw new ImageFolderError(
      dir,
      `${folders.length} classes are more than labels can hold (${MOST_CLASSES}); take fewer`,
    );
  const labels = new Map(folders.map((folder, label) => [folder, label]));
  const flat = (listed: Map<string, string[]>, folder: string): ClassFile[] => {
    const strange = [...listed.keys()].filter((name) => !labels.has(name));
    if (strange.length > 0)
      throw new ImageFolderError(
        folder,
        `the class folders ${some(strange)} are not among the ${folders.length} classes ${known ? 'given' : 'of train/'} (${some(folders)}); rename or remove them`,
      );
    return [...listed].flatMap(([name, paths]) =>
      paths.map((path) => ({
        path: walk.join(walk.join(folder, name), path),
        key: [name, ...path.split(walk.sep)].join('/'),
        label: labels.get(name)!,
      })),
    );
  };
  return {
    classes: known?.map(({ name }) => name) ?? folders,
    train: flat(train, parts?.train ?? dir),
    test: test && flat(test, parts!.test!),
    leftOut: [...walk.leftOut, ...noImages(dir, walk)],
    skipped: walk.skipped,
    layout:
      parts === undefined
        ? 'class folders'
        : parts.test === undefined
          ? 'train/'
          : `train/ and ${parts.test.slice(dir.length).replace(/^[\\/]+/, '')}/`,
  };
}
