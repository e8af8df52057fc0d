// What is done to images on their way to a batch, as plain data that can be sent to a worker and written into a run's configuration.
import type { CropRange } from './crop-box.ts';
import type { RandAugment } from './rand-augment.ts';
import type { Interpolation } from './resample.ts';

/** What becomes of a training image. */
export interface TrainingPlan {
  /** Sides of the result. */
  size: number;
  /** Of the random crop. Default IMAGENET_CROP. */
  crop?: CropRange;
  /** `random` draws one for each image, as timm does. Default bicubic. */
  interpolation?: Interpolation | 'random';
  /** How likely it is mirrored. Default 0.5. */
  flip?: number;
  /** After that. Default: none. */
  randAugment?: RandAugment;
}

/** What becomes of an image that is evaluated: the short side to `resize` pixels, then the middle size × size. */
export interface EvaluationPlan {
  size: number;
  /** Default: resizeFor(size, 0.875). */
  resize?: number;
  /** Default bicubic. */
  interpolation?: Interpolation;
}

/** The short side before the middle is cut out, from the share of it that is kept, as timm's `crop_pct`. */
export const resizeFor = (size: number, cropShare: number): number => Math.floor(size / cropShare);
