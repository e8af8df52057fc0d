// The net beneath scopes: memory of tensors that a program let go of without release() goes back once the collector has found them. On request it says where they
// came from.
import { type Allocation, type Gpu, megabytes } from '../gpu/index.ts';

/** What is known of memory whose last tensor may be dropped; it must not lead to the tensor, which would then never be. */
interface Held {
  gpu: Gpu;
  allocation: Allocation;
  /** Where it was made, noted only where somebody listens. */
  origin?: string;
}

/** Where this file is; nowhere in the build for pages, which a bundler makes one with the program. */
const PLACE: string | undefined = import.meta.url;
/** Frames to look through for the caller: an op of a network lies deep. */
const DEPTH = 60;

const registry = new FinalizationRegistry<Held>(({ gpu, allocation, origin }) => {
  gpu.release(allocation);
  gpu.onDrop?.(
    `${allocation.label} (${megabytes(allocation.size)}) was dropped without release() or a scope; it was made at ${origin ?? 'an unknown place'}`,
  );
});

/** Gives `allocation` back when `storage`, the object that its tensors share, is collected. */
export function catchDropped(storage: object, gpu: Gpu, allocation: Allocation): void {
  registry.register(storage, { gpu, allocation, origin: gpu.onDrop && callerOf() }, storage);
}

/** It was released: there is nothing left to do. */
export function wasReleased(storage: object): void {
  registry.unregister(storage);
}

/** The nearest place on the stack that is not the library's, as `file:line:column`; where they cannot be told apart, the outermost. */
function callerOf(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEPTH;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  const frames = stack
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/^at /, ''));
  const own = PLACE && new URL('..', PLACE).pathname;
  return (own && frames.find((frame) => !frame.includes(own) && !frame.includes('node:'))) || frames.at(-1);
}
