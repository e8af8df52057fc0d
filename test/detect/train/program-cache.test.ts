// Programs by size: together they take about the memory of the largest, they do not disturb each other, and a budget that does not hold them lets all go.
import { expect, it } from 'vitest';
import { ProgramCache } from '../../../src/detect/train/program-cache.ts';
import { Gpu, OutOfMemoryError } from '../../../src/gpu/index.ts';
import { mul, sum } from '../../../src/ops/index.ts';
import { copyInto, full, keep, scope, zeros } from '../../../src/tensor/index.ts';
import { gpu } from '../../support/gpu.ts';

const KIB = 1024;

it('runs programs of several sizes in the memory of the largest', async () => {
  const cache = new ProgramCache(gpu, { budget: 1024 * KIB });
  const results = new Map([64, 40, 48].map((kib) => [kib, keep(zeros(gpu, [1]))]));
  const before = gpu.memory.stats().current;
  const record = (kib: number) => () =>
    scope(() => {
      const x = full(gpu, [256 * kib], 2);
      copyInto(results.get(kib)!, sum(mul(mul(x, x), x)));
    });
  for (const kib of results.keys()) await cache.make(`${kib}`, record(kib));
  const { bytes, programs } = cache.held;
  expect(programs).toBe(3);
  // Three tensors are there at once.
  expect(bytes).toBeLessThan(3.1 * 64 * KIB);
  for (const result of results.values()) result.set([0]);
  for (const kib of [40, 64, 48, 40]) cache.get(`${kib}`)!.replay();
  for (const [kib, result] of results) expect(await result.item()).toBe(8 * 256 * kib);
  cache.release();
  expect(gpu.memory.stats().current).toBe(before);
  for (const result of results.values()) result.release();
});

it('lets all go that a budget does not hold together', async () => {
  const said: string[] = [];
  const cache = new ProgramCache(gpu, { budget: 40 * KIB, log: (line) => said.push(line) });
  const make = (kib: number) => cache.make(`${kib}`, () => scope(() => void zeros(gpu, [256 * kib])));
  const before = gpu.memory.stats().current;
  await make(16);
  await make(20);
  expect(cache.held.programs).toBe(2);
  await make(32);
  expect(cache.held).toEqual({ programs: 0, bytes: 0 });
  expect(cache.get('16')).toBeUndefined();
  await make(32);
  await make(12);
  expect(cache.held.programs).toBe(0);
  expect(said).toEqual([expect.stringContaining('(3 take 0.066 MiB and may hold 0.039 MiB)')]);
  // One that is larger than the budget stands alone.
  await make(64);
  expect(cache.held).toEqual({ programs: 1, bytes: 64 * KIB });
  cache.get('64')!.replay();
  await gpu.idle();
  cache.release();
  expect(gpu.memory.stats().current).toBe(before);
});

it('lets all go where memory does not hold them together, and throws where it does not hold one alone', async () => {
  const small = await Gpu.open({ memoryBudget: 100 * KIB });
  const cache = new ProgramCache(small, { budget: 1024 * KIB });
  const make = (kib: number) => cache.make(`${kib}`, () => scope(() => void zeros(small, [256 * kib])));
  await make(32);
  await make(80);
  expect([cache.get('32'), cache.held.programs]).toEqual([undefined, 1]);
  await expect(make(128)).rejects.toThrow(OutOfMemoryError);
  expect(cache.held).toEqual({ programs: 0, bytes: 0 });
  expect(small.memory.stats().current).toBe(0);
  await make(80);
  cache.release();
  await small.close();
});

it('lets all go where there are too many', async () => {
  const cache = new ProgramCache(gpu, { budget: 1024 * KIB, most: 2 });
  for (const key of ['a', 'b', 'c', 'd']) await cache.make(key, () => scope(() => void zeros(gpu, [256])));
  expect([cache.held.programs, cache.get('d') === undefined]).toEqual([1, false]);
  cache.release();
});
