// Average precision and recall of detections, exactly as COCO's own evaluation counts them: papers compare by these numbers, and each rule of it moves them.
import {
  type CocoCategory,
  type CocoImage,
  type CocoInstances,
  type CocoObject,
  type CocoResult,
  compareIds,
} from '../../data/index.ts';
import { DetectError } from '../errors.ts';
import { candidatesOf, type OverlapKind } from './overlaps.ts';
import { meanScores, type Scored, type Scores, scoresOf } from './scores.ts';

/** The numbers of one category. */
export interface CategoryScores extends Scores {
  category: CocoCategory;
}

/** The numbers of a set: means over its categories, and these. */
export interface DetectionScores extends Scores {
  /** In the order of the instances' categories. */
  categories: readonly CategoryScores[];
}

/** Detections of an image and category that count. */
const MOST = 100;

/** What was found and what there is of a category on an image. */
interface Group {
  detections: CocoResult[];
  objects: CocoObject[];
}

/**
 * COCO's twelve numbers for boxes or masks. Detections of equal scores keep the order of the results. By size a result counts by the area of its box, masks too, and only
 * where it is a mask alone by that of the mask: papers measure masks of results without boxes. Throws DetectError for a result of an image or a category that the instances do not
 * list, and for a mask that is not there or of another size.
 */
export function evaluateDetections(
  truth: Pick<CocoInstances, 'images' | 'categories'>,
  results: readonly CocoResult[],
  kind: OverlapKind,
): DetectionScores {
  const images = [...truth.images].sort((a, b) => compareIds(a.id, b.id));
  const groups = grouped(images, truth.categories, results);
  const categories = truth.categories.map((category, index) => {
    const scored = groups[index].flatMap((group, i) => (group ? [scoredOf(images[i], group, kind)] : []));
    return { category, ...scoresOf(scored) };
  });
  return { ...meanScores(categories), categories };
}

/** [category][image], undefined where a category is neither found nor there. */
function grouped(
  images: readonly CocoImage[],
  categories: readonly CocoCategory[],
  results: readonly CocoResult[],
): (Group | undefined)[][] {
  const groups = categories.map(() => Array<Group | undefined>(images.length).fill(undefined));
  const groupOf = (category: number, image: number): Group =>
    (groups[category][image] ??= { detections: [], objects: [] });
  for (const [i, { objects }] of images.entries())
    for (const object of objects) groupOf(object.category, i).objects.push(object);
  const [imageAt, categoryAt] = [images, categories].map((list) => new Map(list.map(({ id }, i) => [String(id), i])));
  for (const [i, result] of results.entries()) {
    const [image, category] = [imageAt.get(String(result.image)), categoryAt.get(String(result.category))];
    if (image === undefined)
      throw new DetectError(`result ${i} is of image ${result.image}, which the instances do not list`);
    if (category === undefined)
      throw new DetectError(`result ${i} is of category ${result.category}, which the instances do not list`);
    groupOf(category, image).detections.push(result);
  }
  return groups;
}

function scoredOf(image: CocoImage, { detections, objects }: Group, kind: OverlapKind): Scored {
  const best = detections.sort((a, b) => b.score - a.score).slice(0, MOST);
  return { ...candidatesOf(image, best, objects, kind), scores: best.map(({ score }) => score) };
}
