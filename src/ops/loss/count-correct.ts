// Counts right answers on the GPU, so that a training step need not read its logits back.
import { params } from '../../gpu/index.ts';
import { record, type Tensor, zeros } from '../../tensor/index.ts';
import { rowLaunch } from '../reduce/kernels/row-lanes.ts';
import { checkLabels } from './row-loss.ts';

/** How many rows of logits f32 [N, C] have their first maximum at their label u32 [N]: u32 [1]. Rows with a NaN never do. Throws TensorError. */
export function countCorrect(logits: Tensor, labels: Tensor): Tensor {
  checkLabels('countCorrect', logits, labels);
  const [rows, columns] = logits.shape;
  const correct = zeros(logits.gpu, [1], 'correct', 'u32');
  logits.gpu.run({
    shader: 'loss/count_correct',
    bindings: [logits.slice, labels.slice, correct.slice],
    params: params(rows, columns),
    cost: { flops: logits.size, bytes: logits.bytes + labels.bytes },
    label: 'countCorrect',
    ...rowLaunch(rows, columns),
  });
  return record('countCorrect', correct, [], () => {});
}
