// The classes of images that lie in one heap: the list that comes with ImageNet's validation images, in the forms in which people have it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readWhole, textOf, unreadable } from '../../io/index.ts';
import { DataNotFoundError, ImageSourceError } from '../errors.ts';
import { MOST_CLASSES } from '../image/image-set.ts';
import { isFile } from './paths.ts';
import { readSynsetNumbers } from './synset-numbers.ts';

/** A list of labels by the name it usually has, the best one first. */
export const LABEL_LISTS = [
  'ILSVRC2012_val_labels.txt',
  'LOC_val_solution.csv',
  'imagenet_2012_validation_synset_labels.txt',
  'val.txt',
  'ILSVRC2012_validation_ground_truth.txt',
  'ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt',
];

/** What the development kit says its numbers mean by, beside a list. */
export const numbersBeside = (list: string): string | undefined => {
  const file = join(dirname(list), 'meta.mat');
  return isFile(file) ? file : undefined;
};

/**
 * The label of each image, in the order of `names`, and the classes by label: `known`, or without it those of the list. A list has a line for each image:
 * - `ILSVRC2012_val_00000001.JPEG n01751748` (or a comma between, and more behind it, as Kaggle's LOC_val_solution.csv; the ending may be missing): by name, the class by its folder;
 * - `ILSVRC2012_val_00000001.JPEG 65`: by name, the class by its label from 0, as Caffe's val.txt;
 * - `n01751748`: in the order of names, the class by its folder;
 * - `65`: in the order of names, the class by its label from 0; or by the development kit's number, which counts from 1 in an order of its own, where the kit's meta.mat lies beside
 *   the list. Without it the kit's list is refused.
 *
 * Throws DataNotFoundError for a missing list; ImageSourceError naming the line for one that is none, for classes that the set does not have, and for an image without a line.
 */
export async function readImageLabels(
  file: string,
  names: readonly string[],
  known?: readonly string[] | undefined,
): Promise<{ labels: Uint16Array; folders: readonly string[] }> {
  const refuse: Refuse = (reason) => new ImageSourceError(file, reason);
  const bytes = await readWhole(file, true).catch((error) => {
    throw error.code === 'ENOENT'
      ? new DataNotFoundError(`${file}: no such file; it should list the class of each image, a line each`)
      : refuse(unreadable(error));
  });
  const lines = textOf(bytes, refuse)
    .split(/\r\n|[\r\n]/)
    .map((line) => line.trim().split(/[\s,]+/))
    .map((fields, i): Line => ({ fields, number: i + 1 }))
    .filter(({ fields, number }) => fields[0] !== '' && !(number === 1 && /^ImageId$/i.test(fields[0])));
  if (lines.length === 0) throw refuse('lists no labels; a line for each image is needed');

  const found = wordsOf(file, lines, names, known?.length, refuse);
  const folders = known ?? classesIn(found, refuse);
  const byFolder = new Map(folders.map((folder, label) => [folder, label]));
  const labels = Uint16Array.from(found, ({ word, number }) => {
    const label = isNumber(word) ? Number(word) : byFolder.get(word);
    if (label === undefined || label >= folders.length)
      throw refuse(
        `line ${number} says class ${word.slice(0, 40)}, which is none of the ${folders.length} classes (${folders[0]} to ${folders.at(-1)}, or 0 to ${folders.length - 1})`,
      );
    return label;
  });
  return { labels, folders };
}

/** A line of a list, in words. */
interface Line {
  fields: readonly string[];
  number: number;
}

type Refuse = (reason: string) => ImageSourceError;

/** What a list says of each image, and in which line. `classes` is how many there are, where that is known. */
function wordsOf(
  file: string,
  lines: readonly Line[],
  names: readonly string[],
  classes: number | undefined,
  refuse: Refuse,
): { word: string; number: number }[] {
  if (lines[0].fields.length > 1) {
    const byName = new Map(lines.map(({ fields: [name, word = ''], number }) => [stem(name), { word, number }]));
    return names.map((name) => {
      const line = byName.get(stem(name));
      if (!line) throw refuse(`has no line for ${name}`);
      return line;
    });
  }
  if (lines.length !== names.length)
    throw refuse(`lists ${lines.length} labels, a line each, and there are ${names.length} images`);
  const numbers = [...new Set(lines.map(({ fields: [word] }) => Number(word)))];
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const kit = numbersBeside(file);
  if (kit !== undefined && least >= 1) {
    const synsets = readSynsetNumbers(kit, readFileSync(kit));
    return lines.map(({ fields: [word], number }) => ({ word: synsets.get(Number(word)) ?? word, number }));
  }
  if (least === 1 && most === (classes ?? most))
    throw refuse(
      "counts classes from 1, in the development kit's own order, which is not that of their names; put the kit's meta.mat beside it, or take a list of names and classes (ILSVRC2012_val_00000001.JPEG n01751748)",
    );
  return lines.map(({ fields: [word], number }) => ({ word, number }));
}

/** The classes that a list names, in the order of their names; all from 0 on where it numbers them. */
function classesIn(found: readonly { word: string; number: number }[], refuse: Refuse): string[] {
  const words = [...new Set(found.map(({ word }) => word))].sort();
  const numbers = words.filter(isNumber);
  if (numbers.length > 0 && numbers.length < words.length)
    throw refuse(`has classes by number (${numbers[0]}) and by name (${words.find((word) => !isNumber(word))})`);
  if (words.length < 2) throw refuse(`names one class alone (${words[0]}), so there is nothing to tell apart`);
  if (numbers.length === 0) return words;
  const most = Math.max(...numbers.map(Number));
  if (most >= MOST_CLASSES) throw refuse(`has class ${most}, and labels can hold ${MOST_CLASSES} classes`);
  return Array.from({ length: most + 1 }, (_, label) => String(label));
}

const isNumber = (word: string): boolean => /^\d+$/.test(word);
const stem = (name: string): string => name.replace(/^.*\//, '').replace(/\.[a-z]+$/i, '');
