// A batch normalization inside a node, in evaluation: what it makes of constants, the tensors that compaction leaves of it, and its values for ONNX.
import type { StateTensor } from '../../nn/index.ts';
import { type Kept, stateVector, type Values } from './compaction.ts';
import type { OnnxWriter } from './onnx.ts';

/** ε of every batch normalization here, as torch has it. */
export const EPSILON = 1e-5;

/** The normalization as scale·x + offset. */
export function affineOf(
  values: Values,
  norm: string,
  channels: number,
): { scale: Float64Array; offset: Float64Array } {
  const get = (part: string, neutral: 0 | 1): ArrayLike<number> => values.vector(`${norm}.${part}`, channels, neutral);
  const [gamma, beta, mean, variance] = [
    get('weight', 1),
    get('bias', 0),
    get('running_mean', 0),
    get('running_var', 1),
  ];
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + EPSILON));
  return { scale, offset: scale.map((factor, c) => beta[c] - mean[c] * factor) };
}

/** What the normalization makes of constants. */
export function normalized(
  constant: Float64Array,
  { scale, offset }: { scale: Float64Array; offset: Float64Array },
): Float64Array {
  return constant.map((k, c) => (scale[c] === 0 ? 0 : k * scale[c]) + offset[c]);
}

/** γ and β: what it makes of nothing. */
export const normOffsets = (norm: string): [string, number][] => [
  [`${norm}.weight`, 1],
  [`${norm}.bias`, 1],
];

/** The normalization of the channels that stay: constants before it are less of its mean, those behind it more of its bias. */
export const normTensors = (norm: string, { part, before, added }: Kept): [string, StateTensor][] => [
  [`${norm}.weight`, stateVector(part(`${norm}.weight`))],
  [`${norm}.bias`, stateVector(part(`${norm}.bias`).map((b, r) => b + added[r]))],
  [`${norm}.running_mean`, stateVector(part(`${norm}.running_mean`).map((mean, r) => mean - before[r]))],
  [`${norm}.running_var`, stateVector(part(`${norm}.running_var`))],
];

/** γ, β, mean and variance, by torch's names of them. */
export function normValues(writer: OnnxWriter, norm: string, channels: number) {
  const get = (part: string): Float32Array => writer.tensor(`${norm}.${part}`, [channels]);
  return {
    weight: get('weight'),
    bias: get('bias'),
    running_mean: get('running_mean'),
    running_var: get('running_var'),
  };
}
