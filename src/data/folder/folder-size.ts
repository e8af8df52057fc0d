// Whether memory should hold what a folder has, before anything of it is decoded: by the number of its images, which are counted no further than needed.
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { HeldOutRule } from '../image/image-set.ts';
import { findSplit, listClasses } from './class-folders.ts';
import { FolderWalk } from './folder-walk.ts';
import { whetherKnown } from './held-out.ts';

/**
 * Bytes of decoded images that are held in memory where nobody said so: 4 GiB, or a quarter of the machine's memory where that is less. They are held twice, and the second time is in the machine's
 * memory, too, where the adapter has none of its own.
 */
export const mostInMemory = (): number => Math.min(2 ** 32, totalmem() / 4);

/** How much of memory the images of a folder would take. */
export interface FolderSize {
  /** Whether all of them, decoded, take no more than `most`. */
  fits: boolean;
  /** Whether some are set apart for testing, in a folder of their own. */
  apart: boolean;
}

/**
 * Measures the class folders of a set, with size × size pixels for each image. `most` are bytes, default mostInMemory(); `split` is the folder of the test images, as loadImageFolder() has it.
 * Throws ImageFolderError as that does.
 */
export async function measureFolder(
  dir: string,
  { size, split, most = mostInMemory() }: { size: number; split?: string | undefined; most?: number },
): Promise<FolderSize> {
  const walk = new FolderWalk(dir);
  const parts = await findSplit(walk, dir, split);
  const apart = parts?.test !== undefined;
  let left = most;
  for (const part of parts ? Object.values(parts) : [dir])
    for await (const { paths } of listClasses(walk, part)) {
      left -= paths.length * size ** 2 * 3;
      if (left < 0) return { fits: false, apart };
    }
  return { fits: true, apart };
}

/** Whether a network was trained on images of this folder, by the files that it knows. Throws ImageFolderError as loadTestFolder() does. */
export async function wasTrainedOn(dir: string, rule: HeldOutRule, split?: string): Promise<boolean> {
  const parts = await findSplit(new FolderWalk(dir), dir, split);
  const folder = parts ? (parts.test ?? parts.train) : dir;
  const files = Object.keys(rule.known).map((key) => ({ key, path: join(folder, key), label: 0 }));
  return (await whetherKnown(files, rule)) !== 'none';
}
