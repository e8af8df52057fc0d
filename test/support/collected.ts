// Memory of dropped tensors comes back when a test asks, and not when the collector happens to run: else what one test dropped would go in the middle of
// another, which compares what is held. The registry of the library is made under one that keeps what it is told.
import { collectGarbage } from '../../src/gpu/device/force-gc.ts';

const shared = globalThis as { droppedInTests?: (() => void)[] };

/** Loads the library's registry with its calls kept; once in a process, before anything makes a tensor. */
export async function keepDropped(): Promise<void> {
  if (shared.droppedInTests) return;
  const kept: (() => void)[] = [];
  shared.droppedInTests = kept;
  const Own = globalThis.FinalizationRegistry;
  globalThis.FinalizationRegistry = class<T> extends Own<T> {
    constructor(cleanup: (held: T) => void) {
      super((held) => kept.push(() => cleanup(held)));
    }
  } as typeof Own;
  await import('../../src/tensor/dropped.ts');
  globalThis.FinalizationRegistry = Own;
}

/** Collects, and gives back what was dropped. */
export async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const give of shared.droppedInTests?.splice(0) ?? []) give();
}
