// What BoxInst minimizes (Tian et al. 2021): FCOS's three losses of classes and boxes, and two of masks that boxes alone supervise, of the locations that were chosen for each object.
import {
  add,
  alignedBilinear,
  colorSimilarity,
  dynamicMaskHead,
  fcosLosses,
  fcosTargets,
  instancePlaces,
  instanceRows,
  pairwiseLoss,
  projectionLoss,
  reshape,
  selectInstances,
} from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { DetectionBatch } from '../feed/detection-batch.ts';
import type { BoxInstOutputs } from '../model/box-inst.ts';

/** How the losses of masks are made. All have the published defaults. */
export interface BoxInstLossOptions {
  /** Locations of an image that learn masks. Default 64. */
  perImage?: number;
  /** Least likeness of the colors of neighbors that are to lie in one mask, or both outside. Default 0.3. */
  similarity?: number;
  /** What the pairwise loss is multiplied with, a number or f32 [1]: the warm-up. Default 1. */
  pairwiseWeight?: number | Tensor;
}

/** Each f32 [1]; `total` is the sum of the others. */
export interface BoxInstLosses {
  classification: Tensor;
  location: Tensor;
  centerness: Tensor;
  projection: Tensor;
  /** With its weight. */
  pairwise: Tensor;
  total: Tensor;
}

/** Pixels for a cell of the features that masks are made of, and of the masks that are learned. */
const STRIDE = 8;
const FINER = 2;

/** The losses of a detector's outputs for a batch, with gradients. What is padding counts in none of them. Throws TensorError for outputs and a batch that do not fit. */
export function boxInstLoss(
  outputs: BoxInstOutputs,
  { boxes, classes, extents, pixels, colorExtents }: DetectionBatch,
  { perImage = 64, similarity = 0.3, pairwiseWeight = 1 }: BoxInstLossOptions = {},
): BoxInstLosses {
  const { logits, centerness, controllers, maskFeatures, levels } = outputs;
  const targets = fcosTargets(boxes, classes, { levels, classCount: logits.shape[2], extents });
  const found = fcosLosses(outputs, targets);
  const { locations, objects } = selectInstances(targets, logits, centerness, { perImage });
  const { centers, sizes } = instancePlaces(locations, levels);
  const coarse = dynamicMaskHead(maskFeatures, instanceRows(controllers, locations), centers, sizes, {
    stride: STRIDE,
  });
  const [n, k, height, width] = coarse.shape;
  const finer = alignedBilinear(reshape(coarse, [n * k, height, width, 1]), FINER);
  const masks = reshape(finer, [n, k, height * FINER, width * FINER]);
  const projection = projectionLoss(masks, objects, boxes);
  const alike = colorSimilarity(pixels, colorExtents, { stride: STRIDE / FINER });
  const pairwise = pairwiseLoss(masks, objects, boxes, alike, { threshold: similarity, factor: pairwiseWeight });
  const losses = { ...found, projection, pairwise };
  return { ...losses, total: Object.values(losses).reduce(add) };
}
