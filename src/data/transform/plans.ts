// What is done to images on their way to a batch, as plain data that can be sent to a worker and written into a run's configuration.
import { type CropRange, IMAGENET_CROP, resizeFor } from './crop-box.ts';
import { need, needRange, needShares } from './need.ts';
import { checkRandAugment, type RandAugment } from './rand-augment.ts';
import { INTERPOLATIONS, type Interpolation } from './resample.ts';

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
  /** As Pillow's, or `decoder`: as decodeImage() does, by the decoder's own filter, which networks were trained on whose files name none. Default bicubic. */
  interpolation?: Interpolation | 'decoder';
}

/** Throws ConfigError for a plan that cannot be. */
export function checkTraining({
  size,
  crop = IMAGENET_CROP,
  interpolation = 'bicubic',
  flip = 0.5,
  randAugment,
}: TrainingPlan): void {
  needSide('size', size);
  needRange('crop.scale', crop.scale, 1);
  needRange('crop.ratio', crop.ratio);
  if (interpolation !== 'random') needInterpolation(interpolation);
  needShares({ flip });
  if (randAugment) checkRandAugment(randAugment);
}

/** A plan with its defaults. */
export const wholeEvaluation = ({
  size,
  resize = resizeFor(size, 0.875),
  interpolation = 'bicubic',
}: EvaluationPlan): Required<EvaluationPlan> => ({ size, resize, interpolation });

/** Throws ConfigError for a plan that cannot be. */
export function checkEvaluation(plan: EvaluationPlan): void {
  const { size, resize, interpolation } = wholeEvaluation(plan);
  needSide('size', size);
  needSide('resize', resize);
  need('resize', resize, resize >= size, `${size} or more, since ${size}×${size} is cut out of that`);
  if (interpolation !== 'decoder') needInterpolation(interpolation);
}

const needSide = (field: string, side: number): void =>
  need(field, side, Number.isInteger(side) && side >= 1, 'a whole number of pixels, 1 or more');

const needInterpolation = (interpolation: Interpolation): void =>
  need('interpolation', interpolation, INTERPOLATIONS.includes(interpolation), INTERPOLATIONS.join(' or '));
