// Modules as people write them by hand: a small residual network, a perceptron, and batches of drawn numbers that they can learn.
import { ArrayBatches } from '../../src/data/arrays/array-batches.ts';
import { DeviceArrays } from '../../src/data/arrays/device-arrays.ts';
import { BatchNorm2d } from '../../src/nn/layers/batch-norm2d.ts';
import { Conv2d } from '../../src/nn/layers/conv2d.ts';
import { Linear } from '../../src/nn/layers/linear.ts';
import { Module, type Pass } from '../../src/nn/module.ts';
import { add } from '../../src/ops/arithmetic/binary.ts';
import { relu } from '../../src/ops/elementwise/activations.ts';
import { globalAvgPool } from '../../src/ops/pool/global-pool.ts';
import { maxPool2d } from '../../src/ops/pool/max-pool.ts';
import { reshape } from '../../src/ops/shape/reshape.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { gpu } from './gpu.ts';
import { generator } from './random.ts';

export const SIDE = 8;

/** relu(norm(conv(x))) twice, and a way around them. */
class Block extends Module {
  readonly conv1: Conv2d;
  readonly norm1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly norm2: BatchNorm2d;
  readonly around?: Conv2d;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this.conv1 = new Conv2d(inputs, outputs, { stride });
    this.norm1 = new BatchNorm2d(outputs);
    this.conv2 = new Conv2d(outputs, outputs);
    this.norm2 = new BatchNorm2d(outputs);
    if (stride !== 1 || inputs !== outputs)
      this.around = new Conv2d(inputs, outputs, { kernel: 1, stride, bias: true });
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const y = relu(this.norm1.forward(this.conv1.forward(x), pass));
    const z = this.norm2.forward(this.conv2.forward(y), pass);
    return relu(add(z, this.around ? this.around.forward(x) : x));
  }
}

/** Images N×8×8×2 to three logits. */
export class HandMade extends Module {
  readonly stem = new Conv2d(2, 8, { bias: true });
  readonly norm = new BatchNorm2d(8);
  readonly blocks = [new Block(8, 8, 1), new Block(8, 12, 2)];
  readonly head = new Linear(12, 3);

  forward(x: Tensor, pass: Pass): Tensor {
    let y = this.norm.forward(this.stem.forward(x), pass, { relu: true });
    y = maxPool2d(y, { kernel: 3, stride: 2, padding: 1 });
    for (const block of this.blocks) y = block.forward(y, pass);
    return this.head.forward(globalAvgPool(y));
  }
}

/** Images N×8×8×2, laid flat, to three logits. */
export class Perceptron extends Module {
  readonly hidden = new Linear(2 * SIDE * SIDE, 24);
  readonly deep = new Linear(24, 16);
  readonly out = new Linear(16, 3);

  forward(x: Tensor): Tensor {
    const flat = reshape(x, [x.shape[0], -1]);
    return this.out.forward(relu(this.deep.forward(relu(this.hidden.forward(flat)))));
  }
}

/** Items of three classes: noise, around a pattern of its class. */
export function patterns(count: number, seed: number): { x: Float32Array; y: Uint32Array } {
  const next = generator(seed);
  const size = 2 * SIDE * SIDE;
  const pattern = generator(99);
  const means = Float32Array.from({ length: 3 * size }, () => pattern() - 0.5);
  const y = Uint32Array.from({ length: count }, (_, i) => i % 3);
  const x = Float32Array.from(
    { length: count * size },
    (_, i) => means[y[Math.floor(i / size)] * size + (i % size)] + next() - 0.5,
  );
  return { x, y };
}

/** Two sources of batches over the same kind of items, and what frees them. */
export function patternBatches(batch: number, counts: [number, number], dtype?: 'f32' | 'f16') {
  const made = counts.map((count, i) => {
    const { x, y } = patterns(count, 7 + i);
    const data = new DeviceArrays(gpu, {
      x: { data: x, shape: [SIDE, SIDE, 2], as: dtype },
      y: { data: y, shape: [] },
    });
    return { data, batches: new ArrayBatches(data, { batch, seed: 3 + i }) };
  });
  const [train, heldOut] = made.map(({ batches }) => batches);
  const release = (): void => {
    for (const { data, batches } of made) for (const part of [batches, data]) part.release();
  };
  return { train, heldOut, release };
}
