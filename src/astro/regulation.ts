// Temporal regulation (docs/method.md §4): P is refined over t = 1..T, each time from the weights as gated so far. State between iterations is held in
// fixed tensors, so that a whole step can be captured; the path through Pᵗ⁻¹ is cut there (each update sees one pass of the AN).
import { AstroError, type Gpu, needArguments, needFields } from '../gpu/index.ts';
import { abs, add, concat, mul, norm, reshape, scale, sub, sum } from '../ops/index.ts';
import { copyInto, keep, noGrad, type Tensor, zeros } from '../tensor/index.ts';
import { Astrocyte } from './astrocyte.ts';
import {
  type Feature,
  featureAt,
  featuresOf,
  gradientMagnitude,
  type InputKind,
  layerFeatures,
  NormScales,
  nextGate,
  TaylorTerms,
} from './features.ts';
import { GateLayout } from './gate-layout.ts';
import { NetworkGates } from './network-gates.ts';
import { PackedMaps } from './packing/packed-maps.ts';

/** How P is refined (docs/method.md §4). */
export interface RegulationOptions {
  /** Iterations, 1 to 10. */
  T: number;
  /** What the weights are multiplied by at t: Pᵗ alone (Eq. 10), or the product of P¹..Pᵗ. */
  mode: 'replace' | 'compound';
  /** G. */
  feature: Feature;
  /** Features of |W| instead of W. */
  absolute: boolean;
  /** What the AN sees; the astrocyte is made for as many `inputs` as this has (featuresOf). Default weights. */
  input?: InputKind;
  /** e as the root mean square over all gates (or groups of them), so that λ means the same for every network, or as the literal ℓ2 norm. */
  norm: 'mean' | 'sum';
  /** Keep the path W → G → AN → P → loss in NN updates. */
  backpropThroughGates: boolean;
}

/** One iteration's result. */
export interface Regulated {
  t: number;
  /** Pᵗ, f32 [gates], laid out as the layout says; where it has groups f32 [groups]. */
  p: Tensor;
  /** What the weights are multiplied by at t, f32 [gates]: Pᵗ, or the product so far. */
  gate: Tensor;
  /** eᵗ = ‖Pᵗ − Pᵗ⁻¹‖, and e¹ = ‖P¹‖, f32 [1]. */
  e: Tensor;
}

/**
 * The gates of one network under one astrocyte: makes P iteration by iteration, holds what was committed last, and runs the network under it.
 *
 * @example
 * regulator.regulate(); // P¹..Pᵀ, without gradients
 * const logits = regulator.gated(() => network.forward(images, EVAL));
 */
export class Regulator extends NetworkGates {
  override readonly astrocyte: Astrocyte;
  /** What it was made with. */
  readonly options: RegulationOptions;
  /** e¹..eᵀ as committed last, f32 [1] each. */
  override readonly errors: readonly Tensor[];
  private readonly scales?: NormScales;
  private readonly taylor?: TaylorTerms;
  private readonly previous: Tensor;
  private readonly packed: PackedMaps;

  /** `layout` is of a network with memory, and `astrocyte` has memory too. Throws AstroError for a T outside 1..10. */
  constructor(gpu: Gpu, layout: GateLayout, astrocyte: Astrocyte, options: RegulationOptions) {
    needArguments('Regulator', 'a Gpu', { gpu });
    needArguments('Regulator', GateLayout, { layout });
    needArguments('Regulator', Astrocyte, { astrocyte });
    needFields('Regulator', 'options', options, { mode: 'a text', feature: 'a text', norm: 'a text' });
    const { T } = options;
    if (!Number.isInteger(T) || T < 1 || T > 10)
      throw new AstroError(`T is ${T}; it takes a whole number from 1 to 10`);
    const seen = featuresOf(options.input);
    if (astrocyte.network.inputs !== seen)
      throw new AstroError(
        `the input ${options.input ?? 'weights'} takes an astrocyte that is made with inputs: ${seen}, and this one was made with inputs: ${astrocyte.network.inputs}`,
      );
    super(gpu, layout);
    this.astrocyte = astrocyte;
    this.options = options;
    this.packed = new PackedMaps(gpu, layout.maps);
    astrocyte.network.prepare(this.packed);
    this.scales = options.input === 'scale' ? new NormScales(gpu, layout) : undefined;
    this.taylor = options.input === 'taylor' ? new TaylorTerms(gpu, layout) : undefined;
    this.previous = keep(zeros(gpu, [layout.probabilities], 'previous P'));
    this.errors = Array.from({ length: T }, (_, i) => keep(zeros(gpu, [1], `e${i + 1}`)));
  }

