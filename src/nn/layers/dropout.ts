// Layers that leave out at random in training, and do nothing in evaluation.
import { dropout, stochasticDepth } from '../../ops/index.ts';
import { needScalars, type Tensor } from '../../tensor/index.ts';
import { LayerDraws } from '../layer-draws.ts';
import { Module, needPass, type Pass } from '../module.ts';

function drops(layer: string, pass: Pass): boolean {
  const { batchStatistics, drops = batchStatistics } = needPass(layer, pass);
  return drops;
}

/** Leaves out each value with probability p, see dropout(): x of any shape, f32 or f16. */
export class Dropout extends Module {
  /** How likely a value is left out, 0 to 1. */
  readonly p: number;
  private readonly random = new LayerDraws();

  /** Throws TensorError for a p outside 0..1; default 0.5. */
  constructor(p = 0.5) {
    super();
    needScalars('Dropout', { p }, 1);
    this.p = p;
  }

  /** Draws anew at every call, also in replays of a captured step; x itself where the pass does not draw. */
  forward(x: Tensor, pass: Pass): Tensor {
    return drops('Dropout', pass) && this.p > 0 ? dropout(x, { p: this.p, random: this.random.state }) : x;
  }
}

/** Leaves out whole samples with probability p, see stochasticDepth(): for the branch of a residual block, x [N, ...], f32 or f16. */
export class StochasticDepth extends Module {
  /** How likely a sample is left out, 0 to 1. */
  readonly p: number;
  private readonly random = new LayerDraws();

  /** Throws TensorError for a p outside 0..1. */
  constructor(p: number) {
    super();
    needScalars('StochasticDepth', { p }, 1);
    this.p = p;
  }

  /** Draws anew at every call, also in replays of a captured step; x itself where the pass does not draw. */
  forward(x: Tensor, pass: Pass): Tensor {
    return drops('StochasticDepth', pass) && this.p > 0
      ? stochasticDepth(x, { p: this.p, random: this.random.state })
      : x;
  }
}
