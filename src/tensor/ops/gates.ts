// What maskedWeight and gateFeatures share: a weight is [depth, inputs × outputs] (depth = kernel height × width), and a gate owns one (input,
// output) pair, a whole output or a whole input. Values per gate are laid out per pair before they meet the weight, and gathered from there.
import { f32, grid1d, params } from '../../gpu/index.ts';
import { empty, type Shape, shapeText, type Tensor, TensorError } from '../tensor.ts';

/** `connection`: [Cout, Cin], `filter`: [Cout], `input`: [Cin]. */
export type Gate = 'connection' | 'filter' | 'input';

export interface Gated {
  gate: Gate;
  depth: number;
  inputs: number;
  outputs: number;
  /** Shape of one value per gate. */
  shape: Shape;
  /** Weights that a gate owns. */
  share: number;
}

/** How a weight [kh, kw, Cin, Cout] or [Cin, Cout] is gated. Throws TensorError naming `op` for another rank. */
export function gatedBy(op: string, w: Tensor, gate: Gate): Gated {
  const rank = w.shape.length;
  if (rank !== 2 && rank !== 4)
    throw new TensorError(`${op}: ${w.label} ${shapeText(w.shape)} must be [kh, kw, Cin, Cout] or [Cin, Cout]`);
  const [inputs, outputs] = w.shape.slice(-2);
  const shape = { connection: [outputs, inputs], filter: [outputs], input: [inputs] }[gate];
  const gates = shape.reduce((a, b) => a * b);
  return { gate, depth: w.size / (inputs * outputs), inputs, outputs, shape, share: w.size / gates };
}

/** Pairs are handled four at a time wherever that divides them. */
export function lanes({ inputs, outputs }: Gated): { types: { V: string; I: string }; pairs: number } {
  const pairs = inputs * outputs;
  return pairs % 4 === 0
    ? { types: { V: 'vec4f', I: 'vec4u' }, pairs: pairs / 4 }
    : { types: { V: 'f32', I: 'u32' }, pairs };
}

/** Values per gate → scale · values per pair [Cin, Cout]. */
export function expandGates(values: Tensor, { gate, inputs, outputs }: Gated, scale = 1): Tensor {
  const full = empty(values.gpu, [inputs, outputs], 'gates per connection');
  const threads = outputs * Math.max(1, Math.ceil(inputs / 16));
  const [inStride, outStride] = { connection: [1, inputs], filter: [0, 1], input: [1, 0] }[gate];
  values.gpu.run({
    shader: 'gate_expand',
    bindings: [values.slice, full.slice],
    params: params(inputs, outputs, threads, inStride, outStride, f32(scale)),
    grid: [Math.ceil(threads / 64)],
    cost: { flops: full.size, bytes: values.bytes + full.bytes },
    label: 'gates/expand',
  });
  return full;
}

/** Values per pair [Cin, Cout] → per gate: scale · sum, or with `levels` the largest and into `places` where in the weight it lies. */
export function foldGates(
  full: Tensor,
  values: Tensor,
  { gate, inputs, outputs }: Gated,
  scale = 1,
  largest?: { levels: Tensor; places: Tensor },
): void {
  const { gpu } = full;
  const [divisor, major, minor, length, step] = {
    connection: [inputs, 1, outputs, 1, 0],
    filter: [1, 1, 0, inputs, outputs],
    input: [1, outputs, 0, outputs, 1],
  }[gate];
  const unused = largest ? undefined : empty(gpu, [1], 'unused', 'u32');
  gpu.run({
    shader: 'gate_fold',
    entry: largest ? 'largest' : 'sum',
    bindings: [full.slice, (largest?.levels ?? full).slice, values.slice, (largest?.places ?? unused!).slice],
    params: params(values.size, divisor, major, minor, length, step, f32(scale), inputs * outputs),
    grid: grid1d(Math.ceil(values.size / 64)),
    cost: { flops: full.size, bytes: full.bytes + values.bytes },
    label: `gates/fold ${largest ? 'largest' : 'sum'}`,
  });
  unused?.release();
}

/** result ← weight · factor, or the factor itself (with the weight's sign where `absolute`), for factors per pair [Cin, Cout]. */
export function byPair(
  entry: 'multiply' | 'spread',
  weight: Tensor,
  factor: Tensor,
  result: Tensor,
  gated: Gated,
  absolute = false,
): void {
  const { types, pairs } = lanes(gated);
  weight.gpu.run({
    shader: 'gate_weight',
    entry,
    types: { V: types.V },
    constants: { ABSOLUTE: absolute },
    bindings: [weight.slice, factor.slice, result.slice],
    params: params(gated.depth, pairs),
    grid: grid1d(Math.ceil(pairs / 64)),
    cost: { flops: weight.size, bytes: weight.bytes * 2 + factor.bytes },
    label: `gates/${entry}`,
  });
}
