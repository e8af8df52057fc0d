// How many pictures are decoded at a time. The decoder runs in the pool of threads that Node makes when it starts, one for all workers, and nobody can make it larger later.
import { availableParallelism } from 'node:os';

/** Threads that read and decode where nobody said how many: one is left for who steps. */
export const usualWorkers = (): number => Math.max(1, availableParallelism() - 1);

/** Of libuv, where the environment says nothing. */
const USUAL_POOL = 4;

/** A line for people where workers would wait for each other: more of them than Node decodes pictures at a time. `workers` as a loader has it. */
export function decoderNote(workers = usualWorkers()): string | undefined {
  const pool = Number(process.env.UV_THREADPOOL_SIZE) || USUAL_POOL;
  return workers > pool
    ? `${workers} workers share ${pool} threads that decode; with UV_THREADPOOL_SIZE=${workers} in the environment each has one`
    : undefined;
}
