// What is captured with and without fusing: chains as networks have them, and training steps. Each makes its tensors and returns the step that is captured.
import type { Gpu } from 'astrogpu/gpu';
import { createModel } from 'astrogpu/models';
import * as nn from 'astrogpu/nn';
import {
  add,
  backward,
  crossEntropy,
  gelu,
  mean,
  mse,
  mul,
  normalArray,
  type Shape,
  scope,
  sigmoid,
  sub,
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

export const workloads: Workload[] = [
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
