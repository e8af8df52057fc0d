// What maskedWeights and gateFeatures share: the gates of a whole network stand in one flat tensor, its weights in one arena, so that every layer is served
// by the same dispatch. A weight is [depth, inputs × outputs] (depth = kernel height × width); a gate owns one (input, output) pair, a whole output or a
// whole input.
import { type Cost, grid1d, needArguments, params, type Slice } from '../../gpu/index.ts';
import { needDType, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';

/** `connection`: [Cout, Cin], `filter`: [Cout], `input`: [Cin]. */
export type Gate = 'connection' | 'filter' | 'input';

/** A weight [kh, kw, Cin, Cout] or [Cin, Cout], and its gates: those from `at` on. */
export interface GatedWeight {
  weight: Tensor;
  gate: Gate;
  at: number;
}

const KIND: Record<Gate, number> = { connection: 0, filter: 1, input: 2 };
/** Rows that the table of a kernel has room for at least, so that most networks share a pipeline. */
const ROOM = 16;

/** Width and depth of a weight, and how many gates it has. Throws TensorError naming `op` for another rank. */
export function gatedBy(op: string, { weight, gate }: GatedWeight) {
  const { shape, label, size } = weight;
  if (shape.length !== 2 && shape.length !== 4)
    throw new TensorError(`${op}: ${label} ${shapeText(shape)} must be [kh, kw, Cin, Cout] or [Cin, Cout]`);
  const [inputs, outputs] = shape.slice(-2);
  const gates = { connection: inputs * outputs, filter: outputs, input: inputs }[gate];
  return { inputs, outputs, depth: size / (inputs * outputs), gates };
}

/** Gates that the weights need: the end of the last one's. Throws TensorError where p has fewer, or something is not f32. */
export function gateCounts(op: string, weights: readonly GatedWeight[], p?: Tensor): number {
  needArguments(op, 'a list', { weights });
  needDType(op, 'f32', ...weights.map((of) => of?.weight), ...(p ? [p] : []));
  const end = Math.max(...weights.map((of) => of.at + gatedBy(op, of).gates));
  if (p && p.size < end)
    throw new TensorError(`${op}: ${p.label} ${shapeText(p.shape)} holds fewer than the ${end} gates of the weights`);
  return end;
}

export interface GateLaunch {
  shader: string;
  weights: readonly GatedWeight[];
  /** Where results and other tensors of each weight begin in their slices, in elements; `weight` in that of the weights. */
  begins: readonly { weight: number; result?: number; other?: number }[];
  bindings: Slice[];
  constants?: Record<string, boolean>;
  types?: Record<string, string>;
  cost: Cost;
  label: string;
}

/** Runs a kernel over the gates of some weights. */
export function launchGates({ weights, begins, constants, ...call }: GateLaunch): void {
  const rows: number[] = [];
  let groups = 0;
  for (const [i, of] of weights.entries()) {
    const { inputs, outputs, depth, gates } = gatedBy(call.label, of);
    const { weight, result = 0, other = 0 } = begins[i];
    rows.push(groups, KIND[of.gate], of.at, weight, result, other, depth, inputs, outputs, 0, 0, 0);
    groups += Math.ceil(gates / 64);
  }
  const room = Math.max(ROOM, 2 ** Math.ceil(Math.log2(weights.length)));
  weights[0].weight.gpu.run({
    ...call,
    constants: { ...constants, ROWS: room },
    params: params(weights.length, 0, 0, 0, ...rows, ...Array(room * 12 - rows.length).fill(0)),
    grid: grid1d(groups),
  });
}

/** Some tensors that lie in one buffer. */
export interface BufferGroup {
  /** Which of the tensors. */
  members: number[];
  slice: Slice;
  /** Where each begins in the slice, in elements. */
  begins: number[];
}

/** Sorts tensors by the buffer they lie in: the parameters of a network share one, and so do their gradients. */
export function groupByBuffer(tensors: readonly Tensor[]): BufferGroup[] {
  const members = new Map<GPUBuffer, number[]>();
  for (const [i, { slice }] of tensors.entries()) members.set(slice.buffer, [...(members.get(slice.buffer) ?? []), i]);
  return [...members].map(([buffer, list]) => {
    const slices = list.map((i) => tensors[i].slice);
    const offset = Math.min(...slices.map((slice) => slice.offset));
    const end = Math.max(...slices.map((slice) => slice.offset + slice.size));
    const begins = slices.map((slice) => (slice.offset - offset) / 4);
    return { members: list, slice: { buffer, offset, size: end - offset }, begins };
  });
}
