// What is compared: a job that two libraries can do, and an arm, one library's readiness to do it again and again.
import type { Gpu } from 'astrogpu/gpu';
import type { Tfjs } from './tfjs.ts';

/** The values that both arms must agree on, by name. */
export type Results = Map<string, Float32Array>;

export interface Arm {
  /** Records the job once more and hands it to the GPU as far as the library does by itself. */
  run(): void;
  /** Submits what is left and resolves when all of it has run. */
  settle(): Promise<void>;
  /** Called once, before any `run`: does the job for the first time and reads its results back. */
  results(): Promise<Results>;
  release(): void;
}

export interface Job {
  name: string;
  /** Largest disagreement allowed, relative to the largest magnitude of each result. */
  tolerance: number;
  ours(gpu: Gpu): Arm;
  tfjs(peer: Tfjs): Arm;
}
