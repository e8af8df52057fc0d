// Pooling, batch norm and cross-entropy against PyTorch, forward and backward.
import { expect, it } from 'vitest';
import { crossEntropy } from '../../src/ops/loss/cross-entropy.ts';
import { batchNorm } from '../../src/ops/norm/batch-norm.ts';
import { avgPool2d } from '../../src/ops/pool/avg-pool.ts';
import { maxPool2d } from '../../src/ops/pool/max-pool.ts';
import { backward } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { formulaUniform } from '../golden/formula.ts';
import { fullError, loadGolden, type OpCase } from '../golden/golden.ts';
import { on } from '../support/gpu.ts';
import { toNchw, toNhwc } from '../support/torch.ts';

/** f32 rounding of short sums; torch's own f32 run is within 3e-7 on these cases. */
const TOLERANCE = 3e-6;

const fromTorch = (name: string, shape: number[]): Tensor => {
  const values = formulaUniform(name, shape);
  return shape.length === 4 ? on(toNhwc(values, shape), [shape[0], shape[2], shape[3], shape[1]]) : on(values, shape);
};
const asTorch = async (tensor: Tensor): Promise<Float32Array> => {
  const values = await tensor.floats();
  return tensor.shape.length === 4 ? toNchw(values, tensor.shape) : values;
};

interface Run {
  y: Tensor;
  running?: { mean: Tensor; variance: Tensor };
}
const run = ({ op, options }: OpCase, inputs: Record<string, Tensor>): Run => {
  const { x } = inputs;
  const { kernel, stride, padding } = options as Record<string, number>;
  if (op === 'maxPool2d') return { y: maxPool2d(x, { kernel, stride, padding }) };
  if (op === 'avgPool2d') return { y: avgPool2d(x, { kernel, stride, padding }) };
  if (op === 'crossEntropy') {
    const labels = on(options.labels as number[], [x.shape[0]], 'u32');
    return { y: crossEntropy(x, labels, { labelSmoothing: options.labelSmoothing as number }) };
  }
  const channels = x.shape[3];
  // What the golden's script starts from, in training and in evaluation.
  const running = {
    mean: on(new Float32Array(channels).fill(0.2), [channels]),
    variance: on(new Float32Array(channels).fill(1.5), [channels]),
    momentum: options.momentum as number,
  };
  const training = options.train as boolean;
  return { y: batchNorm(x, inputs.weight, inputs.bias, { training, running }), running };
};

const ours = loadGolden('ops').cases.filter(
  ({ op, options }) =>
    ['maxPool2d', 'avgPool2d', 'batchNorm', 'crossEntropy'].includes(op) && options.countIncludePad !== false,
);

it.each(ours.map((one) => [one.name, one] as const))('%s', async (name, one) => {
  const inputs = Object.fromEntries(
    Object.entries(one.inputs).map(([input, shape]) => {
      const made = fromTorch(`${name}.${input}`, shape);
      made.requiresGrad = true;
      return [input, made];
    }),
  );
  const { y, running } = run(one, inputs);
  expect(fullError(one.outputs.y, await asTorch(y))).toBeLessThan(TOLERANCE);
  const scalar = one.outputs.y.shape.length === 0;
  scope(() => backward(y, scalar ? {} : { gradient: fromTorch(`${name}.dy`, one.outputs.y.shape) }));
  for (const [input, tensor] of Object.entries(inputs))
    expect(fullError(one.outputs[`d${input}`], await asTorch(tensor.grad!)), `gradient of ${input}`).toBeLessThan(
      TOLERANCE,
    );
  if (running) {
    expect(fullError(one.outputs.runningMean, await running.mean.floats())).toBeLessThan(TOLERANCE);
    expect(fullError(one.outputs.runningVar, await running.variance.floats())).toBeLessThan(TOLERANCE);
  }
});
