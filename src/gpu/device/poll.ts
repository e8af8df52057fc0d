// Dawn in Node spins on a whole core while a GPU promise is pending; on a software adapter that core is half of the machine.
// Sleeping in short naps during the wait gave 1.4-1.8× the throughput there, and a small readback still takes 0.1 ms.
import { IN_NODE } from './platform.ts';

/** Spin this long before the first nap, so that a small readback is not delayed. */
const SPIN_MS = 0.4;
/** One nap. Longer naps delayed readbacks, shorter ones gave the core back too rarely. */
const NAP_MS = 0.3;

const cell = IN_NODE ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
let pending = 0;
let since = 0;
let looping = false;

function turn(): void {
  if (pending === 0) {
    looping = false;
    return;
  }
  if (performance.now() - since > SPIN_MS) Atomics.wait(cell!, 0, 0, NAP_MS);
  setImmediate(turn);
}

/** Waits for a promise of the GPU (mapAsync, onSubmittedWorkDone) without burning a core. Outside Node it is the promise itself. */
export async function polled<T>(promise: Promise<T>): Promise<T> {
  if (!IN_NODE) return promise;
  if (pending++ === 0) since = performance.now();
  if (!looping) {
    looping = true;
    setImmediate(turn);
  }
  try {
    return await promise;
  } finally {
    pending--;
  }
}
