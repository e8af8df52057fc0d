// How a detector's convolutions start: as their published ones do, so that a recipe's learning rates fit.
import { type Conv2dOptions, constant, type Initializer, uniformFan } from '../../nn/index.ts';

/** Uniform with variance 1 / fan-in: Caffe2's Xavier filling, which feature pyramids start with. */
const xavier = (fanIn: number): Initializer => uniformFan(fanIn / 3);

/** Of the feature pyramid: a bias at 0. */
export const pyramidStart = (inputs: number, kernel: number): Conv2dOptions => ({
  kernel,
  bias: true,
  init: xavier(inputs * kernel ** 2),
});

/** Of what predicts, and the towers before it (Lin et al. 2017): normal, small; `prior` is the probability that logits begin with. */
export const headStart = (prior?: number): Conv2dOptions => ({
  bias: true,
  deviation: 0.01,
  ...(prior !== undefined && { biasInit: constant(Math.log(prior / (1 - prior))) }),
});

/** Of the mask branch, before a normalization. */
export const branchStart = (inputs: number): Conv2dOptions => ({ init: xavier(inputs * 9) });

/** A 1×1 convolution as torch starts one. */
export const plainStart = (inputs: number): Conv2dOptions => ({
  kernel: 1,
  bias: true,
  init: uniformFan(inputs),
  biasInit: uniformFan(inputs),
});
