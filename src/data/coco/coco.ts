// Pictures with the objects on them: a list of COCO's form and the pictures that are there of it. Explanations and detectors read the same: where the objects really are, which a class label
// does not say.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataNotFoundError } from '../errors.ts';
import type { CocoInstances } from './instances.ts';
import { type CocoPart, findCoco } from './layout.ts';
import { type ReadInstancesOptions, readInstances } from './read-instances.ts';

/** Pictures of COCO with their instances. */
export interface CocoSet extends CocoInstances {
  /** Names of pictures that the list has and the folder lacks; they are left out. */
  missing: readonly string[];
  /** One line for reports. */
  source: string;
}

/** Which part of a set is read, and how. */
export interface LoadCocoOptions extends ReadInstancesOptions {
  /** A small set of one list is both. Default: val. */
  part?: CocoPart;
}

/**
 * The pictures of a folder as `findCoco` finds it, with their objects. Entries of the list that are odd are left out and named in `leftOut`, pictures that are not there in `missing`. Throws
 * DataNotFoundError where the folder, the list or every picture is missing, CocoFormatError for a list that is no JSON, is another file's, or has no entry that can be used.
 */
export async function loadCoco(dir: string, { part = 'val', ...reading }: LoadCocoOptions = {}): Promise<CocoSet> {
  const { list, images: folder } = await findCoco(dir, part);
  const there = await readdir(folder, { recursive: true }).then(
    (names) => new Set(names.map((name) => name.replaceAll('\\', '/'))),
    () => {
      throw new DataNotFoundError(`${folder}: is no folder; the pictures of ${list} belong there`);
    },
  );
  const instances = await readInstances(list, reading);
  const missing = instances.images.filter(({ file }) => !there.has(file)).map(({ file }) => file);
  const images = instances.images
    .filter(({ file }) => there.has(file))
    .map((image) => ({ ...image, file: join(folder, image.file) }));
  if (images.length === 0)
    throw new DataNotFoundError(
      `${folder}: holds none of the ${instances.images.length} pictures that ${list} lists; put them there`,
    );
  const objects = images.reduce((sum, image) => sum + image.objects.length, 0);
  const odd = instances.leftOut.length > 0 ? `, ${instances.leftOut.length} odd entries left out` : '';
  const source = `${images.length} pictures with ${objects} objects from ${dir} (COCO${odd})`;
  return { ...instances, images, missing, source };
}

/** Of each kind of what is odd, entries that are named. */
const NAMED = 5;

/** What a person should hear about a set before it is used, a line for each kind: pictures that are missing, entries left out, boxes without area. */
export function cocoNotes({ images, missing, leftOut, withoutArea }: CocoSet): string[] {
  const line = (what: string, names: readonly string[], of = ''): string[] => {
    const more = names.length > NAMED ? `; and ${names.length - NAMED} more` : '';
    return names.length === 0 ? [] : [`${what}: ${names.length}${of} (${names.slice(0, NAMED).join('; ')}${more})`];
  };
  return [
    ...line('missing pictures, left out', missing, ` of ${images.length + missing.length}`),
    ...line('odd entries, left out', leftOut),
    ...line('boxes without area, which teach nothing', withoutArea),
  ];
}
