// How many pictures are decoded at a time. sharp runs in the pool of threads that Node makes when it starts, one for all workers, and nobody can make it larger later.
import { availableParallelism } from 'node:os';
import type { Decoder } from '../transform/decoders.ts';

/** Threads that read and decode where nobody said how many: one is left for who steps. */
export const usualWorkers = (): number => Math.max(1, availableParallelism() - 1);

/** Of libuv, where the environment says nothing. */
const USUAL_POOL = 4;

/** What of a loader's options says who decodes. */
export interface Decoding {
  workers?: number | undefined;
  decoder?: Decoder | undefined;
}

/** A line for people where workers would wait for each other: more of them than sharp decodes pictures at a time. */
export function decoderNote({ workers = usualWorkers(), decoder }: Decoding): string | undefined {
  // Each decodes by itself.
  if (decoder === 'turbo') return undefined;
  const pool = Number(process.env.UV_THREADPOOL_SIZE) || USUAL_POOL;
  return workers > pool
    ? `${workers} workers share ${pool} threads that decode; with UV_THREADPOOL_SIZE=${workers} in the environment each has one`
    : undefined;
}
