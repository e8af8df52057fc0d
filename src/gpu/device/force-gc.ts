// Asks V8 for a full collection. Dawn frees a bind group only when its JavaScript object is collected, and V8 cannot know what the group costs outside its heap.
import { IN_NODE } from './platform.ts';

let forceGc: (() => void) | undefined;

/** Prepares `collectGarbage`: Node lets a program reach the collector without a flag. Elsewhere nothing happens. */
export async function prepareCollection(): Promise<void> {
  if (forceGc || !IN_NODE) return;
  const [v8, vm] = await Promise.all([import('node:v8'), import('node:vm')]);
  v8.setFlagsFromString('--expose-gc');
  forceGc = vm.runInNewContext('gc');
}

export const collectGarbage = (): void => forceGc?.();
