// COCO's instances from the JSON that COCO and many tools write. An entry that is odd is left out and told, and the others are taken.
import { isRecord, parseJson } from '../../gpu/index.ts';
import { readWhole, textOf, unreadable } from '../../io/index.ts';
import { CocoFormatError } from '../errors.ts';
import { MOST_PIXELS } from '../transform/read-rgb.ts';
import { type CocoCategory, type CocoImage, type CocoInstances, type CocoObject, compareIds } from './instances.ts';
import { type CocoMask, runsOfMask } from './mask.ts';
import { areaOfRuns } from './runs.ts';
import { readRuns } from './runs-text.ts';
import { trainingBox } from './training-objects.ts';
import { areNumbers, isId, isNumber } from './values.ts';

/** How instances are read. */
export interface ReadInstancesOptions {
  /** false: masks are checked, and not kept. Training by boxes needs none, and they are nine tenths of the memory. */
  masks?: boolean;
}

type Entry = Record<string, unknown>;

/** Of an outline's point, in pixels: beyond it no picture has one. */
const FARTHEST = 2 ** 28;

/** Some tools write numbers as texts. */
const sideOf = (value: unknown): number =>
  typeof value === 'string' ? Number(value) : isNumber(value) ? value : Number.NaN;
const isSide = (side: number): boolean => Number.isInteger(side) && side > 0;
const shown = (value: unknown): string =>
  isRecord(value) || Array.isArray(value) ? 'no number and no text' : String(value);

/**
 * Reads a file of instances. Entries that are odd are left out and named in `leftOut`. Throws CocoFormatError for a file that cannot be read, is no JSON, is another file's, or has no
 * entry that can be used.
 */
export async function readInstances(file: string, { masks = true }: ReadInstancesOptions = {}): Promise<CocoInstances> {
  const refuse = (reason: string): CocoFormatError => new CocoFormatError(file, reason);
  const bytes = await readWhole(file).catch((error) => {
    throw refuse(unreadable(error));
  });
  const list = parts(
    parseJson(textOf(bytes, refuse), (reason) => refuse(`${reason}; get the file again`)),
    refuse,
  );
  const leftOut: string[] = [];
  const leave = (what: string, id: unknown, position: number, reason: string): void =>
    void leftOut.push(`${what} ${isId(id) ? id : `at position ${position}`} ${reason}`);

  const named = new Map<string, CocoCategory>();
  for (const [i, { id, name }] of list.categories.entries()) {
    if (!isId(id) || typeof name !== 'string') leave('category', id, i, 'has no id or no name');
    else if (named.has(String(id))) leave('category', id, i, 'is listed twice');
    else named.set(String(id), { id, name });
  }
  const categories = [...named.values()].sort((a, b) => compareIds(a.id, b.id));
  const indexes = new Map(categories.map(({ id }, index) => [String(id), index]));

  const images = new Map<string, CocoImage & { objects: CocoObject[] }>();
  for (const [i, entry] of list.images.entries()) {
    const image = imageOf(entry);
    if (typeof image === 'string') leave('image', entry.id, i, image);
    else if (images.has(String(image.id))) leave('image', image.id, i, 'is listed twice');
    else images.set(String(image.id), image);
  }
  const withoutArea: string[] = [];
  let used = 0;
  for (const [i, entry] of list.annotations.entries()) {
    const image = isId(entry.image_id) ? images.get(String(entry.image_id)) : undefined;
    const object = image
      ? objectOf(entry, i, image, indexes)
      : `is of image ${shown(entry.image_id)}, which is not listed`;
    if (typeof object === 'string') {
      leave('annotation', entry.id, i, object);
      continue;
    }
    if (!masks) delete object.mask;
    image!.objects.push(object);
    used++;
    if (!trainingBox(object.box, image!)) withoutArea.push(`annotation ${object.id} of image ${image!.id}`);
  }

  for (const [what, count] of [
    ['categories', categories.length],
    ['images', images.size],
    ['annotations', used],
  ] as const)
    if (list[what].length > 0 && count === 0)
      throw refuse(
        `none of its ${list[what].length} ${what} can be used: ${leftOut.find((line) => line.startsWith(what.slice(0, 5)))}; get the file again`,
      );
  return { images: [...images.values()], categories, leftOut, withoutArea };
}

