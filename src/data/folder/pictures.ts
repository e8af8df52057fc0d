// Pictures as they are named on a command line: files as they are, folders for every picture below them.
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPictureName } from '../image/kinds.ts';

const isHidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX';

/** Is a file an archive of pictures by its name? */
export const isArchiveName = (name: string): boolean => /\.tar$/i.test(name);

/** What some paths name: picture files and archives in order, and the folders among them that hold none or may not be read. */
export interface FoundPictures {
  files: readonly string[];
  skipped: readonly { file: string; reason: string }[];
}

/**
 * The pictures that paths name: a file whatever it is called; of a folder all files below it that are named like pictures or archives, by path, without hidden ones. Links are followed, and each folder is
 * gone into once for each path, so that a link that leads back up ends. What is not there stays in the list: who decodes it says so.
 */
export async function findPictures(paths: readonly string[]): Promise<FoundPictures> {
  const files: string[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (const path of paths) {
    if (!(await isFolder(path))) {
      files.push(path);
      continue;
    }
    const seen = new Set<string>();
    const before = files.length + skipped.length;
    const enter = async (folder: string): Promise<void> => {
      const real = await realpath(folder);
      if (seen.has(real)) return;
      seen.add(real);
      const names = await readdir(folder).catch((error: Error) => {
        skipped.push({ file: folder, reason: `this folder cannot be read (${error.message})` });
        return [];
      });
      for (const name of names.filter((name) => !isHidden(name)).sort()) {
        const inside = join(folder, name);
        if (await isFolder(inside)) await enter(inside);
        else if (isPictureName(name) || isArchiveName(name)) files.push(inside);
      }
    };
    await enter(path);
    if (files.length + skipped.length === before)
      skipped.push({ file: path, reason: 'there are no pictures in this folder' });
  }
  return { files, skipped };
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
