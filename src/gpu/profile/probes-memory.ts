// The memory probes of the roofline. Words are hashes of their places: nothing to compress, and every sum is known.
import type { Gpu } from '../gpu.ts';
import { params } from '../kernel/kernel.ts';
import type { Allocation, Slice } from '../kernel/memory.ts';
import { type Call, type Probe, probe, TRIPS } from './probes.ts';

/** Word i of what the memory probes read. */
const word = (i: number): number => Math.imul(i, 2654435761) >>> 0;

/** How the memory probes walk `bytes`, a power of two from 1 MiB: see shaders/gpu/probe_memory.wgsl. */
function walk({ adapter, machine }: Gpu, bytes: number) {
  const { group, most, chunked } = machine.probe.memory;
  const GROUP = group || Math.max(1, adapter.subgroupMinSize);
  const groups = Math.min(most, bytes / 2 ** 14);
  const trips = bytes / 16 / GROUP / groups;
  const [stride, step] = chunked ? [trips * GROUP, GROUP] : [GROUP, groups * GROUP];
  return { GROUP, groups, trips, stride, step };
}

function memoryCall(gpu: Gpu, entry: 'write' | 'copy' | 'load', bytes: number): Call {
  const { GROUP, groups, trips, stride, step } = walk(gpu, bytes);
  return {
    shader: 'gpu/probe_memory',
    entry,
    constants: { GROUP },
    params: params(stride, step, trips),
    grid: [groups],
  };
}

/** A buffer of known words. */
function words(gpu: Gpu, bytes: number): Allocation {
  const [made, unused] = [gpu.allocate('roofline', bytes), gpu.allocate('roofline', 16)];
  gpu.run({ ...memoryCall(gpu, 'write', bytes), bindings: [unused, made], cost: { flops: 0, bytes } });
  gpu.release(unused);
  return made;
}

/** Compares the first and the last words. */
async function wrongWords(gpu: Gpu, { buffer, offset, size }: Slice): Promise<string | undefined> {
  const piece = Math.min(4096, size);
  for (const from of [0, size - piece]) {
    const values = new Uint32Array(await gpu.read({ buffer, offset: offset + from, size: piece }));
    const at = values.findIndex((value, i) => value !== word(from / 4 + i));
    if (at >= 0) return `word ${from / 4 + at} did not arrive`;
  }
  return undefined;
}

/** A kernel that reads `bytes`. */
export function readProbe(gpu: Gpu, bytes: number): Probe {
  const { GROUP, groups, trips, stride, step } = walk(gpu, bytes);
  const check = async (output: Slice): Promise<string | undefined> => {
    const sums = new Uint32Array(await gpu.read(output));
    for (const thread of [0, groups * GROUP - 1]) {
      const start = Math.floor(thread / GROUP) * stride + (thread % GROUP);
      let sum = 0;
      for (let trip = 0; trip < trips; trip++) sum = (sum + word((start + trip * step) * 4)) >>> 0;
      if (sums[thread * 4] !== sum) return `thread ${thread} summed to ${sums[thread * 4]}, not ${sum}`;
    }
    return undefined;
  };
  return probe(gpu, groups * GROUP * 16, memoryCall(gpu, 'load', bytes), bytes, check, [words(gpu, bytes)]);
}

/** A kernel that copies `bytes`: twice that moves. */
export function copyProbe(gpu: Gpu, bytes: number): Probe {
  const check = (output: Slice): Promise<string | undefined> => wrongWords(gpu, output);
  return probe(gpu, bytes, memoryCall(gpu, 'copy', bytes), 2 * bytes, check, [words(gpu, bytes)]);
}

/** The queue's copy from buffer to buffer. */
export function bufferCopy(gpu: Gpu, bytes: number): Probe {
  const [from, to] = [words(gpu, bytes), gpu.allocate('roofline', bytes)];
  gpu.fill(to, 0x7fc00000);
  gpu.flush();
  return {
    work: 2 * bytes,
    run() {
      const encoder = gpu.device.createCommandEncoder({ label: 'roofline' });
      encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, bytes);
      gpu.device.queue.submit([encoder.finish()]);
    },
    wrong: () => wrongWords(gpu, to),
    release() {
      gpu.release(from);
      gpu.release(to);
    },
  };
}

const TILE = 512;

/** Reads of workgroup memory, neighbors side by side. */
export function workgroupProbe(gpu: Gpu): Probe {
  const { groups, threads } = gpu.machine.probe.arithmetic;
  const call: Call = {
    shader: 'gpu/probe_workgroup',
    constants: { GROUP: threads },
    params: params(TRIPS),
    grid: [groups],
  };
  const check = async (output: Slice): Promise<string | undefined> => {
    const sums = new Uint32Array(await gpu.read(output));
    const last = sums.length / 4 - 1;
    for (const thread of [0, last]) {
      let sum = 0;
      for (let trip = 0; trip < TRIPS; trip++)
        for (let k = 0; k < TILE; k += 64) sum = (sum + word((((thread % threads) + trip + k) % TILE) * 4)) >>> 0;
      if (sums[thread * 4] !== sum) return `thread ${thread} summed to ${sums[thread * 4]}, not ${sum}`;
    }
    return undefined;
  };
  return probe(gpu, groups * threads * 16, call, groups * threads * TRIPS * 8 * 16, check);
}
