// What is held on the GPU, for tests that compare it: what earlier tests dropped is collected first, or it would go at a moment of the collector's own.
import { collectGarbage } from '../../src/gpu/device/force-gc.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { gpu } from './gpu.ts';

/** Collects, and lets what waits for that run. */
export async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Bytes that tensors and programs hold, once what was dropped is gone. */
export async function memoryHeld(of: Gpu = gpu): Promise<number> {
  await collected();
  return of.memory.stats().current;
}
