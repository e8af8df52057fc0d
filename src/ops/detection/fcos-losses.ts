// The losses of FCOS (Tian et al. 2019): of classes, boxes and centerness at all locations of a batch. One kernel makes the terms of all three, a reduction their sums, which stay
// on the GPU and divide each loss and its gradient.
import { f32, grid1d, needArguments, params } from '../../gpu/index.ts';
import {
  count,
  empty,
  needDType,
  needFloats,
  needScalars,
  recordAll,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { rowLaunch } from '../reduce/kernels/row-lanes.ts';
import { reduceInto } from '../reduce/reduce.ts';
import type { FcosTargets } from './fcos-targets.ts';
import { needShape } from './levels.ts';

/** What a head says of the L locations of N images, each f32 or f16. */
export interface FcosOutputs {
  /** A yes or no for each class, [N, L, C]. */
  logits: Tensor;
  /** To the left, top, right and bottom of a box, in strides, not negative, [N, L, 4]. */
  regression: Tensor;
  /** A logit of how central the location is in its box, [N, L]. */
  centerness: Tensor;
}

/** What fcosLosses() takes. */
export interface FcosLossesOptions {
  /** How much a yes counts in the focal loss, a no counting 1 − alpha. Default 0.25. */
  alpha?: number;
  /** Its exponent. Default 2. */
  gamma?: number;
}

/** Each f32 [1]. */
export interface FcosLosses {
  /** The focal loss over sigmoids of all logits, divided by the number of locations with an object, at least 1. */
  classification: Tensor;
  /** 1 − GIoU at the locations with an object, weighted by how central they are: √(min(l, r) / max(l, r) · min(t, b) / max(t, b)). */
  location: Tensor;
  /** Binary cross-entropy of the centerness against that, the mean over the locations with an object. */
  centerness: Tensor;
}

const MATH = { F: 'vec4f', B: 'vec4u' };

/**
 * The three losses of a head's outputs against targets, with gradients. As in the authors' code, 1 is added to the areas whose quotient is the IoU (in square strides), and all are
 * 0 where no location has an object, but for the focal loss. Throws TensorError for shapes, dtypes and options that do not fit.
 */
export function fcosLosses(
  outputs: FcosOutputs,
  targets: FcosTargets,
  { alpha = 0.25, gamma = 2 }: FcosLossesOptions = {},
): FcosLosses {
  needArguments('fcosLosses', 'an object', { outputs, targets });
  const { logits, regression, centerness } = outputs;
  const { labels, regression: wanted } = targets;
  for (const one of [logits, regression, centerness]) needFloats('fcosLosses', one);
  needDType('fcosLosses', 'u32', labels);
  needDType('fcosLosses', 'f32', wanted);
  needScalars('fcosLosses', { alpha }, 1);
  needScalars('fcosLosses', { gamma });
  if (logits.shape.length !== 3 || logits.shape[2] === 0)
    throw new TensorError(`fcosLosses: ${logits.label} [${logits.shape.join('×')}] must be logits [N×L×C]`);
  const [images, locations, columns] = logits.shape;
  const sides = [images, locations];
  needShape('fcosLosses', regression, [...sides, 4], 'sides of boxes [N×L×4]');
  needShape('fcosLosses', centerness, sides, 'centerness [N×L]');
  needShape('fcosLosses', labels, sides, 'labels [N×L]');
  needShape('fcosLosses', wanted, [...sides, 4], 'targets of sides [N×L×4]');
  const { gpu } = logits;
  const rows = count(sides);
  const words = params(rows, columns, f32(alpha), f32(gamma));
  const terms = empty(gpu, [5, rows], 'terms of losses');
  const { constants, grid } = rowLaunch(rows, Math.ceil(columns / 4));
  gpu.run({
    shader: 'detection/fcos_terms',
    constants,
    types: { ...MATH, Logit: logits.dtype, Side: regression.dtype, Center: centerness.dtype },
    bindings: [logits, regression, centerness, labels, wanted, terms].map(({ slice }) => slice),
    params: words,
    grid,
    cost: {
      flops: 40 * logits.size,
      bytes: [logits, regression, centerness, labels, wanted, terms].reduce((sum, { bytes }) => sum + bytes, 0),
    },
    label: 'fcosLosses',
  });
  const sums = empty(gpu, [5], 'sums of losses');
  reduceInto(terms, [1], 'sum', sums);
  terms.release();
  const losses = {
    classification: empty(gpu, [1], 'classification loss'),
    location: empty(gpu, [1], 'location loss'),
    centerness: empty(gpu, [1], 'centerness loss'),
  };
  const results = [losses.classification, losses.location, losses.centerness];
  gpu.run({
    shader: 'detection/fcos_finish',
    bindings: [sums, ...results].map(({ slice }) => slice),
    grid: [1],
    cost: { flops: 3, bytes: 32 },
    label: 'fcosLosses/finish',
  });
  const pullLogits = (gradient: Tensor, dx: Tensor): void =>
    gpu.run({
      shader: 'detection/fcos_logits_backward',
      types: { ...MATH, Logit: logits.dtype },
      bindings: [logits, labels, sums, gradient, dx].map(({ slice }) => slice),
      params: words,
      grid: grid1d(Math.ceil(logits.size / 4 / 64)),
      cost: { flops: 50 * logits.size, bytes: logits.bytes + dx.bytes },
      label: 'fcosLosses/backward',
    });
  const pull = (entry: 'boxes' | 'centers', given: Tensor, gradient: Tensor, dx: Tensor): void =>
    gpu.run({
      shader: 'detection/fcos_boxes_backward',
      entry,
      types: { ...MATH, X: given.dtype },
      bindings: [given, labels, wanted, sums, gradient, dx].map(({ slice }) => slice),
      params: words,
      grid: grid1d(Math.ceil(rows / 64)),
      cost: { flops: 60 * rows, bytes: given.bytes + dx.bytes + labels.bytes + wanted.bytes },
      label: `fcosLosses/${entry}`,
    });
  recordAll(
    'fcosLosses',
    results,
    [logits, regression, centerness],
    ([ofClasses, ofBoxes, ofCenters], sink) => {
      sink.write(0, (dx) => pullLogits(ofClasses, dx));
      sink.write(1, (dx) => pull('boxes', regression, ofBoxes, dx));
      sink.write(2, (dx) => pull('centers', centerness, ofCenters, dx));
    },
    [sums],
  );
  return losses;
}
