// What an optimizer takes as its learning rate, as the table on the GPU that its kernel looks the step up in.
import type { Gpu } from '../../gpu/index.ts';
import { keep, shapeText, Tensor, TensorError, tensor } from '../../tensor/index.ts';

/**
 * One rate for all steps, one of each step (the last holds for ever; see cosine and its like), or the latter as an f32 tensor [steps], which may be overwritten
 * while training goes on, also between replays.
 */
export type LearningRate = number | ArrayLike<number> | Tensor;

/** The rates as a tensor, and whether that was made here. Throws TensorError naming the optimizer for what is no rate. */
export function ratesOf(name: string, gpu: Gpu, lr: LearningRate | undefined): { rates: Tensor; made: boolean } {
  if (lr instanceof Tensor) {
    if (lr.dtype !== 'f32' || lr.shape.length !== 1)
      throw new TensorError(`${name}: lr ${lr.label} ${shapeText(lr.shape)} ${lr.dtype} must be f32 [steps]`);
    return { rates: lr, made: false };
  }
  const list = typeof lr === 'number' ? [lr] : lr;
  if (typeof list !== 'object' || list === null || !(list.length >= 1))
    throw new TensorError(
      `${name}: lr is ${lr === undefined ? 'missing' : (JSON.stringify(lr) ?? typeof lr)}; give a number, a list with one for each step, or an f32 tensor [steps]`,
    );
  for (let i = 0; i < list.length; i++)
    if (!(typeof list[i] === 'number' && list[i] >= 0 && list[i] < Number.POSITIVE_INFINITY))
      throw new TensorError(
        `${name}: lr ${list.length > 1 ? `of step ${i} ` : ''}is ${list[i]}, it must be a number from 0`,
      );
  return { rates: keep(tensor(gpu, list, [list.length], 'learning rates')), made: true };
}
