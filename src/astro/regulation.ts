// Temporal regulation (METHOD.md §4): P is refined over t = 1..T, each time from the weights as gated so far. State between iterations is held in
// fixed tensors, so that a whole step can be captured; the path through Pᵗ⁻¹ is cut there (each update sees one pass of the AN).
import { AstroError, type Gpu } from '../gpu/index.ts';
import {
  abs,
  add,
  concat,
  copyInto,
  cut,
  keep,
  noGrad,
  norm,
  reshape,
  scale,
  slice,
  type Tensor,
  zeros,
} from '../tensor/index.ts';
import type { Astrocyte } from './astrocyte.ts';
import { type Feature, featureAt, groupFeatures, nextGate } from './features.ts';
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
  /** Pᵗ, one B×M tensor a group. */
  p: Tensor[];
  /** What the weights are multiplied by at t: Pᵗ, or the product so far. */
  gate: Tensor[];
  /** eᵗ = ‖Pᵗ − Pᵗ⁻¹‖, [1]. */
  e: Tensor;
}

export class Regulator {
  readonly layout: GateLayout;
  readonly astrocyte: Astrocyte;
  readonly options: RegulationOptions;
  /** e¹..eᵀ as committed last, [1] each. */
  readonly errors: Tensor[];
  /** The gate as committed last, one B×M tensor a group: what the NN runs with between regulations. */
  readonly gate: Tensor[];
  private readonly previous: Tensor[];

  /** Throws AstroError for a T outside 1..10. */
  constructor(gpu: Gpu, layout: GateLayout, astrocyte: Astrocyte, options: RegulationOptions) {
    const { T } = options;
    if (!Number.isInteger(T) || T < 1 || T > 10)
      throw new AstroError(`T is ${T}; it takes a whole number from 1 to 10`);
    this.layout = layout;
    this.astrocyte = astrocyte;
    this.options = options;
    const state = (label: string): Tensor[] =>
      layout.groups.map(({ image, length }) => keep(zeros(gpu, [image[0], length], label)));
    this.previous = state('previous P');
    this.gate = state('gate');
    this.errors = Array.from({ length: T }, (_, i) => keep(zeros(gpu, [1], `e${i + 1}`)));
  }

  /** Iteration t: features, AN, U, and the step e from the iteration before. Differentiable in the AN's parameters (and W where it records). */
  iterate(t: number): Regulated {
    const { layout, astrocyte, options } = this;
    const first = t === 1;
    const p = layout.groups.map((group, g) => {
      const features = groupFeatures(
        layout,
        group,
        first ? undefined : this.gate[g],
        featureAt(options.feature, t),
        options.absolute,
      );
      return astrocyte.forward(features, (logits) =>
        logits.shape[1] > group.length ? slice(logits, [0, 0], [logits.shape[0], group.length]) : logits,
      );
    });
    const gate = p.map((map, g) => nextGate(options.mode, first ? undefined : this.gate[g], map));
    const norms = p.map((map, g) => reshape(norm(first ? map : add(map, scale(this.previous[g], -1))), [1]));
    const root = options.norm === 'mean' ? 1 / Math.sqrt(layout.total) : 1;
    return { t, p, gate, e: scale(reshape(norm(norms.length > 1 ? concat(norms, 0) : norms[0]), [1]), root) };
  }

  /** λ·|eᵗ − eᵗ⁻¹| for t ≥ 2 (METHOD.md §5); nothing at t = 1. */
  penalty({ t, e }: Regulated, lambda: number): Tensor | undefined {
    return t === 1 || lambda === 0 ? undefined : scale(abs(add(e, scale(this.errors[t - 2], -1))), lambda);
  }

  /** Makes an iteration's result the state that the next one starts from. */
  commit({ t, p, gate, e }: Regulated): void {
    for (const [g, map] of p.entries()) {
      copyInto(this.previous[g], map);
      copyInto(this.gate[g], gate[g]);
    }
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
    for (const gate of this.gate) {
      const kept = cut(gate, threshold);
      copyInto(gate, kept);
      kept.release();
    }
  }

  /** The threshold that keeps this fraction of all gates: a quantile over the network. */
  async quantile(kept: number): Promise<number> {
    const values = (await Promise.all(this.gate.map((gate) => gate.floats())))
      .flatMap((group) => [...group])
      .sort((a, b) => b - a);
    return values[Math.max(0, Math.min(values.length - 1, Math.round(kept * values.length) - 1))];
  }

  /** Everything that a resumed run needs. */
  state(): Map<string, Tensor> {
    return new Map([
      ...this.gate.map((gate, g): [string, Tensor] => [`gate.${g}`, gate]),
      ...this.previous.map((map, g): [string, Tensor] => [`previous.${g}`, map]),
      ...this.errors.map((e, i): [string, Tensor] => [`e.${i}`, e]),
    ]);
  }

  release(): void {
    for (const tensor of this.state().values()) tensor.release();
  }
}
