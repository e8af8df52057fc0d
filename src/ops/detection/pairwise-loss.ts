// BoxInst's pairwise loss (Tian et al. 2021): neighbors of like color are to be both of the object or both not.
import { f32, needArguments, params } from '../../gpu/index.ts';
import {
  chunkLaunch,
  empty,
  needFloats,
  needScalars,
  needTensors,
  record,
  shapeText,
  type Tensor,
  TensorError,
  vectorOf,
} from '../../tensor/index.ts';
import { mul } from '../arithmetic/binary.ts';
import { boxMasksOf, type MaskLossOptions } from './kernels/box-masks.ts';
import { countedMean } from './kernels/counted-mean.ts';

/** Positions that a slice of an instance's sum is worth. */
const SLICE = 16;

/** What the pairwise loss takes. */
export interface PairwiseLossOptions extends MaskLossOptions {
  /** How like two neighbors must be in color for their pair to count. Default 0.3. */
  threshold?: number;
  /** What the loss is multiplied by, as while it is warmed up; a tensor [1] may change from step to step of a captured program. Default 1. */
  factor?: number | Tensor;
}

/**
 * The mean of −log P(both of the object, or both not) over pairs of a position in an instance's box and one of its eight neighbors two positions away, f32 [1]: of those at least
 * `threshold` alike, over all images; 0 where there is none. logits, f32 or f16 [N, K, h, w]; objects u32 [N, K], for each instance the number of its box in boxes f32
 * [N, M, 4] (x0 y0 x1 y1 in pixels); what has none (M or more, as NO_INDEX) counts nowhere. similarity, f32 or f16 [N, h, w, 8], is of each position and its neighbors, row by
 * row, and a constant. Computed by logarithms, so that no logit is too large. Throws TensorError.
 */
export function pairwiseLoss(
  logits: Tensor,
  objects: Tensor,
  boxes: Tensor,
  similarity: Tensor,
  options: PairwiseLossOptions = {},
): Tensor {
  const op = 'pairwiseLoss';
  needTensors(op, logits, objects, boxes, similarity);
  needArguments(op, 'an object', { options });
  const { threshold = 0.3, factor = 1 } = options;
  needScalars(op, { threshold });
  needFloats(op, similarity);
  const { images, instances, height, width, run } = boxMasksOf(op, logits, objects, boxes, options);
  if (similarity.shape.join() !== [images, height, width, 8].join())
    throw new TensorError(
      `${op}: ${similarity.label} ${shapeText(similarity.shape)} must be [${images}×${height}×${width}×8]`,
    );
  const { gpu } = logits;
  const { group, most, share } = gpu.machine.detection.pairs;
  const slices = group * Math.ceil(Math.min(most, (height * width) / SLICE) / group);
  const pairs = empty(gpu, [images, height, width], 'pairs that count', 'u32');
  const { constants, grid } = chunkLaunch(gpu, pairs.size);
  gpu.run({
    shader: 'detection/pairs',
    constants,
    types: { S: vectorOf(similarity.dtype) },
    bindings: [similarity.slice, pairs.slice],
    params: params(pairs.size, height, width, f32(threshold)),
    grid,
    cost: { flops: 16 * pairs.size, bytes: similarity.bytes + pairs.bytes },
    label: `${op}/pairs`,
  });
  const sums = empty(gpu, [instances * slices, 2], 'slices of the pairwise loss');
  run(
    op,
    [pairs, sums],
    {
      shader: 'detection/pairwise',
      constants: { GROUP: group },
      grid: [slices / group, instances],
      cost: { flops: 100 * logits.size, bytes: logits.bytes + pairs.bytes + sums.bytes },
    },
    slices,
  );
  const whole = countedMean(op, sums);
  const loss = record(
    op,
    whole.mean,
    [logits],
    (gradient, sink) =>
      sink.add(0, (out, adds) =>
        run(
          `${op}/backward`,
          [pairs, whole.sums, gradient, out],
          {
            shader: 'detection/pairwise_backward',
            constants: { GROUP: group, ADDS: adds },
            grid: [Math.ceil((height * width) / share), instances],
            cost: { flops: 80 * logits.size, bytes: 2 * logits.bytes + pairs.bytes },
          },
          share,
        ),
      ),
    [pairs, whole.sums],
  );
  return factor === 1 ? loss : mul(loss, factor);
}
