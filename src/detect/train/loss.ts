// What BoxInst minimizes (Tian et al. 2021): FCOS's three losses of classes and boxes, and two of masks that boxes alone supervise, of the locations that were chosen for each object.
import {
  add,
  colorSimilarity,
  fcosLosses,
  fcosTargets,
  instancePlaces,
  instanceRows,
  pairwiseLoss,
  projectionLoss,
  selectInstances,
} from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { DetectionBatch } from '../feed/detection-batch.ts';
import type { BoxInstOutputs } from '../model/box-inst.ts';
import { instanceMasks, MASK_STRIDE } from '../model/instance-masks.ts';

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
  const places = instancePlaces(locations, levels);
  const masks = instanceMasks(maskFeatures, instanceRows(controllers, locations), places);
  const projection = projectionLoss(masks, objects, boxes);
  const alike = colorSimilarity(pixels, colorExtents, { stride: MASK_STRIDE });
  const pairwise = pairwiseLoss(masks, objects, boxes, alike, { threshold: similarity, factor: pairwiseWeight });
  const losses = { ...found, projection, pairwise };
  return { ...losses, total: Object.values(losses).reduce(add) };
}
