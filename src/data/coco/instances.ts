// What a file of COCO's instances says: images, the objects on them, and what these can be.
import type { CocoMask } from './mask.ts';
import type { CocoBox } from './runs.ts';

/** What a file names an image or a category by. */
export type CocoId = number | string;

/** What an object can be. */
export interface CocoCategory {
  /** The file's own number, of which some are left out: COCO's 80 categories count to 90. */
  id: CocoId;
  name: string;
}

/** One annotated object. */
export interface CocoObject {
  /** The annotation's own number; its position where it has none. */
  id: CocoId;
  /** Which of the categories, from 0 on. */
  category: number;
  /** As the file has it: it may reach beyond the picture, or have no area. */
  box: CocoBox;
  /** What the file says of the object's area, by which the evaluation sorts objects by size. */
  area: number;
  /** Absent where the file has boxes only, or masks were not asked for. */
  mask?: CocoMask;
  /** A mask over many objects of a kind at once. */
  crowd: boolean;
}

/** A picture and its objects. */
export interface CocoImage {
  id: CocoId;
  /** Path of the picture, below its folder with slashes or as a whole (`loadCoco`). */
  file: string;
  width: number;
  height: number;
  objects: readonly CocoObject[];
}

/** The content of a file of instances. */
export interface CocoInstances {
  /** In the file's order, those without objects too. */
  images: readonly CocoImage[];
  /** In the order of their ids. An object's category is a position in this list. */
  categories: readonly CocoCategory[];
  /** Entries of the list that are left out, each with its reason: `annotation 7 is of image 4, which is not listed`. */
  leftOut: readonly string[];
  /** Annotations whose boxes have no area on their pictures: the evaluation counts them, training cannot. */
  withoutArea: readonly string[];
}

/** Ids as they sort: numbers by their size, also where they were written as texts; other texts behind them. */
export function compareIds(a: CocoId, b: CocoId): number {
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
