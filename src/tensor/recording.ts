// What ops ask before they note themselves: whether anything is recorded, what is a constant for now, and who looks on.
import { needArguments } from '../gpu/index.ts';
import type { Tensor } from './tensor.ts';

let enabled = true;
/** What is a constant for now. */
let still: readonly Tensor[] = [];
/** Sees the tensors with a gradient that ops read. */
let leafWatch: ((leaf: Tensor) => void) | undefined;
/** Of an op, what its inputs do not say: strides, axes and the like, by the names of its options. */
export type OpDetails = Readonly<Record<string, unknown>>;
/** Sees an op's name, its result and its inputs, and the details of those ops that tell them: what graphs can be made of. */
export type Observer = (op: string, output: Tensor, inputs: readonly Tensor[], details: OpDetails) => void;
let observer: Observer | undefined;

/** Runs `fn` without recording: results are constants. */
export function noGrad<T>(fn: () => T): T {
  needArguments('noGrad', 'a function', { fn });
  return withRecording(false, fn);
}

/** Runs `fn` with or without recording. */
export function withRecording<T>(records: boolean, fn: () => T): T {
  const before = enabled;
  enabled = records;
  try {
    return fn();
  } finally {
    enabled = before;
  }
}

/** Runs `fn` with these tensors as constants, so that nothing is computed for their gradients. */
export function frozen<T>(tensors: Iterable<Tensor>, fn: () => T): T {
  needArguments('frozen', 'a list or the like', { tensors });
  needArguments('frozen', 'a function', { fn });
  const thawed = [...tensors].filter((tensor) => tensor.requiresGrad);
  const before = still;
  still = [...before, ...thawed];
  for (const tensor of thawed) tensor.requiresGrad = false;
  try {
    return fn();
  } finally {
    for (const tensor of thawed) tensor.requiresGrad = true;
    still = before;
  }
}

/** What frozen() makes constants at the moment. */
export const frozenNow = (): readonly Tensor[] => still;

/** Is anything recorded at the moment? */
export const recordsNow = (): boolean => enabled;

/** Runs `fn` and shows `see` each tensor with a gradient that an op in it reads, recorded or not. */
export function watchLeaves<T>(see: (leaf: Tensor) => void, fn: () => T): T {
  const before = leafWatch;
  leafWatch = (leaf) => {
    see(leaf);
    before?.(leaf);
  };
  try {
    return fn();
  } finally {
    leafWatch = before;
  }
}

/** Runs `fn` and shows every op's result to `see`, in order: for finding where a value went bad. */
export function traceOps<T>(see: Observer, fn: () => T): T {
  needArguments('traceOps', 'a function', { see, fn });
  const before = observer;
  // What it computes to look at a result is not shown to it.
  observer = (...shown) => {
    observer = undefined;
    see(...shown);
    observer = inner;
  };
  const inner = observer;
  try {
    return fn();
  } finally {
    observer = before;
  }
}

/** Will an op on these inputs be recorded? Ops that save something for backward ask first. */
export function recording(inputs: Tensor[]): boolean {
  const learns = inputs.some((input) => input.requiresGrad);
  if (learns && leafWatch) for (const input of inputs) if (input.requiresGrad) leafWatch(input);
  return enabled && learns;
}

/** Shows an op to whoever traces. */
export function showOp(...shown: Parameters<Observer>): void {
  observer?.(...shown);
}
