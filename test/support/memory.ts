// What is held on the GPU, for tests that compare it: what earlier tests dropped, or let the GPU finish first, goes before it is counted, or it would go in the middle of a comparison.
import type { Gpu } from '../../src/gpu/gpu.ts';
import { collected } from './collected.ts';
import { gpu } from './gpu.ts';

/** Bytes that tensors and programs hold, once what was dropped is gone. */
export async function memoryHeld(of: Gpu = gpu): Promise<number> {
  await of.idle();
  await collected();
  return of.memory.stats().current;
}
