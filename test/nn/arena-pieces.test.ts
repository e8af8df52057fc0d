// Parameters that are more than a kernel sees at once: optimizers go through them in pieces, and end where they end otherwise.
import { expect, it } from 'vitest';
import { OutOfMemoryError } from '../../src/gpu/device/errors.ts';
import { Linear } from '../../src/nn/layers/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { AdamW } from '../../src/nn/optim/adam.ts';
import { NO_DECAY } from '../../src/nn/optim/parameter-groups.ts';
import { mul } from '../../src/ops/arithmetic/binary.ts';
import { mean } from '../../src/ops/reduce/sum.ts';
import { backward } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { zeros } from '../../src/tensor/tensor.ts';
import { distance } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

class Wide extends Module {
  one = new Linear(40, 300);
  two = new Linear(300, 90);
}

/** On a device whose kernels see so many bytes. */
async function seeing<T>(bytes: number, run: () => Promise<T>): Promise<T> {
  const memory = gpu.memory as unknown as { device: unknown };
  const { device } = gpu.memory as unknown as { device: GPUDevice };
  const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: bytes };
  memory.device = { limits, queue: device.queue, createBuffer: device.createBuffer.bind(device) };
  try {
    return await run();
  } finally {
    memory.device = device;
  }
}

async function trained() {
  const model = new Wide().to(gpu, 3);
  const options = { weightDecay: 0.1, clipNorm: 0.02, groups: [NO_DECAY] };
  const optimizer = new AdamW(model.arena, { lr: 0.01, lossScaling: true, ...options });
  const x = on(values(4, 8 * 40), [8, 40]);
  for (let i = 0; i < 3; i++)
    scope(() => {
      const y = model.two.forward(model.one.forward(x));
      backward(mean(mul(y, y)), { gradient: optimizer.lossScale });
      optimizer.step();
    });
  const result = { values: await model.arena.values.floats(), norm: await optimizer.gradientNorm.item() };
  for (const one of [x, optimizer, model]) one.release();
  return result;
}

it('steps with decay in groups, clipping and a loss scale are those of one piece', async () => {
  const whole = await trained();
  // 39,390 values in pieces of 16,384.
  const pieces = await seeing(2 ** 16, trained);
  expect(whole.norm).toBeGreaterThan(0.02);
  expect(Math.abs(pieces.norm - whole.norm)).toBeLessThan(1e-6 * whole.norm);
  expect(distance(pieces.values, whole.values)).toBeLessThan(1e-6);
});

it('any other tensor that no kernel can see is refused', () =>
  seeing(2 ** 16, async () => {
    expect(() => zeros(gpu, [2 ** 15])).toThrow(OutOfMemoryError);
  }));
