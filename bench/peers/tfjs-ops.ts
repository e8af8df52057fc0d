// The ops of ops.ts in TensorFlow.js. It has no layer norm: the form of its own layers, from moments.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpName, OpTask, PreparedTask } from './comparison.ts';
import { preparedKernel } from './tfjs-kernels.ts';
import type { TfjsBackend } from './tfjs-peer.ts';

const EPS = 1e-5;

export function tfjsOp(backend: TfjsBackend, { op, inputs }: OpTask): PreparedTask {
  const { tf } = backend;
  const ops: Record<OpName, (inputs: Tensor[]) => Tensor> = {
    relu: ([x]) => tf.relu(x),
    bias: ([x, bias]) => tf.add(x, bias),
    chain: ([x, weight, bias, y]) => tf.add(tf.mul(tf.tanh(tf.add(tf.mul(x, weight), bias)), y), x),
    'sum rows': ([x]) => tf.sum(x, 1),
    'sum columns': ([x]) => tf.sum(x, 0),
    max: ([x]) => tf.max(x, 1),
    layerNorm([x, weight, bias]) {
      const { mean, variance } = tf.moments(x, -1, true);
      return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPS))), weight), bias);
    },
    softmax: ([x]) => tf.softmax(x),
    matmul: ([a, b]) => tf.matMul(a, b),
  };
  const made = inputs.map(({ values, shape }) => tf.tensor(values, [...shape]));
  return preparedKernel(backend, made, () => tf.tidy(() => ops[op](made)));
}
