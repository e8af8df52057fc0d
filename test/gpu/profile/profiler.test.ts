// The profiler: rows by kernel and shape, totals of the device and the host, and what a row says against the ceilings.
import { describe, expect, it } from 'vitest';
import { grid1d } from '../../../src/gpu/kernel/fold-grid.ts';
import type { Ceilings } from '../../../src/gpu/profile/roofline.ts';
import { zeros } from '../../../src/tensor/tensor.ts';
import { COPY } from '../../support/copy-kernel.ts';
import { gpu } from '../../support/gpu.ts';

const COUNT = 4096;
const x = zeros(gpu, [COUNT]);
const y = zeros(gpu, [COUNT]);
const copy = (detail?: string): void =>
  gpu.run({
    shader: COPY,
    constants: { GROUP: 8 },
    bindings: [y.slice, x.slice],
    grid: grid1d(COUNT / 256),
    cost: { flops: 3 * COUNT, bytes: 8 * COUNT },
    label: 'copy',
    detail,
  });

describe('rows', () => {
  it('are kept apart by detail, longest first, with the mean of a call', async () => {
    const rows = await gpu.profile(() => {
      for (let i = 0; i < 3; i++) copy('small');
      copy();
      gpu.withLabel('of an op', () => {
        copy();
        copy('its own');
      });
    });
    const calls = Object.fromEntries(rows.map(({ label, detail, calls }) => [`${label} ${detail ?? '-'}`, calls]));
    expect(calls).toEqual({ 'copy small': 3, 'copy -': 1, 'copy of an op': 1, 'copy its own': 1 });
    for (const { calls, ms, mean, gbs, gflops } of rows) {
      expect(ms).toBeGreaterThan(0);
      expect(mean * calls).toBeCloseTo(ms, 9);
      expect(gbs).toBeCloseTo((calls * 8 * COUNT) / ms / 1e6, 9);
      expect(gflops).toBeCloseTo((calls * 3 * COUNT) / ms / 1e6, 9);
    }
    expect(rows.map(({ ms }) => ms)).toEqual(rows.map(({ ms }) => ms).sort((a, b) => b - a));
    expect(rows[0]).not.toHaveProperty('ceiling');
  });

  it("show a job's key beside the kernels that the tuner picked for it", async () => {
    const candidates = [{ name: 'only', run: () => copy() }];
    const rows = await gpu.profile(() => gpu.tuner.select({ key: 'a job 3×3', sizes: [], candidates }).run([]));
    expect(rows.map(({ detail }) => detail)).toEqual(['a job 3×3']);
  });

  it('say how near the ceilings they are', async () => {
    const dispatch = { encode: 1, submit: 1, execute: 1e-9, wait: 1 };
    const ceilings: Ceilings = { f32: 1e6, read: 1, copy: 2, bufferCopy: 1.5, workgroup: 1, dispatch };
    const [row] = await gpu.profile(() => copy(), { ceilings });
    expect(row.limit).toBe('bandwidth');
    expect(row.ceiling).toBeCloseTo((8 * COUNT) / 2e6 / row.ms, 9);
  });
});

describe('totals', () => {
  it('tell the host from the device', async () => {
    const profile = await gpu.profile(async () => {
      copy();
      await gpu.idle();
      const until = performance.now() + 5;
      while (performance.now() < until); // the host at work
      copy();
      await y.floats();
    });
    const { wall, kernels, host, encoding, waiting, timeline } = profile;
    expect(kernels).toBeCloseTo(
      profile.reduce((sum, { ms }) => sum + ms, 0),
      9,
    );
    expect(host).toBeGreaterThan(5);
    expect(encoding).toBeGreaterThan(0);
    expect(encoding).toBeLessThan(host);
    expect(waiting).toBeGreaterThan(0);
    expect(host + waiting).toBeCloseTo(wall, 9);
    expect(timeline).toBeUndefined();
  });

  it('are there when nothing ran', async () => {
    const profile = await gpu.profile(() => {}, { trace: true });
    expect([...profile]).toEqual([]);
    expect(profile.kernels).toBe(0);
    expect(profile.timeline).toMatchObject({ queue: [], kernels: [] });
  });
});
