// The ceilings: what they say of a small measurement, what a probe that did not do its work gets, and the least time of a job.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gpu } from '../../../src/gpu/gpu.ts';
import { addShader, loadShaders } from '../../../src/gpu/kernel/shaders.ts';
import { median } from '../../../src/gpu/profile/median.ts';
import {
  bandwidthOf,
  type Ceilings,
  leastTime,
  measureCeilings,
  ProbeError,
} from '../../../src/gpu/profile/roofline.ts';
import { gpu } from '../../support/gpu.ts';

const TINY = { ms: 4, samples: 5, bytes: 2 ** 20 };

describe('measured ceilings', () => {
  let ceilings: Ceilings;
  beforeAll(async () => {
    ceilings = await measureCeilings(gpu, TINY);
  });

  it.each(['f32', 'read', 'copy', 'bufferCopy', 'workgroup'] as const)('have a %s of a sensible size', (name) => {
    expect(ceilings[name]).toBeGreaterThan(0.5);
    expect(ceilings[name]).toBeLessThan(1e6);
  });
  it('have f16 and matrix units only where they are offered', () => {
    expect(ceilings.f16 !== undefined).toBe(gpu.capabilities.f16);
    expect(ceilings.f16 ?? 1).toBeGreaterThan(0.1);
    const offered = gpu.device.features.has('chromium-experimental-subgroup-matrix' as GPUFeatureName);
    if (!offered) expect(ceilings).not.toHaveProperty('matrix');
  });
  it('have the costs of a dispatch in microseconds', () => {
    const { encode, submit, execute, wait } = ceilings.dispatch;
    for (const cost of [submit, wait]) expect(cost).toBeGreaterThan(0.5);
    for (const cost of [encode, submit, execute, wait]) {
      expect(cost).toBeGreaterThanOrEqual(0);
      expect(cost).toBeLessThan(1e6);
    }
  });
  it('give back all memory', () => {
    expect(gpu.memory.stats().byLabel.filter(({ label }) => label === 'roofline')).toEqual([]);
  });
});

describe('a probe that does not do its work', () => {
  const sources = new Map<string, string>();
  beforeAll(async () => {
    for (const [name, source] of await loadShaders()) if (name.startsWith('gpu/probe_')) sources.set(name, source);
  });
  afterAll(() => {
    for (const [name, source] of sources) addShader(name, source);
  });
  it.each([
    ['f32', 'gpu/probe_fma', 'trip < params.trips', 'trip < 2u'],
    ['read', 'gpu/probe_memory', 'sum += (x[i] + x[i + params.step])', 'sum += (x[i])'],
    ['copy', 'gpu/probe_memory', 'y[i] = x[i];', 'if (trip != 3u) { y[i] = x[i]; }'],
    ['workgroup', 'gpu/probe_workgroup', 'b += tile[(at + 448u) % VECTORS];', ''],
    ['dispatch', 'gpu/probe_dispatch', 'y[0] += 1u;', 'y[0] = max(y[0], 1u);'],
  ] as const)('%s is refused', async (only, shader, right, wrong) => {
    const source = sources.get(shader)!;
    expect(source).toContain(right);
    addShader(shader, source.replace(right, wrong));
    const other = await Gpu.open();
    const measured = measureCeilings(other, { ...TINY, only: [only] });
    await expect(measured).rejects.toThrow(ProbeError);
    await expect(measured).rejects.toThrow(`roofline probe ${only}: `);
    addShader(shader, source);
    await other.close();
  });
});

describe('least time', () => {
  const dispatch = { encode: 1, submit: 1, execute: 10, wait: 1 };
  const ceilings: Ceilings = { f32: 100, f16: 200, read: 5, copy: 10, bufferCopy: Number.NaN, workgroup: 1, dispatch };
  it('takes the best bandwidth that is known', () => expect(bandwidthOf(ceilings)).toBe(10));
  it.each([
    ['arithmetic', { flops: 1e9, bytes: 1e6 }, 1, 10, 'compute'],
    ['arithmetic in f16', { flops: 1e9, bytes: 1e6, unit: 'f16' }, 1, 5, 'compute'],
    ['arithmetic of units without a ceiling', { flops: 1e9, bytes: 1e6, unit: 'matrix' }, 1, 10, 'compute'],
    ['memory', { flops: 1e6, bytes: 1e8 }, 1, 10, 'bandwidth'],
    ['launches', { flops: 1, bytes: 1 }, 100, 1, 'dispatch'],
  ] as const)('is decided by %s', (_, cost, dispatches, ms, limit) => {
    expect(leastTime(cost, dispatches, ceilings)).toEqual({ ms, limit });
  });
  it('knows the median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 9])).toBe(3);
  });
});
