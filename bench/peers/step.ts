// The training step that all sides take: a CIFAR ResNet (the small one: three residual blocks of 16, 32 and 64 channels), batch norm in training
// mode, cross-entropy, SGD with momentum; the same batch, and the same weights to start from.
import { normalArray } from 'astrogpu/tensor';
import type { Comparison, StepTask, Weights } from './comparison.ts';
import { ourStep } from './our-step.ts';

/**
 * Of the loss, and of each parameter's first update relative to its largest entry. The sides add sums of up to 32,768 terms in different
 * orders, about 40 of them in a row, and batch norm's backward subtracts nearly equal numbers; an update of 1e-3 to a weight near 1 is itself
 * rounded by 6e-5. Found on a software adapter: 3e-4.
 */
const TOLERANCE = 1e-3;
/** The same in f16: activations rounded by 2⁻¹¹ carry some across a ReLU's edge, which changes a gradient by far more than it was rounded. Found: see docs/results. */
const HALF_TOLERANCE = 0.25;

const NAMES: Record<string, string> = { 'resnet-small': 'ResNet 16-32-64', resnet18: 'ResNet18', resnet34: 'ResNet34' };

/** A step of a model on `images` images `side`×`side`×3. */
export function stepComparison(
  model: string,
  images: number,
  side: number,
  precision: 'f32' | 'f16' = 'f32',
): Comparison {
  const task: StepTask = {
    model,
    precision,
    images: normalArray(images * side * side * 3, 3, 1),
    shape: [images, side, side, 3],
    labels: Uint32Array.from({ length: images }, (_, i) => (i * 7) % 10),
    classes: 10,
    rate: 0.1,
    momentum: 0.9,
  };
  let initial: Weights | undefined;
  return {
    name: `training step, ${NAMES[model]}, ${side}×${side}, batch ${images}${precision === 'f16' ? ', f16' : ''}`,
    tolerance: precision === 'f16' ? HALF_TOLERANCE : TOLERANCE,
    ours: (gpu) => ourStep(gpu, task, (weights) => (initial = weights)),
    theirs: (peer) => peer.step(task, () => initial!),
  };
}
