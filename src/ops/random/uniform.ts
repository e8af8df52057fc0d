// Uniform random numbers made on the GPU. Inside a captured step the counter is read from memory, so that every replay draws anew.
import { type Gpu, grid1d, params } from '../../gpu/index.ts';
import { empty, record, type Shape, type Tensor, TensorError, zeros } from '../../tensor/index.ts';

export interface RandomOptions {
  seed: number;
  /** Tells apart what is drawn under one seed: initialization, dropout of layer 3, ... */
  stream: number;
  /** u32 [1], what changes from step to step. Default: 0. */
  counter?: Tensor;
}

/** f32 in [0, 1), the same bits as uniformArray() on the CPU. A constant for autograd. Throws TensorError for a counter that is not u32. */
export function randomUniform(gpu: Gpu, shape: Shape, { seed, stream, counter }: RandomOptions): Tensor {
  if (counter && counter.dtype !== 'u32')
    throw new TensorError(`randomUniform: the counter ${counter.label} is ${counter.dtype}, it must be u32`);
  const y = empty(gpu, shape, 'randomUniform');
  const step = counter ?? zeros(gpu, [1], 'counter', 'u32');
  gpu.run({
    shader: 'random/uniform',
    bindings: [step.slice, y.slice],
    params: params(seed, stream),
    grid: grid1d(Math.ceil(Math.ceil(y.size / 4) / 64)),
    cost: { flops: 0, bytes: y.bytes },
    label: 'randomUniform',
  });
  if (!counter) step.release();
  return record('randomUniform', y, [], () => {});
}
