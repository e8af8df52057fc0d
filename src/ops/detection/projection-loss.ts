// BoxInst's projection loss (Tian et al. 2021): what a mask casts on both axes is to be what its box casts.
import { grid1d, needArguments } from '../../gpu/index.ts';
import { empty, needTensors, record, type Tensor } from '../../tensor/index.ts';
import { rowLaunch } from '../reduce/kernels/row-lanes.ts';
import { boxMasksOf, type MaskLossOptions } from './kernels/box-masks.ts';
import { countedMean } from './kernels/counted-mean.ts';

/**
 * How far the largest scores of the rows and of the columns of each mask are from those of its box, f32 [1]: 1 − 2 Σ x·t / (Σ x² + Σ t² + 1e-5) for both axes, the mean over
 * instances (0 where there is none). logits, f32 or f16 [N, K, h, w]; objects u32 [N, K], for each instance the number of its box in boxes f32 [N, M, 4] (x0 y0 x1 y1 in
 * pixels); what has none (M or more, as NO_INDEX) counts nowhere. The gradient of a line goes to its first largest logit. Throws TensorError.
 */
export function projectionLoss(logits: Tensor, objects: Tensor, boxes: Tensor, options: MaskLossOptions = {}): Tensor {
  const op = 'projectionLoss';
  needTensors(op, logits, objects, boxes);
  needArguments(op, 'an object', { options });
  const { instances, height, width, run } = boxMasksOf(op, logits, objects, boxes, options);
  const { gpu } = logits;
  const lines = height + width;
  const extremes = empty(gpu, [instances, lines, 2], 'largest scores');
  const losses = empty(gpu, [instances, 2], 'losses');
  const slopes = empty(gpu, [instances, 4], 'slopes');
  const byLine = grid1d(Math.ceil((instances * lines) / 64));
  run(op, [extremes], {
    shader: 'detection/projection_extremes',
    grid: byLine,
    cost: { flops: 2 * logits.size, bytes: logits.bytes + extremes.bytes },
  });
  run(`${op}/dice`, [extremes, losses, slopes], {
    shader: 'detection/projection_dice',
    ...rowLaunch(instances, lines),
    cost: { flops: 4 * instances * lines, bytes: extremes.bytes + losses.bytes + slopes.bytes },
  });
  const { mean, sums } = countedMean(op, losses);
  return record(
    op,
    mean,
    [logits],
    (gradient, sink) =>
      sink.add(0, (out, adds) => {
        if (!adds) gpu.fill(out.slice, 0);
        run(`${op}/backward`, [extremes, slopes, sums, gradient, out], {
          shader: 'detection/projection_backward',
          grid: byLine,
          cost: { flops: 12 * instances * lines, bytes: 2 * extremes.bytes },
        });
      }),
    [extremes, slopes, sums],
  );
}
