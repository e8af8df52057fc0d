// Single kernels of TensorFlow.js: a convolution and the kernels behind its two gradients, a matrix product, and attention.
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import {
  ATTENTION_RESULTS,
  type AttentionTask,
  type ConvTask,
  type MatmulTask,
  type PreparedTask,
} from './comparison.ts';
import type { TfjsBackend } from './tfjs-peer.ts';

/** `op` returns new tensors, by the names of the results, which each run frees again; `inputs` are freed at the end. */
export function preparedResults(
  { tf, idle }: TfjsBackend,
  inputs: Tensor[],
  names: readonly string[],
  op: () => Tensor[],
): PreparedTask {
  return {
    run: () => tf.dispose(op()),
    idle,
    async results() {
      const made = op();
      const values = await Promise.all(made.map((one) => one.data()));
      tf.dispose(made);
      return new Map(values.map((one, i) => [names[i], Float32Array.from(one)]));
    },
    release: () => tf.dispose(inputs),
  };
}

/** The same of one tensor. */
export const preparedKernel = (backend: TfjsBackend, inputs: Tensor[], op: () => Tensor): PreparedTask =>
  preparedResults(backend, inputs, ['result'], () => [op()]);

/** A function of tensors as an op: its value, and where `dy` is given, the gradients of all that it takes. */
export function valueAndGradients(
  { tf }: TfjsBackend,
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  dy: Tensor | undefined,
): () => Tensor[] {
  const all = tf.valueAndGrads(fn);
  return () =>
    tf.tidy(() => {
      if (!dy) return [fn(...inputs)];
      const { value, grads } = all(inputs, dy);
      return [value, ...grads];
    });
}

export function tfjsConv(backend: TfjsBackend, { direction, images, filter, a, b }: ConvTask): PreparedTask {
  const { tf } = backend;
  const second = direction === 'weight gradient' ? images : filter;
  const [p, q] = [tf.tensor(a, [...images]), tf.tensor(b, [...second])];
  const pad = filter[0] >> 1;
  const kernel = (name: string, named: Record<string, Tensor>, more: NamedAttrMap): Tensor =>
    tf.engine().runKernel(name, named, { strides: [1, 1], pad, dataFormat: 'NHWC', ...more });
  const op = {
    forward: () => tf.conv2d(p as Tensor4D, q as Tensor4D, 1, pad),
    'data gradient': () => kernel('Conv2DBackpropInput', { dy: p, filter: q }, { inputShape: [...images] }),
    'weight gradient': () => kernel('Conv2DBackpropFilter', { x: p, dy: q }, { filterShape: [...filter] }),
  }[direction];
  return preparedKernel(backend, [p, q], op);
}

export function tfjsMatmul(backend: TfjsBackend, { m, n, k, a, b }: MatmulTask): PreparedTask {
  const { tf } = backend;
  const [left, right] = [tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])];
  return preparedKernel(backend, [left, right], () => tf.matMul(left, right));
}

export function tfjsAttention(backend: TfjsBackend, task: AttentionTask): PreparedTask {
  const { tf } = backend;
  const shape = [task.heads, task.tokens, task.depth];
  const inputs = [task.q, task.k, task.v].map((values) => tf.tensor(values, shape));
  const dy = task.dy && tf.tensor(task.dy, shape);
  const attention = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
    tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(task.depth))), v);
  const op = valueAndGradients(backend, attention as (...inputs: Tensor[]) => Tensor, inputs, dy);
  return preparedResults(backend, [...inputs, ...(dy ? [dy] : [])], ATTENTION_RESULTS, op);
}
