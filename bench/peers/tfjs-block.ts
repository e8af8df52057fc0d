// The block of a vision transformer in TensorFlow.js: its gradients by valueAndGrads of a function of input and parameters.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BlockTask, PreparedTask } from './comparison.ts';
import { preparedResults, valueAndGradients } from './tfjs-kernels.ts';
import type { TfjsBackend } from './tfjs-peer.ts';

export function tfjsBlock(backend: TfjsBackend, task: BlockTask): PreparedTask {
  const { tf } = backend;
  const { shape, heads, eps } = task;
  const [images, tokens, width] = shape;
  const depth = width / heads;
  const names = [...task.weights.keys()];
  const x = tf.tensor(task.x, [...shape]);
  const dy = tf.tensor(task.dy, [...shape]);
  const weights = [...task.weights.values()].map(({ shape, values }) => tf.tensor(values, [...shape]));

  const block = (x: Tensor, ...given: Tensor[]): Tensor => {
    const of = (name: string): Tensor => given[names.indexOf(name)];
    const norm = (x: Tensor, name: string): Tensor => {
      const { mean, variance } = tf.moments(x, -1, true);
      const scaled = tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, eps))), of(`${name}.weight`));
      return tf.add(scaled, of(`${name}.bias`));
    };
    const linear = (x: Tensor, name: string): Tensor => {
      const rows = tf.reshape(x, [images * tokens, x.shape[2]!]);
      const made = tf.add(tf.matMul(rows, of(`${name}.weight`)), of(`${name}.bias`));
      return tf.reshape(made, [images, tokens, made.shape[1]!]);
    };
    const attention = (x: Tensor): Tensor => {
      const parts = tf.transpose(tf.reshape(linear(x, 'attn.qkv'), [images, tokens, 3, heads, depth]), [2, 0, 3, 1, 4]);
      const [q, k, v] = tf.unstack(parts);
      const scores = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(depth)));
      const seen = tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]);
      return linear(tf.reshape(seen, [images, tokens, width]), 'attn.proj');
    };
    const gelu = (x: Tensor): Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    const middle = tf.add(x, attention(norm(x, 'norm1')));
    return tf.add(middle, linear(gelu(linear(norm(middle, 'norm2'), 'mlp.fc1')), 'mlp.fc2'));
  };

  const results = ['the result', 'the gradient of x', ...names.map((name) => `the gradient of ${name}`)];
  const op = valueAndGradients(backend, block as (...inputs: Tensor[]) => Tensor, [x, ...weights], dy);
  return preparedResults(backend, [x, dy, ...weights], results, op);
}
