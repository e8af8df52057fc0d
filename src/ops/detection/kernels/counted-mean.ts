// A mean over what counts, of which the GPU alone knows how much it is.
import { empty, type Tensor } from '../../../tensor/index.ts';
import { reduceInto } from '../../reduce/reduce.ts';

/** Of parts [n, 2], each a sum and how many it is of: their sums [2], for backward, and the mean [1], 0 where nothing counts. Releases the parts. */
export function countedMean(op: string, parts: Tensor): { mean: Tensor; sums: Tensor } {
  const { gpu } = parts;
  const sums = empty(gpu, [2], `sums of ${op}`);
  reduceInto(parts, [0], 'sum', sums);
  parts.release();
  const mean = empty(gpu, [1], op);
  gpu.run({
    shader: 'detection/mean',
    bindings: [sums.slice, mean.slice],
    grid: [1],
    cost: { flops: 1, bytes: sums.bytes + mean.bytes },
    label: `${op}/mean`,
  });
  return { mean, sums };
}
