// Detections and the objects that are there, on their picture: whether masks follow the objects is seen at a glance, and numbers say little of it.
import type { CocoCategory, CocoObject } from '../../data/index.ts';
import { type MarkedOptions, markedPicture, type RgbImage } from '../../explain/index.ts';
import type { Detection } from '../infer/detections.ts';

/** What was found on a picture, u8 RGB, as a PNG. `classes` are names by index. Throws ExplainError for a picture with missing bytes. */
export const detectionPicture = (
  image: RgbImage,
  found: readonly Detection[],
  classes: readonly string[],
  options: MarkedOptions = {},
): Promise<Uint8Array> =>
  markedPicture(
    image,
    found.map(({ class: index, score, box, mask }) => ({ label: `${classes[index]} ${score.toFixed(2)}`, box, mask })),
    options,
  );

/** What is on a picture as COCO's list has it, drawn as detectionPicture() draws what was found. `categories` are those that the objects' are positions in. */
export const truthPicture = (
  image: RgbImage,
  objects: readonly CocoObject[],
  categories: readonly CocoCategory[],
  options: MarkedOptions = {},
): Promise<Uint8Array> =>
  markedPicture(
    image,
    objects.map(({ category, box: [x, y, width, height], mask, crowd }) => ({
      label: `${categories[category].name}${crowd ? ' (crowd)' : ''}`,
      box: [x, y, x + width, y + height] as const,
      ...(mask && { mask }),
    })),
    options,
  );
