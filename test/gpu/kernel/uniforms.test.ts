// Uniforms that change from call to call: every call reads its own words, programs keep theirs, and no more buffers are made than are kept.
import { describe, expect, it } from 'vitest';
import { MOST_IDLE } from '../../../src/gpu/kernel/uniforms.ts';
import { add, scale } from '../../../src/ops/index.ts';
import { scope } from '../../../src/tensor/index.ts';
import { tensor, zeros } from '../../../src/tensor/tensor.ts';
import { gpu } from '../../support/gpu.ts';

/** Buffers that the device makes for uniforms while `fn` runs. */
function made(fn: () => void): number {
  const { device } = gpu;
  const create = device.createBuffer.bind(device);
  let count = 0;
  device.createBuffer = (descriptor) => {
    if (descriptor.label === 'params') count++;
    return create(descriptor);
  };
  try {
    fn();
  } finally {
    device.createBuffer = create;
  }
  return count;
}

describe('uniforms', () => {
  it('are bounded when scalars change, and each call reads its own', async () => {
    const calls = 3 * MOST_IDLE;
    const x = tensor(gpu, [1, 2], [2]);
    let all = zeros(gpu, [2]);
    const buffers = made(() => {
      for (let i = 1; i <= calls; i++) {
        const sum = scope(() => add(all, scale(x, i)));
        all.release();
        all = sum;
      }
    });
    expect(buffers).toBeLessThanOrEqual(MOST_IDLE);
    const total = (calls * (calls + 1)) / 2;
    expect([...(await all.floats())]).toEqual([total, 2 * total]);
    for (const tensor of [x, all]) tensor.release();
  });

  it('of a program stay while others come and go, and can be had again when it is disposed of', async () => {
    const x = tensor(gpu, [1, 2], [2]);
    let y = x;
    const program = gpu.capture('times a half', () => {
      y = scale(x, 0.5);
    });
    const flood = (from: number): number =>
      made(() => {
        for (let i = 0; i < 2 * MOST_IDLE; i++) scale(x, from + i).release();
      });
    flood(1e6);
    program.replay();
    expect([...(await y.floats())]).toEqual([0.5, 1]);
    program.dispose();
    expect(flood(2e6)).toBe(0);
    const again = scale(x, 0.5);
    expect([...(await again.floats())]).toEqual([0.5, 1]);
    for (const tensor of [x, y, again]) tensor.release();
  });
});
