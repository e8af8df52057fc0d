// How many images a forward pass may take at once, known before anything is allocated: a device that runs out says so too late to try again.
import type { Gpu } from '../../gpu/index.ts';
import { channelsOf, extentsOf, type Graph } from './graph.ts';

/** What a value may need besides itself, in its own size: the one that it is made of, and what a kernel lays out in between. */
const ROOM = 4;
/** Bytes that the values of a pass may take together: more makes no pass faster, and a device does not say how much it has. */
const WORKING_SET = 2 ** 29;

/** At most `wanted` images, and as many as the network's largest value lets a buffer and the budget hold; 1 at the least. */
export function fittingBatch({ device, memory }: Pick<Gpu, 'device' | 'memory'>, graph: Graph, wanted: number): number {
  const channels = channelsOf(graph);
  const values = [...extentsOf(graph)].map(([name, extent]) => extent.reduce((a, b) => a * b, channels.get(name)!));
  const largest = 4 * Math.max(1, ...values);
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const room = Math.min(maxBufferSize, maxStorageBufferBindingSize, WORKING_SET, memory.budget / 2) / ROOM;
  return Math.max(1, Math.min(wanted, Math.floor(room / largest)));
}
