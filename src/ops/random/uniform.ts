// Random numbers made on the GPU. Inside a captured step the counter is read from memory, so that every replay draws anew.
import { f32, type Gpu, grid1d, needArguments, params } from '../../gpu/index.ts';
import { empty, record, type Shape, type Tensor, zeros } from '../../tensor/index.ts';
import { checkRandom, type RandomOptions } from './random-state.ts';

/** f32 in [0, 1), the same bits as uniformArray() on the CPU. A constant for autograd. Throws TensorError for a counter that is not u32. */
export function randomUniform(gpu: Gpu, shape: Shape, random: RandomOptions): Tensor {
  checkRandom('randomUniform', random);
  return drawn('randomUniform', gpu, shape, random, (step, y) =>
    gpu.run({
      shader: 'random/uniform',
      bindings: [step.slice, y.slice],
      params: params(random.seed, random.stream),
      grid: grid1d(Math.ceil(Math.ceil(y.size / 4) / 64)),
      cost: { flops: 0, bytes: y.bytes },
      label: 'randomUniform',
    }),
  );
}

/**
 * Normal f32 with a mean (default 0) and a deviation (default 1): normalArray()'s numbers to 1e-6. A constant for autograd. Throws TensorError for a counter that is
 * not u32.
 */
export function randomNormal(
  gpu: Gpu,
  shape: Shape,
  options: RandomOptions & { mean?: number; deviation?: number },
): Tensor {
  needArguments('randomNormal', 'an object', { random: options });
  const { mean = 0, deviation = 1, ...random } = options;
  checkRandom('randomNormal', random);
  return drawn('randomNormal', gpu, shape, random, (step, y) =>
    gpu.run({
      shader: 'random/normal',
      bindings: [step.slice, y.slice],
      params: params(random.seed, random.stream, f32(mean), f32(deviation)),
      grid: grid1d(Math.ceil(Math.ceil(y.size / 4) / 64)),
      cost: { flops: 16 * y.size, bytes: y.bytes },
      label: 'randomNormal',
    }),
  );
}

function drawn(
  op: string,
  gpu: Gpu,
  shape: Shape,
  { counter }: RandomOptions,
  run: (step: Tensor, y: Tensor) => void,
): Tensor {
  const y = empty(gpu, shape, op);
  const step = counter ?? zeros(gpu, [1], 'counter', 'u32');
  run(step, y);
  if (!counter) step.release();
  return record(op, y, [], () => {});
}
