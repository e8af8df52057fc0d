// ImageNet as it is given out (ILSVRC 2012): a tar of one tar for each class, and one of all validation images, which a list gives their classes. Both are read where
// they lie.
import { basename, join, relative } from 'node:path';
import { ImageSourceError } from '../errors.ts';
import { isPictureName } from '../image/kinds.ts';
import { ClassLabels } from './class-labels.ts';
import { numbersBeside, readImageLabels } from './image-labels.ts';
import { IndexBuilder } from './index-builder.ts';
import type { Indexed } from './index-cache.ts';
import { isFile } from './paths.ts';
import { pause } from './pause.ts';
import { TarFile } from './tar-file.ts';
import { Watch } from './watched.ts';

/** The archives' names. */
export const IMAGENET_TARS = { train: 'ILSVRC2012_img_train.tar', test: 'ILSVRC2012_img_val.tar' } as const;

/** A tar of class tars: each is a class by its name, in order of names. Throws ArchiveError for a damaged archive, ImageSourceError where it holds no class tars. */
export async function indexTrainTar(
  root: string,
  name: string,
  known: readonly string[] | undefined,
  log: (line: string) => void,
): Promise<Indexed> {
  const watch = new Watch(root);
  watch.file(name);
  const path = join(root, name);
  const archive = new TarFile(path);
  try {
    const tars = [...archive.entries()].filter((entry) => entry.name.endsWith('.tar'));
    if (tars.length === 0)
      throw new ImageSourceError(path, 'holds no tar files of classes (n01440764.tar and so on), as ImageNet has them');
    tars.sort((a, b) => (a.name < b.name ? -1 : 1));
    const classes = new ClassLabels(path, known);
    const builder = new IndexBuilder('archives');
    const breathe = pause(log);
    for (const tar of tars) {
      const label = classes.of(basename(tar.name, '.tar'));
      builder.open(name, tar.name);
      for (const entry of archive.entries(tar.at, tar.at + tar.bytes)) {
        if (isPictureName(entry.name)) builder.add(entry.name, label, entry.at, entry.bytes);
        await breathe(builder.count);
      }
    }
    return { builder, folders: classes.all(), notes: [], watch };
  } finally {
    archive.close();
  }
}

/** A tar of images, whose classes are in a list; without `known` they are those of the list, in order. Throws ArchiveError for a damaged archive, ImageSourceError for an image without a label. */
export async function indexTestTar(
  root: string,
  name: string,
  list: string,
  known: readonly string[] | undefined,
  log: (line: string) => void,
): Promise<Indexed> {
  const watch = new Watch(root);
  watch.file(name);
  const numbers = numbersBeside(list);
  for (const file of numbers === undefined ? [list] : [list, numbers])
    if (isFile(file)) watch.file(relative(root, file));
  const path = join(root, name);
  const archive = new TarFile(path);
  try {
    const entries = [];
    const breathe = pause(log);
    for (const entry of archive.entries()) {
      if (isPictureName(entry.name)) entries.push(entry);
      await breathe(entries.length);
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const { labels, folders } = await readImageLabels(
      list,
      entries.map((entry) => basename(entry.name)),
      known,
    );
    const builder = new IndexBuilder('archives');
    builder.open(name);
    for (const [i, entry] of entries.entries()) builder.add(entry.name, labels[i], entry.at, entry.bytes);
    return { builder, folders, notes: [], watch };
  } finally {
    archive.close();
  }
}
