// The AN's input: features G of the weights as gated so far, standardized a layer at a time so that one AN serves layers of any scale (docs/method.md §2).

import { AstroError, type Gpu } from '../gpu/index.ts';
import {
  add,
  gateFeatures,
  gateTaylor,
  gather,
  lessEqual,
  max,
  mul,
  type Segments,
  scale,
  segmentNorm,
  where,
} from '../ops/index.ts';
import { copyInto, keep, noGrad, scope, type Tensor, tensor, zeros } from '../tensor/index.ts';
import { type GateLayout, needNorms } from './gate-layout.ts';

/** G of docs/method.md §2: the mean weight of each gate, the largest, or the mean at t = 1 and the largest from then on. */
export type Feature = 'avg' | 'max' | 'mixture';

/**
 * What the AN sees: the weights, the weights times the scale γ of the normalization behind them, the weights and the gradient's magnitude in them, or beside the weights what
 * hangs on them to first order, |W · ∂L/∂W|.
 */
export type InputKind = 'weights' | 'scale' | 'gradient' | 'taylor';

/** Features of a gate that an AN of this input sees. */
export const featuresOf = (input: InputKind = 'weights'): number => (input === 'taylor' ? 2 : 1);

/** What the average of Taylor terms keeps of itself in each update: about ten updates count. */
const TAYLOR_DECAY = 0.9;
/** As EPSILON: products of small weights and small gradients of 1e-12 have variance 1e-24. */
const TAYLOR_EPSILON = 1e-30;
/** The largest f32. */
const MOST = (2 - 2 ** -23) * 2 ** 127;

/** Only guards against a map of equal weights: weights of 1e-3 have variance 1e-6. */
const EPSILON = 1e-12;

/** G at iteration t, counted from 1: the mixture takes the average first, then the largest. */
export const featureAt = (feature: Feature, t: number): 'avg' | 'max' =>
  feature === 'mixture' ? (t === 1 ? 'avg' : 'max') : feature;

/**
 * Fᵗ: one feature a gate of all layers, f32 [gates], each layer's with mean 0 and standard deviation 1. `gates`, f32 [gates], make Wᵗ⁻¹ = W ⊙ gates; none at t = 1.
 * `layers` are the gates of each layer; `absolute` takes |W|.
 */
export function layerFeatures(
  layout: GateLayout,
  layers: Segments,
  gates: Tensor | undefined,
  kind: 'avg' | 'max',
  absolute: boolean,
): Tensor {
  return segmentNorm(gateFeatures(layout.weights, { kind, absolute, gates }), layers, { eps: EPSILON });
}

/** Wᵗ⁻¹'s gates for iteration t + 1: Pᵗ itself (`replace`), or the product so far (`compound`). */
export const nextGate = (mode: 'replace' | 'compound', before: Tensor | undefined, p: Tensor): Tensor =>
  mode === 'compound' && before ? mul(before, p) : p;

/** γ of the normalization behind each gate's layer, 1 where there is none: what a weight counts beside its own size (beyond the paper). */
export class NormScales {
  private readonly layout: GateLayout;
  /** Where in the parameters each gate's γ lies. */
  private readonly index: Tensor;
  /** 0 for the gates without one, and 1 for the others; and the other way round. */
  private readonly scaled: Tensor;
  private readonly unscaled: Tensor;

  /** Throws AstroError for a network without memory, and for a module of which nobody knows what stands behind its layers. */
  constructor(gpu: Gpu, layout: GateLayout) {
    needNorms(layout.network, 'scales');
    const { total, entries, network } = layout;
    const { values } = network.arena;
    const index = new Uint32Array(total);
    const scaled = new Float32Array(total);
    for (const { norm, at, length, columns, applies } of entries) {
      if (!norm) continue;
      const begin = (norm.layer.weight.tensor.slice.offset - values.slice.offset) / 4;
      for (let i = 0; i < length; i++) index[at + i] = begin + (applies === 'connection' ? Math.floor(i / columns) : i);
      scaled.fill(1, at, at + length);
    }
    this.layout = layout;
    this.index = keep(tensor(gpu, index, [total], 'scales of gates', 'u32'));
    this.scaled = keep(tensor(gpu, scaled, [total], 'gates with a scale'));
    const unscaled = scaled.map((has) => 1 - has);
    this.unscaled = keep(tensor(gpu, unscaled, [total], 'gates without a scale'));
  }

  /** One a gate, f32 [gates], as they are now. A constant: not to be differentiated. */
  read(): Tensor {
    const { layout, index, scaled, unscaled } = this;
    return add(mul(gather(layout.network.arena.values, index), scaled), unscaled);
  }

  /** Frees its memory on the GPU. */
  release(): void {
    for (const owned of [this.index, this.scaled, this.unscaled]) owned.release();
  }
}

/**
 * One feature a gate, f32 [gates], of the gradients of the last update: the mean of |∂L/∂W|, standardized as the weights are (beyond the paper). For training in
 * f32: where gradients overflow under a loss scale, this does. Throws AstroError for weights without gradients.
 */
export function gradientMagnitude(layout: GateLayout, layers: Segments): Tensor {
  const { weights } = layout;
  const gradients = gradientsOf(layout).map((grad, i) => ({ ...weights[i], weight: grad }));
  return segmentNorm(gateFeatures(gradients, { kind: 'avg', absolute: true }), layers, { eps: EPSILON });
}

/** Of each gated weight. Throws AstroError for one without. */
const gradientsOf = ({ weights }: GateLayout): Tensor[] =>
  weights.map((gated) => {
    const { grad } = gated.weight;
    if (!grad)
      throw new AstroError(
        `${gated.weight.label} has no gradient yet, and the astrocyte is to see it: update the network first, or take another input`,
      );
    return grad;
  });

/**
 * What hangs on the weights of each gate to first order: the mean of |W · ∂L/∂W|, as a moving average over updates, since that of one mini-batch is noisy (beyond the
 * paper). For training in f32. Owns GPU memory; release() it.
 */
export class TaylorTerms {
  /** f32 [gates]: 0 before the first update. Part of the state of a run. */
  readonly average: Tensor;
  private readonly layout: GateLayout;

  constructor(gpu: Gpu, layout: GateLayout) {
    this.layout = layout;
    this.average = keep(zeros(gpu, [layout.total], 'average of Taylor terms'));
  }

  /** Takes in the gradients as they are, before the weights move: all, or none where one has overflowed, as an optimizer leaves such a step out. Throws AstroError for weights without gradients. */
  observe(): void {
    const { layout, average } = this;
    noGrad(() =>
      scope(() => {
        const now = gateTaylor(layout.weights, gradientsOf(layout));
        const next = add(scale(average, TAYLOR_DECAY), scale(now, 1 - TAYLOR_DECAY));
        copyInto(average, where(lessEqual(max(now), MOST), next, average));
      }),
    );
  }

  /** One feature a gate, f32 [gates], each layer's with mean 0 and standard deviation 1; zeros before the first update. A constant. */
  read(layers: Segments): Tensor {
    return noGrad(() => segmentNorm(this.average, layers, { eps: TAYLOR_EPSILON }));
  }

  release(): void {
    this.average.release();
  }
}
