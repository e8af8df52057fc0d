// A detector at work on one picture: resized and padded as it was trained, looked at, and what was found told in the picture's own pixels. One at a time, so that a folder may hold any
// number of pictures of any size.
import { normalizationTable, paddedSide, type RgbImage, resizedPicture } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { EVAL } from '../../nn/index.ts';
import { noGrad, scope, Tensor, tensor } from '../../tensor/index.ts';
import type { BoxInst } from '../model/box-inst.ts';
import type { DetectorPreprocessing } from '../model/detector-file.ts';
import { type Detection, detections } from './detections.ts';
import type { ImageExtent } from './masks.ts';
import type { InferenceOptions } from './options.ts';

/** A detector that is ready, and how pictures come to it. */
export interface Finder {
  gpu: Gpu;
  /** With memory and its weights. */
  detector: BoxInst;
  preprocessing: DetectorPreprocessing;
}

/**
 * The objects on a picture, u8 RGB, the best first: see detections(). Throws ConfigError for options, OutOfMemoryError for a picture that does not fit, AstroError for a detector with damaged
 * weights.
 */
export async function findObjects(
  finder: Finder,
  image: RgbImage,
  options: InferenceOptions = {},
): Promise<Detection[]> {
  const { gpu, detector } = finder;
  const { values, shape, extent } = prepared(finder, image);
  const outputs = noGrad(() => scope(() => detector.forward(tensor(gpu, values, shape, 'picture'), EVAL)));
  try {
    const [found] = await detections(outputs, [extent], options);
    return found;
  } finally {
    for (const output of Object.values(outputs)) if (output instanceof Tensor) output.release();
  }
}

/** A picture as the detector takes it, f32 [1, H, W, 3], normalized; what is padding is 0. */
function prepared(
  { preprocessing: { shortSide, longSide, normalization, padTo = 32 } }: Finder,
  image: RgbImage,
): { values: Float32Array; shape: number[]; extent: ImageExtent } {
  const { width, height, data: pixels } = resizedPicture(image, { short: shortSide, long: longSide });
  const shape = [1, paddedSide(height, padTo), paddedSide(width, padTo), 3];
  const table = normalizationTable(normalization);
  const values = new Float32Array(shape[1] * shape[2] * 3);
  for (let row = 0, from = 0; row < height; row++)
    for (let to = row * shape[2] * 3, end = to + width * 3; to < end; to++, from++)
      values[to] = table[(from % 3) * 256 + pixels[from]];
  return { values, shape, extent: { height, width, own: { height: image.height, width: image.width } } };
}
