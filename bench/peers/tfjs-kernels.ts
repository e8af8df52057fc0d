// Single kernels of TensorFlow.js: a convolution and the kernels behind its two gradients, a matrix product, and attention.
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import {
  ATTENTION_RESULTS,
  type AttentionTask,
  type ConvTask,
  type MatmulTask,
  type PreparedTask,
} from './comparison.ts';
import type { TfjsBackend } from './tfjs.ts';

/** `op` returns a new tensor, which each run frees again. */
export function preparedKernel({ tf, idle }: TfjsBackend, inputs: Tensor[], op: () => Tensor): PreparedTask {
  return {
    run: () => op().dispose(),
    idle,
    async results() {
      const out = op();
      const values = Float32Array.from(await out.data());
      out.dispose();
      return new Map([['result', values]]);
    },
    release: () => tf.dispose(inputs),
  };
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

export function tfjsAttention({ tf, idle }: TfjsBackend, task: AttentionTask): PreparedTask {
  const shape = [task.heads, task.tokens, task.depth];
  const inputs = [task.q, task.k, task.v].map((values) => tf.tensor(values, shape));
  const dy = task.dy && tf.tensor(task.dy, shape);
  const attention = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
    tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(task.depth))), v);
  const all = tf.valueAndGrads(attention as (...args: Tensor[]) => Tensor);
  const op = (): Tensor[] =>
    tf.tidy(() => {
      if (!dy) return [attention(inputs[0], inputs[1], inputs[2])];
      const { value, grads } = all(inputs, dy);
      return [value, ...grads];
    });
  return {
    run: () => tf.dispose(op()),
    idle,
    async results() {
      const made = op();
      const values = await Promise.all(made.map((one) => one.data()));
      tf.dispose(made);
      return new Map(values.map((one, i) => [ATTENTION_RESULTS[i], Float32Array.from(one)]));
    },
    release: () => tf.dispose([...inputs, ...(dy ? [dy] : [])]),
  };
}
