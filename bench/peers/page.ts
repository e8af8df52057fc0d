// What peers look for when they are imported in Node: a browser's globals, with Dawn behind them.
import { availableParallelism } from 'node:os';
import { polled, provideGpu } from 'astrogpu/gpu';

/** Makes this process look like a page. Call it before a peer is imported; again is harmless. */
export async function providePage(): Promise<void> {
  const gpu = await provideGpu();
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node', hardwareConcurrency: availableParallelism() },
    configurable: true,
  });
  Object.assign(globalThis, { self: globalThis });
  throttleWaits();
}

let waitsThrottled = false;

/** Peers wait as astrogpu does: without this Dawn's polling takes one core from a software adapter. */
function throttleWaits(): void {
  if (waitsThrottled) return;
  waitsThrottled = true;
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = function (...args) {
    return polled(mapAsync.apply(this, args));
  };
  const { onSubmittedWorkDone } = GPUQueue.prototype;
  GPUQueue.prototype.onSubmittedWorkDone = function () {
    return polled(onSubmittedWorkDone.call(this));
  };
}
