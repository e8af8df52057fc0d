// The probe of what a dispatch costs, beside what it does.
import type { Gpu } from '../gpu.ts';
import { median } from './median.ts';
import type { DispatchCeiling } from './roofline.ts';

const MANY = 1000;

/** Costs of dispatches, in microseconds: what `MANY` take beyond what one takes. */
export async function dispatchProbe(gpu: Gpu, samples: number): Promise<DispatchCeiling & { wrong?: string }> {
  const counter = gpu.allocate('roofline', 16);
  gpu.fill(counter, 0);
  const record = (times: number) =>
    gpu.capture('roofline', () => {
      for (let i = 0; i < times; i++)
        gpu.run({ shader: 'gpu/probe_dispatch', bindings: [counter], grid: [1], cost: { flops: 0, bytes: 0 } });
    });
  const [one, many] = [record(1), record(MANY)];
  const host = { one: [] as number[], many: [] as number[] };
  const device = { one: [] as number[], many: [] as number[] };
  for (let i = 0; i <= samples; i++)
    for (const [name, program] of [['one', one] as const, ['many', many] as const]) {
      await gpu.idle();
      const start = performance.now();
      program.replay();
      const submitted = performance.now();
      await gpu.idle();
      if (i === 0) continue; // compiles
      host[name].push((submitted - start) * 1e3);
      device[name].push((performance.now() - submitted) * 1e3);
    }
  const [count] = new Uint32Array(await gpu.read(counter, 4));
  const expected = (samples + 2) * (MANY + 1);
  for (const program of [one, many]) program.dispose();
  gpu.release(counter);
  return {
    encode: Math.max(0, median(host.many) - median(host.one)) / (MANY - 1),
    submit: median(host.one),
    execute: Math.max(0, median(device.many) - median(device.one)) / (MANY - 1),
    wait: median(device.one),
    wrong: count === expected ? undefined : `${count} dispatches ran of ${expected}`,
  };
}
