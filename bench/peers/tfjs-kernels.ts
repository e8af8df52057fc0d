// Single kernels of TensorFlow.js: a convolution and the kernels behind its two gradients, and a matrix product.
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvTask, MatmulTask, PreparedTask } from './comparison.ts';
import type { TfjsBackend } from './tfjs.ts';

/** `op` returns a new tensor, which each run frees again. */
function preparedKernel({ tf, idle }: TfjsBackend, inputs: Tensor[], op: () => Tensor): PreparedTask {
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