  /**
   * Iteration t, counted from 1: features, AN, U, and the step e from the iteration before, without committing it. Differentiable in the AN's parameters (and W
   * where it records).
   */
  iterate(t: number): Regulated {
    const { astrocyte, groups, options } = this;
    const { mode } = options;
    const before = t === 1 ? undefined : this.gate;
    const p = astrocyte.forward(this.features(t, before), this.packed);
    const length = norm(t === 1 ? p : sub(p, this.previous));
    const e = options.norm === 'mean' ? scale(length, 1 / Math.sqrt(p.size)) : length;
    return { t, p, gate: nextGate(mode, before, groups.spread(p)), e };
  }

  /** What the AN sees at t: one feature a gate or group of gates, or more of them. */
  private features(t: number, before: Tensor | undefined): Tensor {
    const { layout, layers, groups, scales, taylor, options } = this;
    const scaled = scales
      ? noGrad(() => {
          const now = scales.read();
          return before ? mul(before, now) : now;
        })
      : before;
    const weights = layerFeatures(layout, layers, scaled, featureAt(options.feature, t), options.absolute);
    if (options.input === 'gradient')
      return groups.mean(
        add(
          weights,
          noGrad(() => gradientMagnitude(layout, layers)),
        ),
      );
    const seen = groups.mean(weights);
    if (!taylor) return seen;
    const terms = noGrad(() => groups.mean(taylor.read(layers)));
    return reshape(concat([seen, terms], 0), [2, seen.size]);
  }

  /** For the input taylor, until gates are final. */
  override observe(): void {
    if (!this.gatesFinal) this.taylor?.observe();
  }

  /** λ·|eᵗ − eᵗ⁻¹| for t ≥ 2 (docs/method.md §5), and `sparsityWeight` times the mean of Pᵗ (beyond the paper); nothing where both are nothing. */
  penalty({ t, p, e }: Regulated, lambda: number, sparsityWeight = 0): Tensor | undefined {
    const steady = t === 1 || lambda === 0 ? undefined : scale(abs(sub(e, this.errors[t - 2])), lambda);
    const open = sparsityWeight === 0 ? undefined : scale(sum(p), sparsityWeight / p.size);
    return steady && open ? add(steady, open) : (steady ?? open);
  }

  /** Makes an iteration's result the state that the next one starts from. */
  commit({ t, p, gate, e }: Regulated): void {
    copyInto(this.previous, p);
    copyInto(this.gate, gate);
    copyInto(this.errors[t - 1], e);
  }

  /** All T iterations, without gradients: leaves the final gates in `gate`. */
  regulate(): void {
    noGrad(() => {
      for (let t = 1; t <= this.options.T; t++) this.commit(this.iterate(t));
    });
  }

  /** The gates themselves. */
  standing(gate: Tensor): Tensor {
    return gate;
  }

  /** Everything that a resumed run needs, by name. The tensors stay the regulator's. */
  override state(): Map<string, Tensor> {
    const { layout, options } = this;
    const state = new Map(this.committed());
    if (options.input === 'gradient') state.set('seen', layout.network.arena.gradients);
    if (this.taylor) state.set('taylor', this.taylor.average);
    return state;
  }

  private committed(): [string, Tensor][] {
    return [
      ['gate', this.gate],
      ['previous', this.previous],
      ...this.errors.map((e, i): [string, Tensor] => [`e.${i}`, e]),
    ];
  }

  /** Frees its memory on the GPU; network and astrocyte stay. */
  override release(): void {
    super.release();
    for (const owned of [this.previous, ...this.errors, this.scales, this.taylor, this.packed]) owned?.release();
  }
}
