// Columns, x [A, R, B]: a thread takes a piece of four neighboring columns, or of one; the latter does any sides, and is what the other kernels are compared with.
import type { Gpu } from '../../../gpu/index.ts';
import { clamp, inPasses, LONGEST, type PassOf, SHORT, type Sides } from './passes.ts';

export const columnsFit = ({ sides: [, r, b] }: { sides: Sides }): boolean => !(b === 1 && r >= SHORT) && b % 4 === 0;

export const columnsPass: PassOf = (gpu, [a, r, b]) => ({
  pieces: columnPieces(gpu, a, r, b, b / 4),
  width: b / 4,
  words: [r, b / 4],
  each: 64,
  vectors: [4, 4],
});

export const plainPass: PassOf = (gpu, [a, r, b]) => ({
  pieces: columnPieces(gpu, a, r, b, b),
  width: b,
  words: [r, b],
  each: 64,
  vectors: [1, 1],
});

export const columns = inPasses('reduce/columns', columnsPass);
export const plain = inPasses('reduce/plain', plainPass);

/** Enough threads to fill the machine, `width` for each of A, each with at least 32 rows and at most LONGEST. */
function columnPieces(gpu: Gpu, a: number, r: number, b: number, width: number): number {
  const { single, threads } = gpu.machine.reduce;
  const least = Math.ceil(r / LONGEST);
  if (r <= SHORT || a * r * b <= single) return least;
  return Math.max(clamp(Math.ceil(threads / (a * width)), Math.ceil(r / 32)), least);
}
