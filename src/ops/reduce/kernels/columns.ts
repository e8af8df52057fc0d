// Columns, x [A, R, B]: threads take pieces of columns, by fours or one by one; the latter does any sides, and is what the other kernels are compared with.
import type { Gpu } from '../../../gpu/index.ts';
import { clamp, inPasses, LONGEST, type Pass, type PassOf, SHORT, type Sides } from './passes.ts';

export const columnsFit = ({ sides: [, r, b] }: { sides: Sides }): boolean => !(b === 1 && r >= SHORT) && b % 4 === 0;

export const columnsPass: PassOf = (gpu, sides) => strips(gpu, sides, 4, stripOf(gpu, sides[2] / 4));

export const plainPass: PassOf = (gpu, sides) => strips(gpu, sides, 1, { WIDE: 1, SIDE: 1 });

/** How threads share columns, see shaders/reduce/strip.wgsl. */
interface Strip {
  WIDE: number;
  SIDE: number;
}

/** For `columns` vec4s: a narrower strip where one of the machine's width would be half empty. */
export function stripOf(gpu: Gpu, columns: number): Strip {
  const { wide, side } = gpu.machine.reduce.columns;
  if (columns < side) return { WIDE: 1, SIDE: 1 };
  return { WIDE: Math.min(wide, 2 ** Math.floor(Math.log2(columns / side))), SIDE: side };
}

function strips(gpu: Gpu, [a, r, b]: Sides, elements: 1 | 4, { WIDE, SIDE }: Strip): Pass {
  const columns = b / elements;
  const blocks = Math.ceil(columns / (WIDE * SIDE));
  return {
    constants: { WIDE, SIDE },
    pieces: columnPieces(gpu, a, r, b, blocks * SIDE),
    width: blocks * SIDE,
    words: [r, columns, blocks],
    each: 64,
    vectors: [elements, elements],
  };
}

export const columns = inPasses('reduce/columns', columnsPass);
export const plain = inPasses('reduce/plain', plainPass);

/** Enough threads to fill the machine, `width` for each of A, each with at least 32 rows and at most LONGEST. */
function columnPieces(gpu: Gpu, a: number, r: number, b: number, width: number): number {
  const { single, threads } = gpu.machine.reduce;
  const least = Math.ceil(r / LONGEST);
  if (r <= SHORT || a * r * b <= single) return least;
  return Math.max(clamp(Math.ceil(threads / (a * width)), Math.ceil(r / 32)), least);
}
