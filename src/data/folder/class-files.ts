// The image files of a data folder on the disk, with their classes.
import { stat } from 'node:fs/promises';
import { DataNotFoundError } from '../errors.ts';
import { type ClassFiles, type ClassName, classFilesOf } from './class-folders.ts';
import { FolderWalk } from './folder-walk.ts';

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );

/**
 * As classFilesOf(), of a folder by its path. Hidden files, and files whose names are not those of images, are left out, and folders that astrogpu wrote. Throws as that does, and DataNotFoundError without `dir`.
 */
export async function findClassFiles(dir: string, split?: string, known?: readonly ClassName[]): Promise<ClassFiles> {
  if (!(await isFolder(dir)))
    throw new DataNotFoundError(`${dir}: no such folder; it should hold one folder of images for each class`);
  return classFilesOf(new FolderWalk(dir), dir, split, known);
}
