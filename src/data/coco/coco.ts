// Pictures with the objects on them, in COCO's form: instances.json beside a folder of images. They say where the objects really are, which a class label
// does not, and so which share of a heat map lies on them. Lists come from many tools: an entry that is odd is left out and told, and the others are taken.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, parseJson } from '../../gpu/index.ts';
import { readWhole, textOf, unreadable } from '../../io/index.ts';
import { CocoFormatError, DataNotFoundError } from '../errors.ts';
import { type CocoMask, decodeRuns } from './mask.ts';

/** One annotated object. */
export interface CocoObject {
  category: string;
  /** [x, y, width, height] in pixels of the picture, from its top left corner. */
  box: readonly [number, number, number, number];
  mask: CocoMask;
  /** A mask over many objects of a kind at once. */
  crowd: boolean;
}

/** A picture and its objects. */
export interface CocoImage {
  /** Path of the picture. */
  file: string;
  width: number;
  height: number;
  objects: readonly CocoObject[];
}

/** Pictures of COCO with their instances. */
export interface CocoSample {
  /** In the file's order. */
  images: readonly CocoImage[];
  categories: readonly string[];
  /** Names of pictures that the list has and the folder lacks; they are left out. */
  missing: readonly string[];
  /** Entries of the list that are left out, each with its reason: `annotation 7 has no mask`. */
  leftOut: readonly string[];
  /** One line for reports. */
  source: string;
}

type Entry = Record<string, unknown>;

/** Of a picture: more pixels than the decoder takes. */
const MOST_PIXELS = 2 ** 28;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const areNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);
/** Some tools write numbers as texts. */
const sideOf = (value: unknown): number =>
  typeof value === 'string' ? Number(value) : isNumber(value) ? value : Number.NaN;
const isSide = (side: number): boolean => Number.isInteger(side) && side > 0;
/** Ids are numbers or texts; some tools write `7` in one list and `"7"` in the other. */
const idOf = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;
const shown = (value: unknown): string =>
  isRecord(value) || Array.isArray(value) ? 'no number and no text' : String(value);

/**
 * The pictures of `dir`/images, or of folders below it, with the objects of `dir`/instances.json. Entries of the list that are odd are left out and named in `leftOut`. Throws DataNotFoundError where the
 * folder, the list or every picture is missing, CocoFormatError for a list that is no JSON, is another file's, or has no entry that can be used.
 */
