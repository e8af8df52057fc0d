// Pictures with the objects on them, in COCO's form: instances.json beside a folder of images. They say where the objects really are, which a class label
// does not, and so which share of a heat map lies on them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  /** One line for reports. */
  source: string;
}

type Entry = Record<string, unknown>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isSide = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
const areNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);

/**
 * The pictures of `dir`/images with the objects of `dir`/instances.json. Throws DataNotFoundError where the folder, the list or every picture is missing, CocoFormatError for a list that is no JSON
 * or whose entries are damaged (with the id of the first).
 */
export async function loadCoco(dir: string): Promise<CocoSample> {
  const file = join(dir, 'instances.json');
  const folder = join(dir, 'images');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DataNotFoundError(`${file}: no such file; a COCO folder holds instances.json and images/`);
  });
  const there = await readdir(folder).then(
    (names) => new Set(names),
    () => {
      throw new DataNotFoundError(`${folder}: no such folder; a COCO folder holds instances.json and images/`);
    },
  );
  const { images, annotations, categories } = parse(file, text);

  const names = new Map<unknown, string>();
  for (const [i, { id, name }] of categories.entries()) {
    if (typeof name !== 'string' || id === undefined)
      throw new CocoFormatError(file, `entry ${i} of categories has no id or no name; get the file again`);
    names.set(id, name);
  }
  const all = new Map<unknown, CocoImage & { name: string; objects: CocoObject[] }>();
  for (const [i, { id, file_name: name, width, height }] of images.entries()) {
    if (typeof name !== 'string' || !isSide(width) || !isSide(height))
      throw new CocoFormatError(
        file,
        `image ${id ?? `at position ${i}`} has no file name, width or height; get the file again`,
      );
    all.set(id, { name, file: join(folder, name), width, height, objects: [] });
  }
  for (const [i, annotation] of annotations.entries()) {
    const image = all.get(annotation.image_id);
    const category = names.get(annotation.category_id);
    const bad = (reason: string): CocoFormatError =>
      new CocoFormatError(file, `annotation ${annotation.id ?? `at position ${i}`} ${reason}; get the file again`);
    if (!image) throw bad(`is of image ${annotation.image_id}, which is not listed`);
    if (category === undefined) throw bad(`is of category ${annotation.category_id}, which is not listed`);
    const { bbox } = annotation;
    if (!areNumbers(bbox) || bbox.length !== 4 || bbox[2] < 0 || bbox[3] < 0)
      throw bad('has no box [x, y, width, height]');
    const mask = readMask(annotation.segmentation, image);
    if (typeof mask === 'string') throw bad(mask);
    const box = [bbox[0], bbox[1], bbox[2], bbox[3]] as const;
    image.objects.push({ category, box, mask, crowd: annotation.iscrowd === 1 });
  }

  const every = [...all.values()];
  const missing = every.filter(({ name }) => !there.has(name)).map(({ name }) => name);
  const kept = every.filter(({ name }) => there.has(name)).map(({ name: _, ...image }) => image);
  if (kept.length === 0)
    throw new DataNotFoundError(
      `${folder}: holds none of the ${every.length} pictures that ${file} lists; put them there`,
    );
  const objects = kept.reduce((sum, image) => sum + image.objects.length, 0);
  const source = `${kept.length} pictures with ${objects} objects from ${dir} (COCO)`;
  return { images: kept, categories: [...names.values()], missing, source };
}

function parse(file: string, text: string): Record<'images' | 'annotations' | 'categories', Entry[]> {
  let list: Entry | null;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new CocoFormatError(
      file,
      `not JSON, or cut short (${(error as Error).message.split('\n')[0]}); get the file again`,
    );
  }
  const part = (name: string): Entry[] => {
    const entries = list?.[name];
    if (!Array.isArray(entries) || entries.some((entry) => typeof entry !== 'object' || entry === null))
      throw new CocoFormatError(
        file,
        `has no list "${name}"; COCO's instances have images, annotations and categories`,
      );
    return entries;
  };
  return { images: part('images'), annotations: part('annotations'), categories: part('categories') };
}

/** A mask in one of COCO's three forms, or what is wrong with it. */
function readMask(segmentation: unknown, image: { width: number; height: number }): CocoMask | string {
  if (Array.isArray(segmentation)) {
    const whole = segmentation.every(
      (polygon) => areNumbers(polygon) && polygon.length >= 6 && polygon.length % 2 === 0,
    );
    return whole ? { polygons: segmentation } : 'has an outline that is not three points or more, each of two numbers';
  }
  const { size, counts } = (segmentation ?? {}) as { size?: unknown; counts?: unknown };
  if (typeof counts !== 'string' && !areNumbers(counts)) return 'has no mask';
  if (!Array.isArray(size) || size[0] !== image.height || size[1] !== image.width)
    return `has a mask of ${size} (height, width) on a picture of ${image.height},${image.width}`;
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
