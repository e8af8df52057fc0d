// Which pictures are trained on: as Detectron2 has it, those with an object that can be learned.
import { type DetectionImage, trainingObjects } from '../coco/training-objects.ts';

/** What is not trained on, by numbers. */
export interface LeftOutObjects {
  /** Boxes around many objects at once. */
  crowds: number;
  /** Boxes without area on their pictures. */
  flat: number;
  /** Pictures that have no other objects, or none. */
  images: number;
}

/** The pictures that are trained on, by their numbers, and how much is left out. */
export function trainingImages(images: readonly DetectionImage[]): { items: number[]; leftOut: LeftOutObjects } {
  const items: number[] = [];
  const leftOut = { crowds: 0, flat: 0, images: 0 };
  for (const [item, image] of images.entries()) {
    const crowds = image.objects.filter(({ crowd }) => crowd).length;
    const kept = trainingObjects(image).length;
    leftOut.crowds += crowds;
    leftOut.flat += image.objects.length - crowds - kept;
    if (kept > 0) items.push(item);
    else leftOut.images++;
  }
  return { items, leftOut };
}
