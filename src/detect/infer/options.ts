// What decides which of a detector's many boxes are told, with the constants of FCOS and BoxInst.
import { ConfigError } from '../../gpu/index.ts';

/** How detections are chosen. All have defaults. */
export interface InferenceOptions {
  /** Least of what `thresholdOn` says, above which a box is looked at. Default 0.05. */
  threshold?: number;
  /** The product of the class's probability and centre-ness, or, as AdelaiDet's configurations have it, the class's probability alone. Default `product`. */
  thresholdOn?: 'product' | 'class';
  /** Boxes of a level that are looked at, the best ones. Default 1000. */
  perLevel?: number;
  /** Intersection over union above which the worse of two boxes of a class goes. Default 0.6. */
  overlap?: number;
  /** Detections of an image, the best ones. Default 100. */
  most?: number;
  /** What a pixel's probability must be above to lie inside a mask. Default 0.5. */
  maskThreshold?: number;
}

/** The options with their defaults. */
export type Inference = Required<InferenceOptions>;

/** FCOS's and BoxInst's constants. */
export const INFERENCE: Inference = {
  threshold: 0.05,
  thresholdOn: 'product',
  perLevel: 1000,
  overlap: 0.6,
  most: 100,
  maskThreshold: 0.5,
};

/** Throws ConfigError that names the option that cannot be. */
export function inferenceOf(options: InferenceOptions = {}): Inference {
  const all = { ...INFERENCE, ...options };
  for (const field of ['threshold', 'overlap', 'maskThreshold'] as const)
    if (!(all[field] >= 0 && all[field] <= 1))
      throw new ConfigError(field, (name) => `${name(field, String(all[field]))}: takes a number from 0 to 1`);
  for (const field of ['perLevel', 'most'] as const)
    if (!(Number.isInteger(all[field]) && all[field] >= 1))
      throw new ConfigError(field, (name) => `${name(field, String(all[field]))}: takes a whole number from 1`);
  if (all.thresholdOn !== 'product' && all.thresholdOn !== 'class')
    throw new ConfigError('thresholdOn', (name) => `${name('thresholdOn', all.thresholdOn)}: takes product or class`);
  return all;
}
