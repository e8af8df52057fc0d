// Columns, x [A, R, B]: a thread takes a piece of four neighboring columns, or of one; the latter does any sides, and is what the other kernels are compared with.
import type { Gpu } from '../../../gpu/index.ts';
import { clamp, inPasses, LONGEST, type ReduceJob, SHORT } from './passes.ts';

export const columnsFit = ({ sides: [, r, b] }: ReduceJob): boolean => !(b === 1 && r >= SHORT) && b % 4 === 0;

export const columns = inPasses((gpu, [a, r, b]) => ({
  shader: 'reduce/columns',
  pieces: columnPieces(gpu, a, r, b, b / 4),
  width: b / 4,
  words: [r, b / 4],
  each: 64,
}));

export const plain = inPasses((gpu, [a, r, b]) => ({
  shader: 'reduce/plain',
  pieces: columnPieces(gpu, a, r, b, b),
  width: b,
  words: [r, b],
  each: 64,
}));

/** Enough threads to fill the machine, `width` for each of A, each with at least 32 rows and at most LONGEST. */
export function columnPieces(gpu: Gpu, a: number, r: number, b: number, width: number): number {
  const { single, threads } = gpu.machine.reduce;
  const least = Math.ceil(r / LONGEST);
  if (r <= SHORT || a * r * b <= single) return least;
  return Math.max(clamp(Math.ceil(threads / (a * width)), Math.ceil(r / 32)), least);
}
