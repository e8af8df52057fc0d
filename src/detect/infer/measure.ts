// A detector measured on pictures whose objects are known: COCO's numbers, and how far its masks are from mere boxes.
import {
  areaOfRuns,
  type CocoCategory,
  type CocoId,
  type CocoImage,
  type CocoInstances,
  type CocoResult,
  compressMask,
  ImageDecodeError,
  type MaskRuns,
  type RgbImage,
  readRgbFile,
  runsOfMask,
  sharedArea,
} from '../../data/index.ts';
import { DetectError } from '../errors.ts';
import { type DetectionScores, evaluateDetections } from '../evaluate/evaluate.ts';
import type { Category } from '../model/detector-file.ts';
import type { Detection } from './detections.ts';
import { type Finder, findObjects } from './find.ts';
import type { InferenceOptions } from './options.ts';

/** Score from which on detections are shown to people: what lies below is there for the precision at high recalls. */
export const SHOWN_SCORE = 0.3;

/** What was measured. */
export interface Measurement {
  box: DetectionScores;
  /** Undefined where the objects have no masks. */
  mask?: DetectionScores;
  /** What the boxes of the same detections would have as masks, filled: a detector whose masks say something has more. Undefined where the objects have no masks. */
  filledBoxes?: DetectionScores;
  /** The share of pixels in which masks differ from their filled boxes, of those of either, over all detections of SHOWN_SCORE and more; NaN without any. A box that passes for a mask has 0. */
  unlikeBoxes: number;
  /** All detections, by the ids of the list. */
  results: readonly CocoResult[];
  /** Pictures that were measured on. */
  images: number;
  /** Pictures that could not be decoded, or have other sides than the list says: they were left out. */
  skipped: readonly ImageDecodeError[];
}

/** How it is measured. */
export interface MeasureOptions extends InferenceOptions {
  /** Is told of each picture what was found on it. */
  onImage?: (image: CocoImage, found: readonly Detection[], done: number) => void;
  /** Stops between two pictures: its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** The pictures' categories by the detector's classes, matched by name; undefined where the pictures have none of it. Throws DetectError where not one is among them. */
export function matchCategories(
  classes: readonly Category[],
  there: readonly CocoCategory[],
): (CocoCategory | undefined)[] {
  const byName = new Map(there.map((category) => [category.name, category]));
  const matched = classes.map(({ name }) => byName.get(name));
  if (matched.some(Boolean)) return matched;
  const some = (list: readonly { name: string }[]): string =>
    `${list
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ')}${list.length > 3 ? ' ...' : ''}`;
  throw new DetectError(
    `none of the detector's ${classes.length} classes (${some(classes)}) is among the ${there.length} categories of the pictures (${some(there)})`,
  );
}

/**
 * COCO's numbers of a detector on the pictures of a list, each by the detector's `preprocessing`. Throws DetectError where the list has none of its classes, or none of its pictures can be decoded,
 * and as findObjects() does.
 */
export async function measureDetector(
  finder: Finder & { categories: readonly Category[] },
  { images, categories }: Pick<CocoInstances, 'images' | 'categories'>,
  { onImage, signal, ...options }: MeasureOptions = {},
): Promise<Measurement> {
  const matched = matchCategories(finder.categories, categories);
  const results: CocoResult[] = [];
  const filled: CocoResult[] = [];
  const used: CocoImage[] = [];
  const skipped: ImageDecodeError[] = [];
  let [unlike, covered] = [0, 0];
  // The next picture is decoded while the GPU works on this one.
  let next = decoded(images[0]);
  for (const [i, image] of images.entries()) {
    signal?.throwIfAborted();
    const picture = (await next)!;
    next = decoded(images[i + 1]);
    if (picture instanceof ImageDecodeError) {
      skipped.push(picture);
      continue;
    }
    if (picture instanceof Error) throw picture;
    const found = await findObjects(finder, picture, options);
    used.push(image);
    for (const one of found) {
      const category = matched[one.class];
      const box = filledBox(one);
      if (category) {
        const result = cocoResult(one, image.id, category.id);
        results.push(result);
        filled.push({ ...result, mask: compressMask(box) });
      }
      if (one.score < SHOWN_SCORE) continue;
      const against = compared(one.mask, box);
      unlike += against.unlike;
      covered += against.covered;
    }
    onImage?.(image, found, used.length);
  }
  if (used.length === 0)
    throw new DetectError(
      images.length === 0
        ? 'there are no pictures to measure on'
        : `none of the ${images.length} pictures can be used: ${skipped[0].message}`,
    );
  const truth = { images: used, categories };
  // As Detectron2, and so the published numbers: without a box the size of a mask is its own.
  const masksOf = (list: readonly CocoResult[]): DetectionScores =>
    evaluateDetections(
      truth,
      list.map(({ box: _, ...rest }) => rest),
      'segm',
    );
  const masks = used.every(({ objects }) => objects.every(({ mask }) => mask));
  return {
    box: evaluateDetections(truth, results, 'bbox'),
    ...(masks && {
      mask: masksOf(results),
      filledBoxes: masksOf(filled),
    }),
    unlikeBoxes: unlike / covered,
    results,
    images: used.length,
    skipped,
  };
}

/** A picture of the list, or why it cannot be used: not thrown, since nobody may wait for it yet. */
async function decoded(image: CocoImage | undefined): Promise<RgbImage | Error | undefined> {
  if (!image) return undefined;
  const picture = await readRgbFile(image.file).catch((error: Error) => error);
  if (picture instanceof Error || (picture.width === image.width && picture.height === image.height)) return picture;
  return new ImageDecodeError(
    image.file,
    `has ${picture.width}×${picture.height} pixels, and the list says ${image.width}×${image.height}`,
  );
}

/** A detection as COCO's results have it, by the ids of its image and category. */
export function cocoResult(
  { score, box: [x0, y0, x1, y1], mask }: Detection,
  image: CocoId,
  category: CocoId,
): CocoResult {
  return { image, category, score, box: [x0, y0, x1 - x0, y1 - y0], mask: compressMask(mask) };
}

/** A detection's box as a mask. */
const filledBox = ({ mask, box: [x0, y0, x1, y1] }: Pick<Detection, 'mask' | 'box'>): MaskRuns =>
  runsOfMask({ polygons: [[x0, y0, x1, y0, x1, y1, x0, y1]] }, mask);

function compared(mask: MaskRuns, filled: MaskRuns): { unlike: number; covered: number } {
  const shared = sharedArea(mask, filled);
  const covered = areaOfRuns(mask) + areaOfRuns(filled) - shared;
  return { unlike: covered - shared, covered };
}

/** Pixels in which a mask differs from its filled box, and those of either. */
export const againstBox = (one: Pick<Detection, 'mask' | 'box'>): { unlike: number; covered: number } =>
  compared(one.mask, filledBox(one));
