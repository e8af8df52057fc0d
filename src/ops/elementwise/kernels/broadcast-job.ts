// A broadcast as kernels see it: y, a and b by the sides that they have or repeat, neighbors that behave alike merged into one.
import { f32, type Gpu, type KernelCall, params, type Slice } from '../../../gpu/index.ts';
import { type DType, positionOf, type Shape, type Tensor, vectorOf } from '../../../tensor/index.ts';

/** sum: weights[0]·a + weights[1]·b; first: weights[0]·a, b only gives the shape. */
export type Combine = 'sum' | 'product' | 'first';
export type Weights = readonly [number, number];

export interface BroadcastJob {
  gpu: Gpu;
  combine: Combine;
  a: Tensor;
  /** For `first` it is a. */
  b: Tensor;
  y: Tensor;
  weights: Weights;
  sides: readonly Side[];
}

/** A side of y. */
export interface Side {
  n: number;
  /** Does the operand have this side, rather than repeat along it? */
  a: boolean;
  b: boolean;
}

export const MAX_RANK = 4;
const OP: Record<Combine, number> = { sum: 0, product: 1, first: 2 };

/** A shape with sides of 1 before it, up to `rank`. */
export const lined = (shape: Shape, rank: number): number[] => [...Array(rank - shape.length).fill(1), ...shape];

/** The sides of y ← a combined with b. At least one. */
export function sidesOf(shape: Shape, a: Shape, b: Shape): Side[] {
  const [p, q] = [lined(a, shape.length), lined(b, shape.length)];
  const merged: Side[] = [];
  shape.forEach((n, i) => {
    if (n === 1) return;
    const side = { n, a: p[i] === n, b: q[i] === n };
    const last = merged.at(-1);
    if (last && last.a === side.a && last.b === side.b) last.n *= n;
    else merged.push(side);
  });
  return merged.length > 0 ? merged : [{ n: 1, a: true, b: true }];
}

/** Elements between neighbors along each side, 0 where the operand repeats. */
function stridesOf(sides: readonly Side[], which: 'a' | 'b'): number[] {
  let stride = 1;
  return sides.reduceRight<number[]>((strides, side) => {
    strides.unshift(side[which] ? stride : 0);
    if (side[which]) stride *= side.n;
    return strides;
  }, []);
}

/** Strides of a and b along the sides of y. */
export const operandStrides = ({ combine, sides }: BroadcastJob): [a: number[], b: number[]] => [
  stridesOf(sides, 'a'),
  stridesOf(sides, combine === 'first' ? 'a' : 'b'),
];

/** What a kernel's launch adds to a job. `order`: which of a, b and y is bound where; `stored`: what a kernel calls a dtype, by default four of it. */
export interface BroadcastLaunch extends Pick<KernelCall, 'shader' | 'entry' | 'params' | 'grid'> {
  stored?: (dtype: DType) => string;
  order?: readonly number[];
}

/** Runs a broadcast kernel on the slices of a, b and y. */
export function launch(
  { gpu, combine, a, b, y }: BroadcastJob,
  slices: Slice[],
  { stored = vectorOf, order = [0, 1, 2], ...call }: BroadcastLaunch,
): void {
  const tensors = [a, b, y];
  gpu.run({
    ...call,
    constants: { OP: OP[combine] },
    types: Object.fromEntries(order.map((from, i) => ['ABY'[i], stored(tensors[from].dtype)])),
    bindings: order.map((from) => slices[from]),
    cost: { flops: y.size, bytes: a.bytes + y.bytes + (combine === 'first' ? 0 : b.bytes) },
    label: `broadcast/${combine}`,
  });
}

/** The uniforms of shaders/elementwise/broadcast.wgsl and elementwise/broadcast_plain.wgsl, from sides of y and strides of a and b. */
export function words(
  rows: number[][],
  threads: number,
  weights: Weights,
  total: number,
  period = 0,
  step = 0,
): ArrayBuffer {
  const four = (row: number[], fill: number): number[] => [...Array(MAX_RANK - row.length).fill(fill), ...row];
  const [sides, a, b] = rows.map((row, i) => four(row, i === 0 ? 1 : 0));
  const factors = weights.map((weight) => f32(weight));
  return params(...sides, ...a, ...b, ...positionOf(threads, sides), ...factors, total, period, step, 0);
}
