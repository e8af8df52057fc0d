// Values left out at random, so that a network leans on no single one (Srivastava et al. 2014), or all values of a sample, which shortens the network for it (Huang et al.
// 2016). Backward draws the same numbers again from their key: storing a mask would cost the memory and the bytes that drawing does not.
import { f32, needArguments, params } from '../../gpu/index.ts';
import {
  chunkLaunch,
  count,
  empty,
  needFloats,
  needScalars,
  record,
  type Tensor,
  vectorOf,
} from '../../tensor/index.ts';
import { checkRandom, keyOf, type RandomOptions, RandomState } from './random-state.ts';

/** What is left out, and by which numbers. */
export interface DropoutOptions {
  /** The share that is left out, from 0 to 1. */
  p: number;
  /** A RandomState draws anew each time; seed, stream and counter give the same while they are the same. */
  random: RandomState | RandomOptions;
}

/**
 * x, f32 or f16 of any shape, with each value set to 0 with probability p and the others times 1 / (1 − p), as torch's dropout in training; NaN stays NaN.
 * The i-th value is left out where number i of the stream, uniformArray()'s, is less than p. Throws TensorError for another dtype, a p outside 0..1, and a counter
 * that is not u32.
 */
export const dropout = (x: Tensor, options: DropoutOptions): Tensor => dropRuns('dropout', x, 'value', options);

/** As dropout, but of all values of a sample at once, x[n, ...]: torchvision's stochastic_depth in mode row. */
export const stochasticDepth = (x: Tensor, options: DropoutOptions): Tensor =>
  dropRuns('stochasticDepth', x, 'sample', options);

/** One number for each value, or for all of a sample. */
function dropRuns(op: string, x: Tensor, each: 'value' | 'sample', options: DropoutOptions): Tensor {
  needFloats(op, x);
  needArguments(op, 'an object', { options });
  const { p, random } = options;
  const run = each === 'value' ? 1 : count(x.shape.slice(1));
  needScalars(op, { p }, 1);
  if (!(random instanceof RandomState)) checkRandom(op, random);
  const { gpu } = x;
  const { seed, stream, counter } = keyOf(gpu, random);
  const pull = (from: Tensor, to: Tensor, label: string): void => {
    const vectors = Math.ceil(x.size / 4);
    const { grid, constants } = chunkLaunch(gpu, vectors);
    gpu.run({
      shader: 'random/dropout',
      constants: { ...constants, RUNS: run > 1 },
      types: { V: vectorOf(x.dtype) },
      bindings: [counter.slice, from.slice, to.slice],
      params: params(vectors, seed, stream, run, f32(p), f32(p < 1 ? 1 / (1 - p) : 0)),
      grid,
      cost: { flops: x.size, bytes: 2 * x.bytes },
      label,
    });
  };
  const y = empty(gpu, x.shape, op, x.dtype);
  pull(x, y, op);
  return record(op, y, [x], (g, sink) => sink.write(0, (out) => pull(g, out, `${op}/backward`)), [counter]);
}
