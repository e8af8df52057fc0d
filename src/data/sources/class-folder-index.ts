// Class folders as an index: the same folders as findClassFiles() takes, one class at a time, so that a million paths are never strings at once.
import { join, relative, sep } from 'node:path';
import { DataNotFoundError } from '../errors.ts';
import { findSplit, listClasses, noImages } from '../folder/class-folders.ts';
import { FolderWalk } from '../folder/folder-walk.ts';
import { ClassLabels } from './class-labels.ts';
import { IndexBuilder } from './index-builder.ts';
import type { Indexed } from './index-cache.ts';
import { isFolder } from './paths.ts';
import { Watch } from './watched.ts';

/** Images between two lines for people. */
const TOLD = 200_000;

/** The folders of the parts of a set, from its root; '' is the root itself. */
export interface ClassFolderParts {
  train: string;
  test?: string;
}

/** Where the class folders of a set lie. Throws DataNotFoundError, and ImageFolderError as findClassFiles() does. */
export async function classFolderParts(dir: string, split: string | undefined): Promise<ClassFolderParts> {
  if (!isFolder(dir))
    throw new DataNotFoundError(`${dir}: no such folder; it should hold one folder of images for each class`);
  const found = await findSplit(new FolderWalk(dir), dir, split);
  if (!found) return { train: '' };
  return { train: relative(dir, found.train), ...(found.test !== undefined && { test: relative(dir, found.test) }) };
}

/** Lists the images of a part. Throws ImageFolderError as findClassFiles() does, ImageSourceError for a class that is not among those known. */
export async function indexClassFolders(
  root: string,
  part: string,
  known: readonly string[] | undefined,
  log: (line: string) => void,
): Promise<Indexed> {
  const watch = new Watch(root);
  const walk = new FolderWalk(root);
  const folder = join(root, part);
  const fromRoot = (path: string): string => relative(root, path).split(sep).join('/');
  watch.names(part);
  const classes = new ClassLabels(folder, known);
  const builder = new IndexBuilder('files');
  let next = TOLD;
  for await (const { name, paths } of listClasses(walk, folder)) {
    const label = classes.of(name);
    builder.open(fromRoot(join(folder, name)));
    for (const path of paths) builder.add(path.split(sep).join('/'), label);
    if (builder.count >= next) {
      log(`data: listed ${builder.count} images`);
      next += TOLD;
    }
  }
  for (const entered of walk.entered) watch.folder(fromRoot(entered));
  const notes = [...walk.leftOut, ...walk.skipped, ...noImages(folder, walk)];
  return { builder, folders: classes.all(), watch, notes: notes.map(({ file, reason }) => `${file}: ${reason}`) };
}
