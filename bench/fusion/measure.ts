// Times a captured step with its kernels fused and apart, in turns, on the same tensors.
import { type Gpu, median, type Program } from 'astrogpu/gpu';
import type { Workload } from './workloads.ts';

export interface Form {
  kernels: number;
  /** That must cross the memory bus in a step, by the kernels' own count. */
  bytes: number;
  ms: number;
  /** Of all threads of the process: on a software adapter what the kernels take, whatever else the machine does. */
  processorMs: number;
}

export interface Fusion {
  name: string;
  apart: Form;
  fused: Form;
  /** Time apart by time fused. */
  ratio: number;
  processorRatio: number;
}

/** Steps of a sample, so that waiting for the end of it does not count. */
const STEPS = 4;

export async function measure(gpu: Gpu, { name, prepare }: Workload, rounds: number): Promise<Fusion> {
  const step = prepare(gpu);
  const programs = [false, true].map((fuse) => gpu.capture(name, step, { fuse }));
  const times: Time[][] = [[], []];
  // The first round warms up.
  for (let round = 0; round <= rounds; round++)
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const taken = await time(gpu, programs[i]);
      if (round > 0) times[i].push(taken);
    }
  const [apart, fused] = programs.map(({ dispatches, cost }, i) => ({
    kernels: dispatches.length,
    bytes: cost.bytes,
    ms: median(times[i].map(({ ms }) => ms)),
    processorMs: median(times[i].map(({ processorMs }) => processorMs)),
  }));
  for (const program of programs) program.dispose();
  return { name, apart, fused, ratio: apart.ms / fused.ms, processorRatio: apart.processorMs / fused.processorMs };
}

type Time = Pick<Form, 'ms' | 'processorMs'>;

async function time(gpu: Gpu, program: Program): Promise<Time> {
  await gpu.idle();
  const [start, before] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < STEPS; i++) program.replay();
  await gpu.idle();
  const { user, system } = process.cpuUsage(before);
  return { ms: (performance.now() - start) / STEPS, processorMs: (user + system) / 1000 / STEPS };
}
