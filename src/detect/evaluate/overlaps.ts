// What matching needs to know of one category on one image: how far each detection covers each object, by boxes or by masks.
import {
  areaOfRuns,
  boxOfRuns,
  boxOverlap,
  type CocoImage,
  type CocoObject,
  type CocoResult,
  type CompressedMask,
  type MaskRuns,
  maskOverlap,
  readRuns,
  runsOfMask,
} from '../../data/index.ts';
import { DetectError } from '../errors.ts';
import type { Candidates } from './match.ts';

/** What overlaps are measured on. */
export type OverlapKind = 'bbox' | 'segm';

/**
 * Detections (best first) and objects of one category on an image as matching takes them. A detection's area is that of its box, and only of one that is a mask alone that of the mask: so COCO's program has it,
 * whatever is measured. Throws DetectError where masks are asked for and one has none, or one of another size.
 */
export function candidatesOf(
  image: CocoImage,
  detections: readonly CocoResult[],
  objects: readonly CocoObject[],
  kind: OverlapKind,
): Candidates {
  const needsMasks = kind === 'segm' && objects.length > 0;
  if (kind === 'segm') for (const detection of detections) maskOf(detection, image);
  const runs = detections.map((detection) =>
    detection.box && !needsMasks ? undefined : detectedRuns(detection, image),
  );
  const areas = detections.map(({ box }, i) => (box ? box[2] * box[3] : areaOfRuns(runs[i]!)));
  if (!needsMasks) {
    const boxes = detections.map(({ box }, i) => box ?? boxOfRuns(runs[i]!));
    const overlaps = boxes.map((box) => objects.map((object) => boxOverlap(box, object.box, object.crowd)));
    return { truths: objects, areas, overlaps };
  }
  const [found, there] = [
    runs.map((runs) => framed(runs!)),
    objects.map((object) => framed(objectRuns(object, image))),
  ];
  const overlaps = found.map((a) =>
    there.map((b, i) => {
      // Most pairs are far apart, and their boxes tell.
      return boxOverlap(a.box, b.box) > 0 ? maskOverlap(a.runs, b.runs, objects[i].crowd) : 0;
    }),
  );
  return { truths: objects, areas, overlaps };
}

/** Of the runs of a mask also the box around it. */
const framed = (runs: MaskRuns) => ({ runs, box: boxOfRuns(runs) });

function objectRuns({ id, mask }: CocoObject, image: CocoImage): MaskRuns {
  if (!mask)
    throw new DetectError(
      `annotation ${id} of image ${image.id} has no mask; without all masks only boxes can be measured`,
    );
  return runsOfMask(mask, image);
}

function maskOf({ mask }: CocoResult, { id, width, height }: CocoImage): CompressedMask {
  if (!mask)
    throw new DetectError(`a result of image ${id} has no segmentation; without all masks only boxes can be measured`);
  if (mask.size[0] !== height || mask.size[1] !== width)
    throw new DetectError(
      `a result of image ${id} has a mask of ${mask.size} (height, width) on a picture of ${height},${width}`,
    );
  return mask;
}

function detectedRuns(result: CocoResult, image: CocoImage): MaskRuns {
  const { size, counts } = maskOf(result, image);
  try {
    return readRuns(size, counts);
  } catch (error) {
    throw new DetectError(`a result of image ${image.id} has a damaged mask (${(error as Error).message})`);
  }
}
