// Losses of logits of yes or no, each for itself: binary cross-entropy, and the focal loss over sigmoids.
import { needScalars, type Tensor, TensorError } from '../../tensor/index.ts';
import { broadcastShape } from '../elementwise/broadcast.ts';
import { type ElementLoss, elementLoss, type LossReduction } from './element-loss.ts';

/** σ(x), σ(−x), and minus their logarithms. */
const YES = 'sigmoid(a)';
const NO = 'sigmoid(-a)';
const MISSED_YES = '(at_least(-a, F(0)) + log1p(exp(-abs(a))))';
const MISSED_NO = '(at_least(a, F(0)) + log1p(exp(-abs(a))))';

/** Of a target b, with `positive` on the yes; a share of nothing makes nothing also of an infinite logarithm, as a masked logit's is. */
const entropy = (positive: string): string =>
  `(select(${positive} * b * ${MISSED_YES}, F(0), b == F(0)) + select((1.0 - b) * ${MISSED_NO}, F(0), b == F(1)))`;
const BINARY: ElementLoss = {
  value: `weight * ${entropy('positive')}`,
  slopes: [
    `g * weight * ((1.0 - b) * ${YES} - positive * b * ${NO})`,
    `g * weight * (positive * ${MISSED_YES} - ${MISSED_NO})`,
  ],
};

/** What binary cross-entropy takes. */
export interface BinaryCrossEntropyOptions extends LossReduction {
  /** f32, how much each loss counts, in a shape that repeats to the logits'; a mean still divides by the number of losses, as torch's. Default 1. */
  weight?: Tensor;
  /** f32, how much more a yes counts than a no, in a shape that repeats to the logits', as [C]. Default 1. */
  posWeight?: Tensor;
}

/** Throws TensorError for weights that would make the logits larger. */
function checkWeight(name: string, logits: Tensor, weight: Tensor | undefined): void {
  if (!weight) return;
  const shape = broadcastShape(`binaryCrossEntropyWithLogits: ${name}`, logits, weight);
  if (shape.join() !== logits.shape.join())
    throw new TensorError(
      `binaryCrossEntropyWithLogits: ${name} [${weight.shape.join('×')}] does not repeat to ${logits.label} [${logits.shape.join('×')}]`,
    );
}

/**
 * −b·log σ(x) − (1 − b)·log(1 − σ(x)) of logits x against targets b from 0 to 1, f32 or f16 of one shape, in f32: the mean, [1], or as `reduction` says; torch's
 * binary_cross_entropy_with_logits, exact for large logits. Both have gradients. Throws TensorError for shapes and dtypes that do not fit.
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  targets: Tensor,
  { reduction, weight, posWeight }: BinaryCrossEntropyOptions = {},
): Tensor {
  checkWeight('weight', logits, weight);
  checkWeight('posWeight', logits, posWeight);
  const named = { weight: weight ?? 1, positive: posWeight ?? 1 };
  return elementLoss('binaryCrossEntropyWithLogits', BINARY, [logits, targets], reduction, named);
}

/** 1 − p of what the target says, with which the loss fades; not 0, whose powers below 0 are not finite. */
const REST = `max(${YES} * (1.0 - b) + ${NO} * b, F(1e-30))`;
const PLAIN = entropy('1.0');
const BALANCE = '(no + (yes - no) * b)';
const FOCAL: ElementLoss = {
  value: `${BALANCE} * ${PLAIN} * pow(${REST}, gamma)`,
  slopes: [
    `g * ${BALANCE} * (pow(${REST}, gamma) * (${YES} - b) + ${PLAIN} * gamma * pow(${REST}, gamma - 1.0) * (1.0 - 2.0 * b) * ${YES} * ${NO})`,
  ],
};

/** What the focal loss over sigmoids takes. */
export interface SigmoidFocalLossOptions extends LossReduction {
  /** How much a yes counts, a no counting 1 − alpha, from 0 to 1; −1 for both alike. Default 0.25. */
  alpha?: number;
  /** Default 2. */
  gamma?: number;
}

/**
 * The focal loss over sigmoids (Lin et al. 2017): binary cross-entropy times alpha·(1 − p)^gamma, p what is given to the right answer, of logits against targets from 0
 * to 1, f32 or f16 of one shape, in f32: the mean, [1], or as `reduction` says; torchvision's sigmoid_focal_loss, which has no reduction by itself. Targets are
 * constants. Throws TensorError for shapes, dtypes and options that do not fit.
 */
export function sigmoidFocalLoss(
  logits: Tensor,
  targets: Tensor,
  { reduction, alpha = 0.25, gamma = 2 }: SigmoidFocalLossOptions = {},
): Tensor {
  if (alpha !== -1) needScalars('sigmoidFocalLoss', { alpha }, 1);
  needScalars('sigmoidFocalLoss', { gamma });
  const named = { yes: alpha < 0 ? 1 : alpha, no: alpha < 0 ? 1 : 1 - alpha, gamma };
  return elementLoss('sigmoidFocalLoss', FOCAL, [logits, targets], reduction, named);
}
