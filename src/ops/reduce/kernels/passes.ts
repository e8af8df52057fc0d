// How every reduction kernel runs: a pass over x [A, R, B], R cut into pieces that fill the machine, and another over what the pieces gave; a tree that depends on
// the sizes and the adapter alone.
import { f32, type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';

/** sum, sum of squares, largest. */
export type Fold = 'sum' | 'squares' | 'max';

/** What becomes of the total: it is multiplied, or its square root is taken. */
export interface Finish {
  factor?: number;
  root?: boolean;
}

export type Sides = [A: number, R: number, B: number];

export interface ReduceJob {
  gpu: Gpu;
  sides: Sides;
  fold: Fold;
  finish: Finish;
}

/** A kernel's way with x [A, R, B]. */
export interface Pass {
  shader: string;
  constants?: Record<string, number>;
  /** Pieces to cut R into, about. */
  pieces: number;
  /** B as the kernel counts it. */
  width: number;
  /** The uniform's first words: R, and B where the kernel takes any. */
  words: number[];
  /** Results of a workgroup. */
  each: 1 | 64;
}

const OP: Record<Fold, number> = { sum: 0, squares: 1, max: 2 };

/** What reduces the results of a pass. */
export const foldOfPartials = (fold: Fold): Fold => (fold === 'squares' ? 'sum' : fold);

/** A KernelEntry's `run` for a kernel that goes about it so. */
export const inPasses =
  (passOf: (gpu: Gpu, sides: Sides) => Pass) =>
  ({ gpu, sides, fold, finish }: ReduceJob, [x, y]: Slice[]): void =>
    run(gpu, passOf, x, sides, fold, y, finish);

function run(
  gpu: Gpu,
  passOf: (gpu: Gpu, sides: Sides) => Pass,
  x: Slice,
  sides: Sides,
  fold: Fold,
  y: Slice,
  finish: Finish,
): void {
  const [a, r, b] = sides;
  const { shader, constants, pieces: wanted, width, words, each } = passOf(gpu, sides);
  const piece = Math.ceil(r / wanted);
  const pieces = Math.ceil(r / piece);
  const partial = pieces > 1 ? gpu.allocate(`partial ${fold}`, a * pieces * b * 4) : undefined;
  const { factor = 1, root = false } = partial ? {} : finish;
  const total = a * pieces * width;
  gpu.run({
    shader,
    constants: { OP: OP[fold], ...constants },
    bindings: [x, partial ?? y],
    params: params(...words, pieces, piece, total, f32(factor), Number(root)),
    grid: grid1d(Math.ceil(total / each)),
    cost: { flops: a * r * b * (fold === 'squares' ? 2 : 1), bytes: 4 * (a * r * b + a * pieces * b) },
    label: `reduce/${fold}`,
  });
  if (!partial) return;
  run(gpu, passOf, partial, [a, pieces, b], foldOfPartials(fold), y, finish);
  gpu.release(partial);
}

/** Rows shorter than this are reduced by one thread each. */
export const SHORT = 128;

/** A thread adds up at most so many values of a column, or vec4s of a row: 16 runs of 32 (shaders/reduce/op.wgsl), so that rounding loses as much in each. */
export const LONGEST = 512;

/** Pieces that are wanted, within 1 and `most`. */
export const clamp = (wanted: number, most: number): number => Math.max(1, Math.min(wanted, most));