/** The three lists of a file. What is none of an entry in them is an entry without anything. */
function parts(
  list: unknown,
  refuse: (reason: string) => Error,
): Record<'images' | 'annotations' | 'categories', Entry[]> {
  const part = (name: string): Entry[] => {
    const entries = isRecord(list) ? list[name] : undefined;
    if (!Array.isArray(entries))
      throw refuse(`has no list "${name}"; COCO's instances have images, annotations and categories`);
    return entries.map((entry) => (isRecord(entry) ? entry : {}));
  };
  return { images: part('images'), annotations: part('annotations'), categories: part('categories') };
}

/** An entry as an image without objects, or what is odd about it. */
function imageOf({
  id,
  file_name: name,
  width: w,
  height: h,
}: Entry): (CocoImage & { objects: CocoObject[] }) | string {
  const [width, height] = [sideOf(w), sideOf(h)];
  if (!isId(id) || typeof name !== 'string' || !isSide(width) || !isSide(height))
    return 'has no id, file name, width or height';
  if (width * height > MOST_PIXELS) return `has ${width}×${height} pixels, more than are decoded`;
  const file = pathIn(name);
  if (file === undefined) return `has the file name ${JSON.stringify(name)}, which leads out of the images' folder`;
  return { id, file, width, height, objects: [] };
}

/** A file name of the list as a path below the images' folder, with slashes; undefined where it leads out of it. */
function pathIn(name: string): string | undefined {
  const path = name
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const isAbsolute = /^([\\/]|[a-z]:)/i.test(name);
  return path.length === 0 || isAbsolute || path.includes('..') || name.includes('\0') ? undefined : path.join('/');
}

/** An annotation as an object of its image, or what is odd about it. */
function objectOf(
  { id, category_id, bbox, area, iscrowd, segmentation }: Entry,
  position: number,
  image: { width: number; height: number },
  categories: ReadonlyMap<string, number>,
): CocoObject | string {
  const category = isId(category_id) ? categories.get(String(category_id)) : undefined;
  if (category === undefined) return `is of category ${shown(category_id)}, which is not listed`;
  if (!areNumbers(bbox) || bbox.length !== 4 || bbox[2] < 0 || bbox[3] < 0) return 'has no box [x, y, width, height]';
  const mask = maskOf(segmentation, image);
  if (typeof mask === 'string') return mask;
  return {
    id: isId(id) ? id : position,
    category,
    box: [bbox[0], bbox[1], bbox[2], bbox[3]],
    area: isNumber(area) ? area : mask ? areaOfRuns(runsOfMask(mask, image)) : bbox[2] * bbox[3],
    ...(mask && { mask }),
    crowd: iscrowd === 1 || iscrowd === true,
  };
}

/** A mask in one of COCO's three forms, undefined where there is none, or what is wrong with it. */
function maskOf(segmentation: unknown, image: { width: number; height: number }): CocoMask | undefined | string {
  if (segmentation === undefined || segmentation === null) return undefined;
  if (Array.isArray(segmentation)) {
    if (segmentation.length === 0) return undefined;
    const isOutline = (polygon: unknown): boolean =>
      areNumbers(polygon) &&
      polygon.length >= 6 &&
      polygon.length % 2 === 0 &&
      polygon.every((value) => Math.abs(value) <= FARTHEST);
    return segmentation.every(isOutline)
      ? { polygons: segmentation }
      : 'has an outline that is not three points or more, each of two numbers';
  }
  const { size, counts } = isRecord(segmentation) ? segmentation : {};
  if (typeof counts !== 'string' && !areNumbers(counts)) return 'has a mask that is neither outlines nor runs';
  if (!areNumbers(size) || size[0] !== image.height || size[1] !== image.width)
    return `has a mask of ${areNumbers(size) ? size : 'no size'} (height, width) on a picture of ${image.height},${image.width}`;
  try {
    return readRuns([image.height, image.width], counts);
  } catch (error) {
    return `has a damaged mask (${(error as Error).message})`;
  }
}
