// A kernel that treats every element alike, as data: what it reads, the expressions that it evaluates, and what it writes. The source is made from it, and since it
// says what it does, a captured program can make one kernel of several (fuse.ts).
import type { Slice } from '../kernel/memory.ts';

/** How elements lie in memory; expressions see f32 whatever it is, of `word` its 32 bits as those of an f32. u8 lies four to a word. */
export type Stored = 'f32' | 'f16' | 'u32' | 'u8' | 'word';

export const STORED_BYTES: Record<Stored, number> = { f32: 4, f16: 2, u32: 4, u8: 1, word: 4 };

/** What is read: its own elements, one behind the other, along the sides that it has; along the others they repeat. */
export interface PointwiseOperand {
  slice: Slice;
  stored: Stored;
  /** For each side of the result: does it have that side? */
  own: readonly boolean[];
}

/** What a name in an expression stands for: an operand's element, what an earlier step gave, or a number that all elements share, `word` as 32 bits. */
export type PointwiseValue = { operand: number } | { step: number } | { scalar: number } | { word: number };

/** An expression of WGSL, for four elements at once: names of `values` and of shaders/elementwise/math.wgsl, F for vec4f. */
export interface PointwiseStep {
  /** What it does, for the profiler; none where it only reads back. */
  label?: string;
  code: string;
  values: Readonly<Record<string, PointwiseValue>>;
}

/** What is written: the value of a step for each element, one behind the other. */
export interface PointwiseResult {
  slice: Slice;
  stored: Exclude<Stored, 'u8'>;
  step: number;
}

/** One kernel. A result may lie where an operand that repeats nowhere lies, stored alike; otherwise the buffers of operands and results differ. */
export interface Pointwise {
  /** Of the results, outermost first. */
  sides: readonly number[];
  operands: readonly PointwiseOperand[];
  steps: readonly PointwiseStep[];
  results: readonly PointwiseResult[];
  /** The op and shape that it works for, see KernelCall. */
  detail?: string;
}

/** What it does, for the profiler. */
export const labelOf = ({ steps }: Pointwise): string => steps.flatMap(({ label = [] }) => label).join('+');

/** Number of elements of a result. */
export const elementsOf = ({ sides }: Pointwise): number => sides.reduce((product, n) => product * n, 1);

/** Number of elements of an operand. */
export const operandElements = ({ sides }: Pointwise, { own }: PointwiseOperand): number =>
  sides.reduce((product, n, i) => (own[i] ? product * n : product), 1);

/** Does it repeat nowhere? */
export const isWhole = ({ sides }: Pick<Pointwise, 'sides'>, { own }: PointwiseOperand): boolean =>
  sides.every((n, i) => own[i] || n === 1);

/** The same memory, stored alike? */
export const sameMemory = (a: { slice: Slice; stored: Stored }, b: { slice: Slice; stored: Stored }): boolean =>
  a.slice.buffer === b.slice.buffer && a.slice.offset === b.slice.offset && a.stored === b.stored;

/** The same kernel with sides of 1 left out and neighbors that all operands treat alike made one: at least one side. */
export function merged(call: Pointwise): Pointwise {
  const sides: number[] = [];
  const flags: boolean[][] = [];
  call.sides.forEach((n, i) => {
    if (n === 1) return;
    const own = call.operands.map((operand) => operand.own[i]);
    const last = flags.at(-1);
    if (last?.every((flag, k) => flag === own[k])) sides[sides.length - 1] *= n;
    else {
      sides.push(n);
      flags.push(own);
    }
  });
  if (sides.length === 0) {
    sides.push(1);
    flags.push(call.operands.map(() => true));
  }
  return {
    ...call,
    sides,
    operands: call.operands.map((operand, k) => ({ ...operand, own: flags.map((own) => own[k]) })),
  };
}
