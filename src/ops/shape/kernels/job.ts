// A move of words, as its kernels see it.
import type { Gpu } from '../../../gpu/index.ts';
import type { DType } from '../../../tensor/index.ts';

/** A side of the box that is moved. */
export interface Side {
  n: number;
  /** Elements between neighbors, in x and in y; also negative, and 0 where x repeats. */
  from: number;
  to: number;
  /** Of a side that may leave x: which place of x's side is its first, and how many there are. */
  checked?: { begin: number; end: number };
}

export interface MoveJob {
  gpu: Gpu;
  /** Of both tensors: f32, f16 or u32. */
  dtype: DType;
  /** Merged: sides of 1 have vanished, and no two neighbors could be one. At least one. */
  sides: readonly Side[];
  /** The elements at which the box begins; sides that are checked begin at their place 0 of x. */
  from: number;
  to: number;
  /** Words for what lies outside of x. */
  fill: number;
  /** Does y get the sum with what it holds there? Of f32 and f16 only. */
  adds: boolean;
}
