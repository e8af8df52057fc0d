// What training takes of an image's objects: each one, not crowds, with the part of its box that lies on the picture.
import type { CocoImage, CocoObject } from './instances.ts';
import type { CocoBox } from './runs.ts';

/** Left, top, right and bottom edge, in pixels from the picture's top left corner. */
export type EdgeBox = readonly [left: number, top: number, right: number, bottom: number];

/** An object to learn. */
export interface TrainingObject {
  box: EdgeBox;
  /** Which of the categories, from 0 on. */
  category: number;
}

/** What training has to know of an image of COCO; masks are none of it. */
export interface DetectionImage extends Pick<CocoImage, 'file' | 'width' | 'height'> {
  objects: readonly Pick<CocoObject, 'box' | 'category' | 'crowd'>[];
}

/** The part of a box that lies on a picture; undefined where it has no area. */
export function trainingBox(
  [x, y, width, height]: CocoBox,
  picture: { width: number; height: number },
): EdgeBox | undefined {
  const box = [
    Math.max(x, 0),
    Math.max(y, 0),
    Math.min(x + width, picture.width),
    Math.min(y + height, picture.height),
  ] as const;
  return box[2] > box[0] && box[3] > box[1] ? box : undefined;
}

/** The objects of an image that can be learned, in its order: not crowds, and not what has no area on the picture. */
export const trainingObjects = (image: DetectionImage): TrainingObject[] =>
  image.objects.flatMap(({ box: whole, category, crowd }) => {
    const box = crowd ? undefined : trainingBox(whole, image);
    return box ? [{ box, category }] : [];
  });
