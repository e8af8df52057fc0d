// The ceilings of an adapter, measured, so that every kernel's time can be read against what the machine can do at all (Williams, Waterman and Patterson
// 2009). Each probe's result is checked: a compiler that found a way around the work would otherwise look like a fast machine.
import { AstroError } from '../device/errors.ts';
import type { Gpu } from '../gpu.ts';
import type { Cost } from '../kernel/kernel.ts';
import { median } from './median.ts';
import { fmaProbe, matrixProbe, type Probe } from './probes.ts';
import { dispatchProbe } from './probes-dispatch.ts';
import { bufferCopy, copyProbe, readProbe, workgroupProbe } from './probes-memory.ts';

/** A probe computed something else than it should: its time means nothing. */
export class ProbeError extends AstroError {}

/** What a dispatch costs, in microseconds. */
export interface DispatchCeiling {
  /** On the host, for each dispatch of a pass. */
  encode: number;
  /** On the host, for each submit. */
  submit: number;
  /** On the device, from one small dispatch to the next that depends on it. */
  execute: number;
  /** From a submit of next to nothing until the host knows that it has run. */
  wait: number;
}

/** GFLOP/s (a multiply-add counts two), GB/s of 10⁹ bytes (copies count what is read and what is written), medians. */
export interface Ceilings {
  f32: number;
  /** Absent without shader-f16. */
  f16?: number;
  /** f16 operands, f32 sums, on the matrix units; absent where none are offered. */
  matrix?: number;
  /** A kernel that reads, one that copies, and the queue's own copy. */
  read: number;
  copy: number;
  bufferCopy: number;
  workgroup: number;
  dispatch: DispatchCeiling;
}

/** How long and on what measureCeilings measures. */
export interface RooflineOptions {
  /** Milliseconds that one sample takes at least; default 100. */
  ms?: number;
  /** Default 5. */
  samples?: number;
  /** Bytes of each buffer of the memory probes; default 256 MiB, on a software adapter 64. */
  bytes?: number;
  /** Only these; the others are NaN, or absent. */
  only?: readonly (keyof Ceilings)[];
  /** Called before each probe. */
  log?: (name: string) => void;
}

const NAMES = ['f32', 'f16', 'matrix', 'read', 'copy', 'bufferCopy', 'workgroup', 'dispatch'] as const;
const MEBIBYTE = 2 ** 20;

/** Measures the ceilings of an adapter; the device must be idle. Throws ProbeError where a probe's result is wrong. */
export async function measureCeilings(gpu: Gpu, options: RooflineOptions = {}): Promise<Ceilings> {
  const { ms = 100, samples = 5, only = NAMES, log = () => {} } = options;
  const limit = Math.min(gpu.device.limits.maxStorageBufferBindingSize, gpu.device.limits.maxBufferSize);
  const wanted = Math.min(options.bytes ?? gpu.machine.probe.bytes, limit);
  const bytes = Math.max(MEBIBYTE, 2 ** Math.floor(Math.log2(wanted)));
  /** Units of work a second / 10⁹. */
  const rate = async (name: (typeof NAMES)[number], open: () => Probe | undefined): Promise<number | undefined> => {
    if (!only.includes(name)) return undefined;
    const probe = open();
    if (!probe) return undefined;
    log(name);
    try {
      const seconds = await secondsOf(gpu, probe, ms, samples);
      const wrong = await probe.wrong();
      if (wrong) throw new ProbeError(`roofline probe ${name}: ${wrong}; its time means nothing`);
      return probe.work / seconds / 1e9;
    } finally {
      probe.release();
    }
  };
  const f32 = await rate('f32', () => fmaProbe(gpu, 'f32'));
  const f16 = await rate('f16', () => (gpu.capabilities.f16 ? fmaProbe(gpu, 'f16') : undefined));
  const matrix = await rate('matrix', () => matrixProbe(gpu));
  const read = await rate('read', () => readProbe(gpu, bytes));
  const copy = await rate('copy', () => copyProbe(gpu, bytes));
  const buffers = await rate('bufferCopy', () => bufferCopy(gpu, bytes));
  const workgroup = await rate('workgroup', () => workgroupProbe(gpu));
  let dispatch = { encode: Number.NaN, submit: Number.NaN, execute: Number.NaN, wait: Number.NaN };
  if (only.includes('dispatch')) {
    log('dispatch');
    const { wrong, ...cost } = await dispatchProbe(gpu, Math.max(3, samples * 4));
    if (wrong) throw new ProbeError(`roofline probe dispatch: ${wrong}; its time means nothing`);
    dispatch = cost;
  }
  await gpu.trim();
  const or = (value: number | undefined): number => value ?? Number.NaN;
  return {
    ...{ f32: or(f32), ...(f16 !== undefined && { f16 }), ...(matrix !== undefined && { matrix }) },
    ...{ read: or(read), copy: or(copy), bufferCopy: or(buffers), workgroup: or(workgroup), dispatch },
  };
}

/** Seconds for one round of a probe: repeated until a sample takes `ms`. The first round, which compiles, is not counted. */
async function secondsOf(gpu: Gpu, probe: Probe, ms: number, samples: number): Promise<number> {
  const time = async (times: number): Promise<number> => {
    await gpu.idle();
    const start = performance.now();
    for (let i = 0; i < times; i++) probe.run();
    await gpu.idle();
    return (performance.now() - start) / 1e3;
  };
  await time(1);
  let times = 1;
  let seconds = await time(times);
  while (seconds * 1e3 < ms * 0.7 && times < 1e5) {
    times = Math.ceil(times * Math.min(16, (1.1 * ms) / 1e3 / Math.max(1e-6, seconds)));
    seconds = await time(times);
  }
  const all = [];
  for (let i = 0; i < samples; i++) all.push((await time(times)) / times);
  return median(all);
}

/** What holds a kernel where it is: arithmetic, memory bandwidth, or the cost of a dispatch. */
export type Limit = 'compute' | 'bandwidth' | 'dispatch';

/**
 * What a job could take at the least, in milliseconds, and what holds it there: its arithmetic, its bytes at the best bandwidth measured, or the cost of
 * its dispatches alone.
 */
export function leastTime(cost: Cost, dispatches: number, ceilings: Ceilings): { ms: number; limit: Limit } {
  const peak = cost.unit ? (ceilings[cost.unit] ?? ceilings.f32) : ceilings.f32;
  const times: Record<Limit, number> = {
    compute: cost.flops / peak / 1e6,
    bandwidth: cost.bytes / bandwidthOf(ceilings) / 1e6,
    dispatch: (dispatches * ceilings.dispatch.execute) / 1e3,
  };
  const limits = (Object.keys(times) as Limit[]).filter((limit) => times[limit] >= 0); // not NaN
  const limit = limits.reduce((worst, other) => (times[other] > times[worst] ? other : worst), limits[0] ?? 'compute');
  return { ms: times[limit], limit };
}

/** The best of the measured bandwidths: no kernel can do better, however it reads. */
export function bandwidthOf({ read, copy, bufferCopy }: Ceilings): number {
  return Math.max(...[read, copy, bufferCopy].filter((value) => !Number.isNaN(value)));
}
