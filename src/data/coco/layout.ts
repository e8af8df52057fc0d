// Where COCO's files lie: in the folders that COCO itself comes in, or a list beside one folder of images, as a small set is made by hand.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataNotFoundError } from '../errors.ts';

/** What an image is for: to learn from, or to measure by. */
export type CocoPart = 'train' | 'val';

/** A file of instances and the folder of its images. */
export interface CocoLayout {
  list: string;
  images: string;
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/**
 * The files of one part of a set: `dir`/instances.json beside images/, which is both parts, or annotations/instances_train2017.json beside train2017/ (or images/train2017/; any year).
 * Throws DataNotFoundError where there is none of both, and where it is not clear which.
 */
export async function findCoco(dir: string, part: CocoPart): Promise<CocoLayout> {
  const forms = `a COCO folder holds annotations/instances_${part}2017.json and ${part}2017/, or instances.json and images/`;
  const all = await namesIn(dir);
  const folder = async (inside: string, ...names: string[]): Promise<string> => {
    const there = await namesIn(inside);
    const name = names.find((name) => there.includes(name));
    if (name === undefined) throw new DataNotFoundError(`${join(inside, names[0])}: no such folder; ${forms}`);
    return join(inside, name);
  };
  if (all.includes('instances.json')) return { list: join(dir, 'instances.json'), images: await folder(dir, 'images') };
  const annotations = join(dir, 'annotations');
  const lists = (await namesIn(annotations)).filter((name) => /^instances_.+\.json$/.test(name));
  const fitting = lists.filter((name) => name.startsWith(`instances_${part}`));
  if (fitting.length > 1)
    throw new DataNotFoundError(`${annotations}: holds ${fitting.join(' and ')}; leave the one that is meant`);
  if (fitting.length === 0)
    throw new DataNotFoundError(
      lists.length > 0
        ? `${annotations}: holds ${lists.join(', ')} and none for "${part}"; ${forms}`
        : `${join(dir, 'instances.json')}: no such file; ${forms}`,
    );
  const name = fitting[0].slice('instances_'.length, -'.json'.length);
  const inside = all.includes(name) || !all.includes('images') ? dir : join(dir, 'images');
  return { list: join(annotations, fitting[0]), images: await folder(inside, name) };
}
