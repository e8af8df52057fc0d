// A list of classes in a file: which folder is which label, and what people call it.
import { readWhole, textOf, unreadable } from '../../io/index.ts';
import { DataNotFoundError, ImageFolderError } from '../errors.ts';
import { MOST_CLASSES } from '../image/image-set.ts';
import type { ClassName } from './class-folders.ts';

/** Control characters but the tab. */
const NO_TEXT = /(?!\t)\p{Cc}/u;

/** Number, folder and name of a line. Where there are tabs they part it, so that a folder's name may have spaces. */
function fieldsOf(line: string, label: number): { number?: string; folder: string; name?: string } {
  if (line.includes('\t')) {
    const fields = line.split('\t').map((field) => field.trim());
    const [, number, folder] = /^(\d+) +(.+)$/.exec(fields[0]) ?? [];
    if (/^\d+$/.test(fields[0]) && fields[1]) return { number: fields[0], folder: fields[1], name: fields[2] };
    if (fields[0] !== '')
      return Number(number) === label ? { number, folder, name: fields[1] } : { folder: fields[0], name: fields[1] };
  }
  const [, number, folder = '', name] = /^\s*(?:(\d+)[\t ]+)?(\S+)(?:[\t ]+(.*?))?\s*$/.exec(line) ?? [];
  return { number, folder, name };
}

/**
 * A list of classes by label, such as ImageNet's: a line each, with the folder (synset) first, or after its number, then the name: "0⇥n01440764⇥tench",
 * "n01440764 tench, Tinca tinca" or the folder alone; one with spaces in its name needs a tab behind it. Throws DataNotFoundError for a missing file, ImageFolderError for one that is no text, is a list of something else, is empty, out of order or names a
 * folder twice.
 */
export async function readClassList(file: string): Promise<ClassName[]> {
  const refuse = (reason: string): ImageFolderError => new ImageFolderError(file, reason);
  const bytes = await readWhole(file, true).catch((error) => {
    const reason = unreadable(error);
    throw error.code === 'ENOENT'
      ? new DataNotFoundError(`${file}: no such file; it should list the classes, a line each`)
      : refuse(reason);
  });
  const text = textOf(bytes, refuse);
  if (/^\s*[[{]/.test(text))
    throw refuse('this is JSON; a list of classes has a line for each: its folder, and its name');
  const lines = text.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== '');
  const list = lines.map((line, label): ClassName => {
    if (NO_TEXT.test(line))
      throw refuse(`line ${label + 1} has characters that are none of a name; this is no list of classes`);
    const { number, folder, name } = fieldsOf(line, label);
    if (number !== undefined && Number(number) !== label)
      throw refuse(`class ${number} stands where class ${label} should; list all classes in order, from 0`);
    return { folder, name: name || folder };
  });
  if (list.length === 0) throw refuse('lists no classes; a line for each is needed');
  if (list.length > MOST_CLASSES)
    throw refuse(`lists ${list.length} classes, more than labels can hold (${MOST_CLASSES}); take fewer`);
  const seen = new Set<string>();
  for (const { folder } of list) {
    if (seen.has(folder)) throw refuse(`lists ${folder} twice; name each class folder once`);
    seen.add(folder);
  }
  return list;
}
