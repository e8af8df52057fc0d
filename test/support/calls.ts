// The calls of WebGPU that a step in steady state does without, counted.
import { vi } from 'vitest';
import { gpu } from './gpu.ts';

/** How often each call was made while `fn` ran, which is told how often so far by `now`. */
export async function calls(
  fn: (now: () => Record<string, number>) => Promise<unknown>,
): Promise<Record<string, number>> {
  const { device } = gpu;
  const probe = device.createBuffer({ size: 4, usage: 8 });
  const buffer = Object.getPrototypeOf(probe) as GPUBuffer;
  probe.destroy();
  const spies = {
    submit: vi.spyOn(device.queue, 'submit'),
    writeBuffer: vi.spyOn(device.queue, 'writeBuffer'),
    createBuffer: vi.spyOn(device, 'createBuffer'),
    createBindGroup: vi.spyOn(device, 'createBindGroup'),
    createBindGroupLayout: vi.spyOn(device, 'createBindGroupLayout'),
    createComputePipeline: vi.spyOn(device, 'createComputePipeline'),
    createShaderModule: vi.spyOn(device, 'createShaderModule'),
    mapAsync: vi.spyOn(buffer, 'mapAsync'),
  };
  const now = () => Object.fromEntries(Object.entries(spies).map(([name, spy]) => [name, spy.mock.calls.length]));
  try {
    await fn(now);
    return now();
  } finally {
    for (const spy of Object.values(spies)) spy.mockRestore();
  }
}

/** What a program in steady state does: submits, and nothing else. */
export const only = (submits: number): Record<string, number> => ({
  submit: submits,
  writeBuffer: 0,
  createBuffer: 0,
  createBindGroup: 0,
  createBindGroupLayout: 0,
  createComputePipeline: 0,
  createShaderModule: 0,
  mapAsync: 0,
});
