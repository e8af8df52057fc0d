// Counts right answers on the GPU, so that a training step need not read its logits back.
import { params } from '../../gpu/index.ts';
import { record, type Tensor, zeros } from '../../tensor/index.ts';
import { rowLaunch } from '../reduce/kernels/row-lanes.ts';
import { checkLabels, classesOf } from './row-loss.ts';

/** How many rows of logits f32 or f16 [..., C] have their first maximum at their label u32 [...]: u32 [1]. Rows with a NaN never do. Throws TensorError. */
export function countCorrect(logits: Tensor, labels: Tensor): Tensor {
  checkLabels('countCorrect', logits, labels);
  const columns = classesOf('countCorrect', logits);
  const rows = logits.size / columns;
  const correct = zeros(logits.gpu, [1], 'correct', 'u32');
  logits.gpu.run({
    shader: 'loss/count_correct',
    types: { X: logits.dtype },
    bindings: [logits.slice, labels.slice, correct.slice],
    params: params(rows, columns),
    cost: { flops: logits.size, bytes: logits.bytes + labels.bytes },
    label: 'countCorrect',
    ...rowLaunch(rows, columns),
  });
  return record('countCorrect', correct, [], () => {});
}
