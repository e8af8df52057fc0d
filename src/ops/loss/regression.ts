// Losses of numbers against numbers, as torch's of these names.
import { needScalars, type Tensor, TensorError } from '../../tensor/index.ts';
import { type ElementLoss, elementLoss, type LossReduction } from './element-loss.ts';

const ERROR = '(a - b)';
const both = (value: string, slope: string): ElementLoss => ({ value, slopes: [`g * ${slope}`, `-g * ${slope}`] });

const MSE = both(`${ERROR} * ${ERROR}`, `2.0 * ${ERROR}`);
const L1 = both(`abs${ERROR}`, `sign${ERROR}`);
const SMOOTH_L1 = both(
  `select(abs${ERROR} - 0.5 * beta, 0.5 * ${ERROR} * ${ERROR} / beta, abs${ERROR} < beta)`,
  `select(sign${ERROR}, ${ERROR} / beta, abs${ERROR} < beta)`,
);
const HUBER = both(
  `select(delta * (abs${ERROR} - 0.5 * delta), 0.5 * ${ERROR} * ${ERROR}, abs${ERROR} < delta)`,
  `select(delta * sign${ERROR}, ${ERROR}, abs${ERROR} < delta)`,
);

/** (a − b)² of two tensors of one shape, f32 or f16, in f32: the mean, [1], or as `reduction` says. Both have gradients. Throws TensorError. */
export const mse = (a: Tensor, b: Tensor, { reduction }: LossReduction = {}): Tensor =>
  elementLoss('mse', MSE, [a, b], reduction);

/** |a − b|, as mse. The gradient at 0 is 0. */
export const l1 = (a: Tensor, b: Tensor, { reduction }: LossReduction = {}): Tensor =>
  elementLoss('l1', L1, [a, b], reduction);

/** (a − b)² / 2 beta for errors below `beta` (default 1), |a − b| − beta / 2 above (Girshick 2015), as mse; l1 at a beta of 0. */
export function smoothL1(
  a: Tensor,
  b: Tensor,
  { reduction, beta = 1 }: LossReduction & { beta?: number } = {},
): Tensor {
  needScalars('smoothL1', { beta });
  return elementLoss('smoothL1', SMOOTH_L1, [a, b], reduction, { beta });
}

/** (a − b)² / 2 for errors below `delta` (default 1), delta · (|a − b| − delta / 2) above (Huber 1964), as mse. */
export function huber(a: Tensor, b: Tensor, { reduction, delta = 1 }: LossReduction & { delta?: number } = {}): Tensor {
  if (!(typeof delta === 'number' && delta > 0 && delta < Number.POSITIVE_INFINITY))
    throw new TensorError(`huber: delta is ${delta}, it must be a number above 0`);
  return elementLoss('huber', HUBER, [a, b], reduction, { delta });
}
