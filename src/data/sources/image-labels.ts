// The classes of images that lie in one heap: the list that comes with ImageNet's validation images, in the forms in which people have it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readWhole, textOf, unreadable } from '../../io/index.ts';
import { DataNotFoundError, ImageSourceError } from '../errors.ts';
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
 * The label of each image, in the order of `names`. A list has a line for each image:
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
  folders: readonly string[],
): Promise<Uint16Array> {
  const refuse = (reason: string): ImageSourceError => new ImageSourceError(file, reason);
  const bytes = await readWhole(file, true).catch((error) => {
    throw error.code === 'ENOENT'
      ? new DataNotFoundError(`${file}: no such file; it should list the class of each image, a line each`)
      : refuse(unreadable(error));
  });
  const lines = textOf(bytes, refuse)
    .split(/\r\n|[\r\n]/)
    .map((line) => line.trim().split(/[\s,]+/))
    .map((fields, i) => ({ fields, number: i + 1 }))
    .filter(({ fields, number }) => fields[0] !== '' && !(number === 1 && /^ImageId$/i.test(fields[0])));
  if (lines.length === 0) throw refuse('lists no labels; a line for each image is needed');

  const byFolder = new Map(folders.map((folder, label) => [folder, label]));
  const labelOf = (word: string, line: number): number => {
    const label = /^\d+$/.test(word) ? Number(word) : byFolder.get(word);
    if (label === undefined || label >= folders.length)
      throw refuse(
        `line ${line} says class ${word.slice(0, 40)}, which is none of the ${folders.length} classes (${folders[0]} to ${folders.at(-1)}, or 0 to ${folders.length - 1})`,
      );
    return label;
  };
  if (lines[0].fields.length > 1) {
    const byName = new Map(lines.map(({ fields: [name, word = ''], number }) => [stem(name), { word, number }]));
    return Uint16Array.from(names, (name) => {
      const line = byName.get(stem(name));
      if (!line) throw refuse(`has no line for ${name}`);
      return labelOf(line.word, line.number);
    });
  }
  if (lines.length !== names.length)
    throw refuse(`lists ${lines.length} labels, a line each, and there are ${names.length} images`);
  const numbers = lines.map(({ fields: [word] }) => Number(word));
  const kit = numbersBeside(file);
  if (kit !== undefined && Math.min(...new Set(numbers)) >= 1) {
    const synsets = readSynsetNumbers(kit, readFileSync(kit));
    return Uint16Array.from(lines, ({ fields: [word], number }) => labelOf(synsets.get(Number(word)) ?? word, number));
  }
  if (Math.min(...new Set(numbers)) === 1 && Math.max(...new Set(numbers)) === folders.length)
    throw refuse(
      "counts classes from 1, in the development kit's own order, which is not that of their names; put the kit's meta.mat beside it, or take a list of names and classes (ILSVRC2012_val_00000001.JPEG n01751748)",
    );
  return Uint16Array.from(lines, ({ fields: [word], number }) => labelOf(word, number));
}

const stem = (name: string): string => name.replace(/^.*\//, '').replace(/\.[a-z]+$/i, '');
