// The masks of instances, as training and inference have them: the mask head's, twice as fine.
import { alignedBilinear, dynamicMaskHead, type InstancePlaces, reshape } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { STRIDES } from './levels.ts';

const FINER = 2;

/** Pixels of the image for a cell of instanceMasks(). */
export const MASK_STRIDE = STRIDES[0] / FINER;

/** Masks of maskFeatures [N, h, w, 16] by the parameters [N, K, 233] of instances, before the sigmoid: [N, K, 2h, 2w]. */
export function instanceMasks(features: Tensor, parameters: Tensor, { centers, sizes }: InstancePlaces): Tensor {
  const coarse = dynamicMaskHead(features, parameters, centers, sizes, { stride: STRIDES[0] });
  const [n, k, height, width] = coarse.shape;
  const finer = alignedBilinear(reshape(coarse, [n * k, height, width, 1]), FINER);
  return reshape(finer, [n, k, height * FINER, width * FINER]);
}