export async function loadCoco(dir: string): Promise<CocoSample> {
  const file = join(dir, 'instances.json');
  const folder = join(dir, 'images');
  const refuse = (reason: string): CocoFormatError => new CocoFormatError(file, reason);
  const bytes = await readWhole(file).catch((error) => {
    if (error.code !== 'ENOENT') throw refuse(unreadable(error));
    throw new DataNotFoundError(`${file}: no such file; a COCO folder holds instances.json and images/`);
  });
  const there = await readdir(folder, { recursive: true }).then(
    (names) => new Set(names.map((name) => name.replaceAll('\\', '/'))),
    () => {
      throw new DataNotFoundError(`${folder}: no such folder; a COCO folder holds instances.json and images/`);
    },
  );
  const list = parts(
    parseJson(textOf(bytes, refuse), (reason) => refuse(`${reason}; get the file again`)),
    refuse,
  );

  const leftOut: string[] = [];
  const names = new Map<string, string>();
  for (const [i, { id, name }] of list.categories.entries()) {
    const key = idOf(id);
    if (key === undefined || typeof name !== 'string')
      leftOut.push(`category ${idOf(id) ?? `at position ${i}`} has no id or no name`);
    else names.set(key, name);
  }
  const all = new Map<string, CocoImage & { name: string; objects: CocoObject[] }>();
  for (const [i, { id, file_name: name, width: w, height: h }] of list.images.entries()) {
    const key = idOf(id);
    const bad = (reason: string): void => void leftOut.push(`image ${key ?? `at position ${i}`} ${reason}`);
    const [width, height] = [sideOf(w), sideOf(h)];
    if (key === undefined || typeof name !== 'string' || !isSide(width) || !isSide(height))
      bad('has no id, file name, width or height');
    else if (width * height > MOST_PIXELS) bad(`has ${width}×${height} pixels, more than are decoded`);
    else {
      const path = pathIn(name);
      if (path === undefined) bad(`has the file name ${JSON.stringify(name)}, which leads out of images/`);
      else all.set(key, { name: path, file: join(folder, path), width, height, objects: [] });
    }
  }
  for (const [i, annotation] of list.annotations.entries()) {
    const found = objectOf(annotation, all, names);
    if (typeof found === 'string') leftOut.push(`annotation ${idOf(annotation.id) ?? `at position ${i}`} ${found}`);
    else all.get(idOf(annotation.image_id)!)!.objects.push(found);
  }

  const every = [...all.values()];
  const objects = (images: readonly CocoImage[]): number =>
    images.reduce((sum, image) => sum + image.objects.length, 0);
  for (const [what, used] of [
    ['categories', names.size],
    ['images', every.length],
    ['annotations', objects(every)],
  ] as const)
    if (list[what].length > 0 && used === 0)
      throw refuse(
        `none of its ${list[what].length} ${what} can be used: ${leftOut.find((line) => line.startsWith(what.slice(0, 5)))}; get the file again`,
      );
  const missing = every.filter(({ name }) => !there.has(name)).map(({ name }) => name);
  const kept = every.filter(({ name }) => there.has(name)).map(({ name: _, ...image }) => image);
  if (kept.length === 0)
    throw new DataNotFoundError(
      `${folder}: holds none of the ${every.length} pictures that ${file} lists; put them there`,
    );
  const odd = leftOut.length > 0 ? `, ${leftOut.length} odd entries left out` : '';
  const source = `${kept.length} pictures with ${objects(kept)} objects from ${dir} (COCO${odd})`;
  return { images: kept, categories: [...names.values()], missing, leftOut, source };
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

/** A file name of the list as a path below images/, with slashes; undefined where it leads out of it. */
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
  annotation: Entry,
  images: ReadonlyMap<string, { width: number; height: number }>,
  categories: ReadonlyMap<string, string>,
): CocoObject | string {
  const { image_id, category_id, bbox, iscrowd } = annotation;
  const image = images.get(idOf(image_id) ?? '');
  const category = categories.get(idOf(category_id) ?? '');
  if (!image) return `is of image ${shown(image_id)}, which is not listed`;
  if (category === undefined) return `is of category ${shown(category_id)}, which is not listed`;
  if (!areNumbers(bbox) || bbox.length !== 4 || bbox[2] < 0 || bbox[3] < 0) return 'has no box [x, y, width, height]';
  const mask = readMask(annotation.segmentation, image);
  if (typeof mask === 'string') return mask;
  const box = [bbox[0], bbox[1], bbox[2], bbox[3]] as const;
  return { category, box, mask, crowd: iscrowd === 1 || iscrowd === true };
}

/** A mask in one of COCO's three forms, or what is wrong with it. */
function readMask(segmentation: unknown, image: { width: number; height: number }): CocoMask | string {
  if (Array.isArray(segmentation)) {
    const whole = segmentation.every(
      (polygon) => areNumbers(polygon) && polygon.length >= 6 && polygon.length % 2 === 0,
    );
    if (segmentation.length === 0) return 'has no mask';
    return whole ? { polygons: segmentation } : 'has an outline that is not three points or more, each of two numbers';
  }
  const { size, counts } = isRecord(segmentation) ? segmentation : {};
  if (typeof counts !== 'string' && !areNumbers(counts)) return 'has no mask';
  if (!Array.isArray(size) || size[0] !== image.height || size[1] !== image.width)
    return `has a mask of ${areNumbers(size) ? size : 'no size'} (height, width) on a picture of ${image.height},${image.width}`;
  let runs: number[];
  try {
    runs = typeof counts === 'string' ? decodeRuns(counts) : counts;
  } catch (error) {
    return `has a damaged mask (${(error as Error).message})`;
  }
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (total !== image.width * image.height || runs.some((run) => run < 0 || !Number.isInteger(run)))
    return `has a mask whose runs cover ${total} pixels of ${image.width * image.height}`;
  return { width: image.width, height: image.height, counts: runs };
}
