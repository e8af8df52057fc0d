// The arithmetic probes of the roofline, and what all probes share: each is a small job that one part of the machine alone decides, and the check that it
// was done.
import type { Gpu } from '../gpu.ts';
import { f32, type KernelCall, params } from '../kernel/kernel.ts';
import type { Allocation, Slice } from '../kernel/memory.ts';

export type Call = Omit<KernelCall, 'bindings' | 'cost'>;

export interface Probe {
  /** Floating-point operations, or bytes, of one round. */
  work: number;
  /** Records one round. */
  run(): void;
  /** What is wrong with the result, if anything is. */
  wrong(): Promise<string | undefined>;
  release(): void;
}

/** `call` with room for its output bound last. */
export function probe(
  gpu: Gpu,
  bytes: number,
  call: Call,
  work: number,
  wrong: (output: Slice) => Promise<string | undefined>,
  inputs: Allocation[] = [],
): Probe {
  const output = gpu.allocate('roofline', bytes);
  gpu.fill(output, 0x7fc00000);
  return {
    work,
    run: () => gpu.run({ ...call, bindings: [...inputs, output], cost: { flops: 0, bytes: 0 } }),
    wrong: () => wrong(output),
    release: () => {
      for (const made of [...inputs, output]) gpu.release(made);
    },
  };
}

export const TRIPS = 256;
/** The fixed point of the chains, and how fast they go there: slow enough that f32 errors stay below 1e-4 (0.06 in f16, which rounds at 2^-11). */
const TARGET = 4;
const RETREAT = { f32: 2 ** -10, f16: 2 ** -4 };
const TOLERANCE = { f32: 1e-3, f16: 0.1 };

/** Multiply-adds in ten independent chains a thread. */
export function fmaProbe(gpu: Gpu, type: 'f32' | 'f16'): Probe {
  const { groups, threads } = gpu.machine.probe.arithmetic;
  const retreat = RETREAT[type];
  const steps = TRIPS * 16;
  return probe(
    gpu,
    groups * threads * 4,
    {
      shader: 'gpu/probe_fma',
      constants: { GROUP: threads },
      types: { Elem: type },
      params: params(TRIPS, f32(1 - retreat), f32(TARGET * retreat)),
      grid: [groups],
    },
    groups * threads * steps * 20,
    async (output) => {
      const values = new Float32Array(await gpu.read(output));
      // The mean of a thread's chains moves as each of them does.
      const start = (i: number): number => 1 + (i % 64) / 64 + 1 / 8;
      const worst = values.reduce((most, value, i) => {
        const gap = Math.abs(value - (TARGET + (start(i) - TARGET) * (1 - retreat) ** steps));
        return gap <= most ? most : gap;
      }, 0);
      return worst <= TOLERANCE[type] ? undefined : `the chains are off by ${worst}`;
    },
  );
}

/** f16 → f32 on the matrix units; undefined where the device has none of that kind. */
export function matrixProbe(gpu: Gpu): Probe | undefined {
  const units = gpu.capabilities.matrix;
  if (!units) return undefined;
  const { M, N, K, lanes } = units;
  const groups = 8192;
  return probe(
    gpu,
    groups * 8 * M * N * 4,
    {
      shader: 'gpu/probe_matrix',
      constants: { M, N, K, LANES: lanes },
      params: params(TRIPS),
      grid: [groups],
    },
    groups * TRIPS * 8 * 2 * M * N * K,
    async (output) => {
      const values = new Float32Array(await gpu.read(output));
      const expected = (TRIPS * K) / 1024;
      const at = values.findIndex((value) => value !== expected);
      return at < 0 ? undefined : `element ${at} is ${values[at]}, not ${expected}`;
    },
  );
}
