// Intersection over union as COCO counts it: a crowd is not one object, so against it a detection's own area takes the place of the union.
import { areaOfRuns, type CocoBox, type MaskRuns, sharedArea } from './runs.ts';

/** How far a detection's box is the true one, 0 to 1. */
export function boxOverlap(detection: CocoBox, truth: CocoBox, crowd = false): number {
  const side = (axis: 0 | 1): number =>
    Math.min(detection[axis] + detection[axis + 2], truth[axis] + truth[axis + 2]) -
    Math.max(detection[axis], truth[axis]);
  const [width, height] = [side(0), side(1)];
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  const area = detection[2] * detection[3];
  return shared / (crowd ? area : area + truth[2] * truth[3] - shared);
}

/** How far a detection's mask is the true one, 0 to 1; both have one size. */
export function maskOverlap(detection: MaskRuns, truth: MaskRuns, crowd = false): number {
  const shared = sharedArea(detection, truth);
  if (shared === 0) return 0;
  const area = areaOfRuns(detection);
  return shared / (crowd ? area : area + areaOfRuns(truth) - shared);
}
