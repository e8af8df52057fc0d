// Temporal regulation (METHOD.md §4): P is refined over t = 1..T, each time from the weights as gated so far. State between iterations is held in
// fixed tensors, so that a whole step can be captured; the path through Pᵗ⁻¹ is cut there (each update sees one pass of the AN).
import { AstroError, type Gpu } from '../gpu/index.ts';
import { abs, copyInto, cut, keep, noGrad, norm, Segments, scale, sub, type Tensor, zeros } from '../tensor/index.ts';
import type { Astrocyte } from './astrocyte.ts';
import { Atlas, gatesOf } from './atlas.ts';
import { type Feature, featureAt, layerFeatures, nextGate } from './features.ts';
import type { GateLayout } from './gate-layout.ts';

export interface RegulationOptions {
  /** Iterations, 1 to 10. */
  T: number;
  mode: 'replace' | 'compound';
  feature: Feature;
  /** Features of |W| instead of W. */
  absolute: boolean;
  /** e as the root mean square over all gates, so that λ means the same for every network, or as the literal ℓ2 norm. */
  norm: 'mean' | 'sum';
  /** Keep the path W → G → AN → P → loss in NN updates. */
  through: boolean;
}

/** One iteration's result. */
export interface Regulated {
  t: number;
  /** Pᵗ, one probability a gate, laid out as the layout says. */
  p: Tensor;
  /** What the weights are multiplied by at t: Pᵗ, or the product so far. */
  gate: Tensor;
  /** eᵗ = ‖Pᵗ − Pᵗ⁻¹‖, [1]. */
  e: Tensor;
}

export class Regulator {
  readonly layout: GateLayout;
  readonly astrocyte: Astrocyte;
  readonly options: RegulationOptions;
  /** e¹..eᵀ as committed last, [1] each. */
  readonly errors: Tensor[];
  /** The gates as committed last: what the NN runs with between regulations. */
  readonly gate: Tensor;
  private readonly previous: Tensor;
  private readonly atlas: Atlas;
  /** The gates of each layer. */
  private readonly layers: Segments;

  /** Throws AstroError for a T outside 1..10. */
  constructor(gpu: Gpu, layout: GateLayout, astrocyte: Astrocyte, options: RegulationOptions) {
    const { T } = options;
    if (!Number.isInteger(T) || T < 1 || T > 10)
      throw new AstroError(`T is ${T}; it takes a whole number from 1 to 10`);
    this.layout = layout;
    this.astrocyte = astrocyte;
    this.options = options;
    this.atlas = new Atlas(gpu, layout.maps);
    this.layers = new Segments(gpu, layout.total, layout.entries.map(gatesOf), 'gates of layers');
    this.previous = keep(zeros(gpu, [layout.total], 'previous P'));
    this.gate = keep(zeros(gpu, [layout.total], 'gates'));
    this.errors = Array.from({ length: T }, (_, i) => keep(zeros(gpu, [1], `e${i + 1}`)));
  }

  /** Iteration t: features, AN, U, and the step e from the iteration before. Differentiable in the AN's parameters (and W where it records). */
  iterate(t: number): Regulated {
    const { layout, astrocyte, options } = this;
    const { feature, absolute, mode } = options;
    const before = t === 1 ? undefined : this.gate;
    const p = astrocyte.forward(
      layerFeatures(layout, this.layers, before, featureAt(feature, t), absolute),
      this.atlas,
    );
    const length = norm(t === 1 ? p : sub(p, this.previous));
    const e = options.norm === 'mean' ? scale(length, 1 / Math.sqrt(layout.total)) : length;
    return { t, p, gate: nextGate(mode, before, p), e };
  }

  /** λ·|eᵗ − eᵗ⁻¹| for t ≥ 2 (METHOD.md §5); nothing at t = 1. */
  penalty({ t, e }: Regulated, lambda: number): Tensor | undefined {
    return t === 1 || lambda === 0 ? undefined : scale(abs(sub(e, this.errors[t - 2])), lambda);
  }

  /** Makes an iteration's result the state that the next one starts from. */
  commit({ t, p, gate, e }: Regulated): void {
    copyInto(this.previous, p);
    copyInto(this.gate, gate);
    copyInto(this.errors[t - 1], e);
  }

  /** All T iterations, without gradients: leaves the final gate in `gate`. */
  regulate(): void {
    noGrad(() => {
      for (let t = 1; t <= this.options.T; t++) this.commit(this.iterate(t));
    });
  }

  /** Makes gates below the threshold exactly 0 (METHOD.md §6, settle). */
  cut(threshold: number): void {
    const kept = cut(this.gate, threshold);
    copyInto(this.gate, kept);
    kept.release();
  }

  /** The threshold that keeps this fraction of all gates: a quantile over the network. */
  async quantile(kept: number): Promise<number> {
    const values = (await this.gate.floats()).sort((a, b) => b - a);
    return values[Math.max(0, Math.min(values.length - 1, Math.round(kept * values.length) - 1))];
  }

  /** Everything that a resumed run needs. */
  state(): Map<string, Tensor> {
    return new Map([
      ['gate', this.gate],
      ['previous', this.previous],
      ...this.errors.map((e, i): [string, Tensor] => [`e.${i}`, e]),
    ]);
  }

  release(): void {
    for (const owned of [...this.state().values(), this.atlas, this.layers]) owned.release();
  }
}
