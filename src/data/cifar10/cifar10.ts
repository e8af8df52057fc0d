// Where CIFAR-10 comes from, in order: a folder that was named, $CIFAR10_DIR, the project's own datasets/ folder, its home on the web, and
// at last the drawn stand-in, so that every command works offline and none can pass drawn shapes off as CIFAR-10.
import { fileURLToPath } from 'node:url';
import { DataNotFoundError, DownloadError } from '../errors.ts';
import type { ImageSet } from '../image/image-set.ts';
import { drawStandIn, type StandInOptions } from '../synthetic/stand-in.ts';
import { type Archive, cifar10Archive, downloadCifar10 } from './download.ts';
import { findCifar10, readCifar10 } from './format.ts';
import { type CifarLayout, cifar10Layout } from './records.ts';

/** Where `prepare` and the first run put the files: datasets/cifar-10/data, from src/ and from dist/ alike. */
export const cifar10Folder = fileURLToPath(new URL('../../../datasets/cifar-10/data', import.meta.url));

/** Where CIFAR-10 may come from, and what happens where it is not. */
export interface LoadCifar10Options {
  /** A folder with the binary version; if given it must be good. */
  dir?: string | undefined;
  /** May the set be fetched when it is nowhere (default true). */
  allowDownload?: boolean;
  /** What stands in when it cannot be had: drawn shapes (default, with sizes and seed), or false for a DataNotFoundError. */
  offlineStandIn?: StandInOptions | boolean;
  /** Takes each line for people. */
  log?: (line: string) => void;
}

/** What the world is to the loader; tests put their own here. */
export interface CifarWorld {
  env: Record<string, string | undefined>;
  folder: string;
  layout: CifarLayout;
  archive: Archive;
}

/** CIFAR-10, or what stands in for it: 50,000 and 10,000 images of 32×32×3 for the real set. */
export interface LoadedCifar10 {
  train: ImageSet;
  test: ImageSet;
  /** One line for reports; for the stand-in it says that this is not CIFAR-10. */
  source: string;
  standIn: boolean;
  /** The folder that it was read from; the stand-in has none. */
  dir?: string;
}

const realWorld: CifarWorld = {
  env: process.env,
  folder: cifar10Folder,
  layout: cifar10Layout,
  archive: cifar10Archive,
};

/**
 * CIFAR-10 as two sets of 32×32×3 bytes, 50,000 and 10,000 images, or the stand-in. A folder named by `dir` or $CIFAR10_DIR must be good: otherwise throws
 * DataNotFoundError or CifarFormatError. A failed download leads to the stand-in, or to DownloadError where that is forbidden.
 */
export async function loadCifar10(
  options: LoadCifar10Options = {},
  world: CifarWorld = realWorld,
): Promise<LoadedCifar10> {
  const { dir, allowDownload = true, offlineStandIn = true, log = () => {} } = options;
  const fromFolder = async (folder: string, why: string): Promise<LoadedCifar10> => {
    const sets = await readCifar10(folder, world.layout);
    const source = `CIFAR-10 from ${folder}${why}`;
    log(`data: ${source} (${sets.train.count} train, ${sets.test.count} test, SHA-256 checked)`);
    return { ...sets, source, standIn: false, dir: folder };
  };

  if (dir !== undefined) return fromFolder(dir, '');
  const fromEnv = world.env.CIFAR10_DIR;
  if (fromEnv) return fromFolder(fromEnv, ' ($CIFAR10_DIR)');
  if (await findCifar10(world.folder, world.layout)) return fromFolder(world.folder, '');

  let reason = 'downloading is off';
  if (allowDownload) {
    try {
      await downloadCifar10(world.folder, log, world.archive, world.layout);
      return await fromFolder(world.folder, '');
    } catch (error) {
      if (!(error instanceof DownloadError) || offlineStandIn === false) throw error;
      reason = error.message;
    }
  } else if (offlineStandIn === false) {
    throw new DataNotFoundError(
      `CIFAR-10 is not in ${world.folder}, neither dir nor $CIFAR10_DIR is given, and downloading is off`,
    );
  }
  log(`data: CIFAR-10 could not be had: ${reason}`);
  log('data: using the drawn STAND-IN set instead. THIS IS NOT CIFAR-10: its accuracies say nothing about CIFAR-10.');
  const sets = drawStandIn(offlineStandIn === true ? {} : offlineStandIn);
  const source = `drawn stand-in set (${sets.train.count} train, ${sets.test.count} test), NOT CIFAR-10`;
  return { ...sets, source, standIn: true };
}
