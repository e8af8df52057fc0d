// What is captured with and without fusing: chains as networks have them, alone and before a reduction, and training steps. Each makes its tensors and returns the step that is captured.
import type { Gpu } from 'astrogpu/gpu';
import { createModel } from 'astrogpu/models';
import * as nn from 'astrogpu/nn';
import {
  add,
  backward,
  crossEntropy,
  gelu,
  max,
  mean,
  mse,
  mul,
  normalArray,
  relu,
  type Shape,
  scale,
  scope,
  sigmoid,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
} from 'astrogpu/tensor';

export interface Workload {
  name: string;
  prepare(gpu: Gpu): () => void;
}

const drawn = (gpu: Gpu, shape: Shape, stream: number): Tensor =>
  tensor(
    gpu,
    normalArray(
      shape.reduce((a, b) => a * b),
      7,
      stream,
    ),
    shape,
  );

const parameter = (made: Tensor): Tensor => {
  made.requiresGrad = true;
  return made;
};

/** A block of a transformer behind its attention: norm, two layers with a GELU between, and the sum. */
class Mlp extends nn.Module {
  norm = new nn.LayerNorm(192);
  up = new nn.Linear(192, 768);
  down = new nn.Linear(768, 192);

  forward(x: Tensor): Tensor {
    return add(x, this.down.forward(gelu(this.up.forward(this.norm.forward(x)))));
  }
}

/** A chain of two tensors, and of a vector for the last axis, that ends in a reduction. */
const reducing = (name: string, chain: (x: Tensor, y: Tensor, bias: Tensor) => Tensor): Workload => ({
  name: `${name}, 256×4096`,
  prepare(gpu) {
    const [x, y, bias] = [drawn(gpu, [256, 4096], 1), drawn(gpu, [256, 4096], 2), drawn(gpu, [4096], 3)];
    return () => scope(() => void chain(x, y, bias));
  },
});

export const workloads: Workload[] = [
  reducing('mean of squared differences', (x, y) => mean(square(sub(x, y)))),
  reducing('sums of products by rows', (x, y) => sum(mul(x, y), 1)),
  reducing('sums of products by columns', (x, y) => sum(mul(x, y), 0)),
  reducing('largest of relu(x + bias) by rows', (x, _, bias) => max(relu(add(x, bias)), 1)),
  reducing('sums of gelu by columns', (x) => sum(gelu(x), 0)),
  reducing('softmax of scaled values', (x) => softmax(scale(x, 0.125))),
  {
    name: 'a gate: tanh(x + bias)·sigmoid(y), 1576×768',
    prepare(gpu) {
      const [x, y, bias] = [drawn(gpu, [1576, 768], 1), drawn(gpu, [1576, 768], 2), drawn(gpu, [768], 3)];
      return () => scope(() => void mul(tanh(add(x, bias)), sigmoid(y)));
    },
  },
  {
    name: 'the same with its gradients',
    prepare(gpu) {
      const [x, y, bias] = [drawn(gpu, [1576, 768], 1), drawn(gpu, [1576, 768], 2), drawn(gpu, [768], 3)].map(
        parameter,
      );
      const gradient = drawn(gpu, [1576, 768], 4);
      return () => scope(() => backward(mul(tanh(add(x, bias)), sigmoid(y)), { gradient }));
    },
  },
  {
    name: 'mean squared error of x·scale + shift, 1576×768',
    prepare(gpu) {
      const x = parameter(drawn(gpu, [1576, 768], 1));
      const [factor, shift, wanted] = [drawn(gpu, [768], 2), drawn(gpu, [768], 3), drawn(gpu, [1576, 768], 4)];
      return () => scope(() => backward(mse(add(mul(x, factor), shift), wanted)));
    },
  },
  {
    name: 'step of a transformer MLP, 788×192',
    prepare(gpu) {
      const module = new Mlp().to(gpu, 1);
      const optimizer = new nn.AdamW(module.arena, { lr: 1e-3 });
      const [x, wanted] = [drawn(gpu, [788, 192], 1), drawn(gpu, [788, 192], 2)];
      return () =>
        scope(() => {
          const error = sub(module.forward(x), wanted);
          backward(mean(mul(error, error)));
          optimizer.step();
        });
    },
  },
  {
    name: 'step of resnet-small, batch 32',
    prepare(gpu) {
      const network = createModel('resnet-small', { classes: 10 }).to(gpu, 1);
      const optimizer = new nn.Sgd(network.arena, { lr: 0.01, momentum: 0.9 });
      const x = drawn(gpu, [32, 32, 32, 3], 1);
      const labels = tensor(gpu, new Array(32).fill(1), [32], 'labels', 'u32');
      return () =>
        scope(() => {
          backward(crossEntropy(network.forward(x, nn.TRAIN), labels));
          optimizer.step();
        });
    },
  },
];
