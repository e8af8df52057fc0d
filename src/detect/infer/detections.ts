// From a detector's outputs to what is told of each image: boxes, classes, scores and masks, in pixels of the picture itself.
import type { MaskRuns } from '../../data/index.ts';
import type { BoxInstOutputs } from '../model/box-inst.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import { type ImageExtent, masksOf } from './masks.ts';
import { type InferenceOptions, inferenceOf } from './options.ts';
import { suppressed } from './suppress.ts';

/** An object that was found. */
export interface Detection {
  /** Index from 0. */
  class: number;
  /** √(probability of the class × centre-ness), 0 to 1. */
  score: number;
  /** x0 y0 x1 y1 in pixels of the picture, cut at its sides. */
  box: readonly [number, number, number, number];
  /** In the picture's size. */
  mask: MaskRuns;
}

/**
 * The objects of each image, the best first: of every level the best candidates, of which each class keeps those that no better one covers, and the best of these with their masks (FCOS, BoxInst).
 * `extents` says of each image what of it is not padding, and how large its picture is. Images without objects have empty lists. Throws ConfigError for options, AstroError for outputs that are
 * not numbers.
 */
export async function detections(
  outputs: BoxInstOutputs,
  extents: readonly ImageExtent[],
  options: InferenceOptions = {},
): Promise<Detection[][]> {
  const how = inferenceOf(options);
  const [logits, regression, centerness] = await Promise.all(
    [outputs.logits, outputs.regression, outputs.centerness].map((values) => values.floats()),
  );
  const found: Detection[][] = [];
  for (const [image, extent] of extents.entries()) {
    const of = (values: Float32Array): Float32Array => {
      const length = values.length / extents.length;
      return values.subarray(image * length, (image + 1) * length);
    };
    const values = { logits: of(logits), regression: of(regression), centerness: of(centerness) };
    const best = suppressed(candidatesOf(values, outputs.levels, how), how);
    const told = best.flatMap((candidate) => {
      const box = onPicture(candidate, extent);
      return box ? [{ candidate, box }] : [];
    });
    const masks = await masksOf(
      outputs,
      image,
      extent,
      told.map(({ candidate }) => candidate),
      how.maskThreshold,
    );
    const { height, width } = extent.own;
    found.push(
      told.map(({ candidate, box }, i) => ({
        class: candidate.class,
        score: candidate.score,
        box,
        mask: { width, height, counts: masks[i] },
      })),
    );
  }
  return found;
}

/** A candidate's box in pixels of the picture, cut at its sides; undefined where nothing of it is inside. */
function onPicture({ box }: Candidate, { height, width, own }: ImageExtent): Detection['box'] | undefined {
  const inside = (place: number, i: number): number => {
    const [from, to] = i % 2 === 0 ? [width, own.width] : [height, own.height];
    return Math.min(to, Math.max(0, (place * to) / from));
  };
  const [x0, y0, x1, y1] = box.map(inside);
  return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : undefined;
}
