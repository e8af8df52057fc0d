// How every reduction kernel runs: a pass over x [A, R, B], R cut into pieces that fill the machine, and another over what the pieces gave; a tree that depends on
// the sizes and the adapter alone.
import { f32, type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, type Storage, vectorOf } from '../../../tensor/index.ts';

/**
 * What is made of the values: their sum, that of their squares, of the squares of their distances from an origin, of exp(x − origin), or of the zeros among them;
 * their product, or that of those that are not zero; the largest, the smallest.
 */
export type Fold = 'sum' | 'squares' | 'deviations' | 'powers' | 'zeros' | 'product' | 'nonzeros' | 'max' | 'min';

/** What becomes of the total: it is multiplied; then its square root is taken, or it becomes origin + log of it. */
export interface Finish {
  factor?: number;
  last?: 'root' | 'log';
}

export type Sides = [A: number, R: number, B: number];

export interface ReduceJob {
  gpu: Gpu;
  sides: Sides;
  fold: Fold;
  finish: Finish;
  /** How x and y are stored. */
  stored: readonly [x: Storage, y: Storage];
}

/** A kernel's way with x [A, R, B]. */
export interface Pass {
  constants?: Record<string, number>;
  /** Pieces to cut R into, about. */
  pieces: number;
  /** B as the kernel counts it, or threads that share it. */
  width: number;
  /** The uniform's first words: R, and B where the kernel takes any. */
  words: number[];
  /** Results, or where `width` counts threads those, of a workgroup. */
  each: number;
  /** Elements of x and y that it reads and writes at a time. */
  vectors: readonly [x: 1 | 4, y: 1 | 4];
}

const FINISH = { root: 1, log: 2 };

export type PassOf = (gpu: Gpu, sides: Sides) => Pass;

/** FOLD and TERM of shaders/reduce/op.wgsl, and what reduces the results of a pass. */
const FOLDS: Record<Fold, { constants: { FOLD: number; TERM: number }; next: Fold }> = {
  sum: { constants: { FOLD: 0, TERM: 0 }, next: 'sum' },
  squares: { constants: { FOLD: 0, TERM: 1 }, next: 'sum' },
  deviations: { constants: { FOLD: 0, TERM: 2 }, next: 'sum' },
  powers: { constants: { FOLD: 0, TERM: 3 }, next: 'sum' },
  zeros: { constants: { FOLD: 0, TERM: 5 }, next: 'sum' },
  product: { constants: { FOLD: 1, TERM: 0 }, next: 'product' },
  nonzeros: { constants: { FOLD: 1, TERM: 4 }, next: 'product' },
  max: { constants: { FOLD: 2, TERM: 0 }, next: 'max' },
  min: { constants: { FOLD: 3, TERM: 0 }, next: 'min' },
};

/** What reduces the results of a pass. */
export const foldOfPartials = (fold: Fold): Fold => FOLDS[fold].next;

/** What a kernel calls values that are stored so, one or four at a time. */
export const typeOf = (stored: Storage, elements: 1 | 4): string => (elements === 4 ? vectorOf(stored) : stored);

/** A KernelEntry's `run` for a kernel that goes about it so; its slices are x, the origin [A, B] in f32 where the fold or the finish takes one, and y. */
export const inPasses =
  (shader: string, passOf: PassOf) =>
  (job: ReduceJob, slices: Slice[]): void => {
    const [x, origin, y] = slices.length > 2 ? slices : [slices[0], undefined, slices[1]];
    run(shader, passOf, job, x, origin, y);
  };

function run(shader: string, passOf: PassOf, job: ReduceJob, x: Slice, origin: Slice | undefined, y: Slice): void {
  const { gpu, sides, fold, finish, stored } = job;
  const [a, r, b] = sides;
  const { constants, pieces: wanted, width, words, each, vectors } = passOf(gpu, sides);
  const piece = Math.ceil(r / wanted);
  const pieces = Math.ceil(r / piece);
  const partial = pieces > 1 ? gpu.allocate(`partial ${fold}`, a * pieces * b * 4) : undefined;
  const { factor = 1, last } = partial ? {} : finish;
  const [from, to] = [stored[0], partial ? 'f32' : stored[1]] as const;
  const total = a * pieces * width;
  gpu.run({
    shader,
    constants: { ...FOLDS[fold].constants, FINISH: last ? FINISH[last] : 0, ...constants },
    types: { X: typeOf(from, vectors[0]), Y: typeOf(to, vectors[1]) },
    bindings: [x, origin ?? x, partial ?? y],
    params: params(...words, pieces, piece, total, f32(factor)),
    ...(vectors[0] === 4 && { operand: { include: 'reduce/operand', stored: from, reads: 1 } }),
    grid: grid1d(Math.ceil(total / each)),
    cost: {
      flops: a * r * b * (fold === 'squares' ? 2 : 1),
      bytes: bytesOf(from) * a * r * b + bytesOf(to) * a * pieces * b,
    },
    label: `reduce/${fold}`,
  });
  if (!partial) return;
  const rest: ReduceJob = { ...job, sides: [a, pieces, b], fold: foldOfPartials(fold), stored: ['f32', stored[1]] };
  run(shader, passOf, rest, partial, origin, y);
  gpu.release(partial);
}

/** Rows shorter than this are reduced by one thread each. */
export const SHORT = 128;

/** A thread adds up at most so many values of a column, or vec4s of a row: 16 runs of 32 (shaders/reduce/op.wgsl), so that rounding loses as much in each. */
export const LONGEST = 512;

/** Pieces that are wanted, within 1 and `most`. */
export const clamp = (wanted: number, most: number): number => Math.max(1, Math.min(wanted, most));
