// Classes as rows of zeros with a 1: the other way round from argmax.
import { params } from '../../gpu/index.ts';
import {
  chunkLaunch,
  empty,
  needDType,
  record,
  type Storage,
  shapeText,
  type Tensor,
  TensorError,
  vectorOf,
} from '../../tensor/index.ts';

/**
 * For labels u32 of any shape [...], [..., classes] of 0 with a 1 at each label, f32 or with `dtype` f16: a constant. A label of `classes` or more gives a row of zeros, so
 * that one can be left out. Throws TensorError.
 */
export function oneHot(labels: Tensor, classes: number, { dtype = 'f32' }: { dtype?: Storage } = {}): Tensor {
  needDType('oneHot', 'u32', labels);
  if (!Number.isInteger(classes) || classes < 1)
    throw new TensorError(
      `oneHot: ${labels.label} ${shapeText(labels.shape)} in ${classes} classes; they must be a whole number from 1`,
    );
  const { gpu } = labels;
  const y = empty(gpu, [...labels.shape, classes], 'oneHot', dtype);
  gpu.run({
    shader: 'reduce/one_hot',
    types: { V: vectorOf(dtype) },
    bindings: [labels.slice, y.slice],
    params: params(labels.size, classes),
    ...chunkLaunch(gpu, Math.ceil(y.size / 4)),
    cost: { flops: 0, bytes: labels.bytes + y.bytes },
    label: 'oneHot',
  });
  return record('oneHot', y, [], () => {});
}
