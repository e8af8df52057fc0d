// Which gates stay and what becomes of them (docs/method.md §6): decided on the GPU, so that a captured step regulates, cuts and updates without a readback.
import { needArguments } from '../gpu/index.ts';
import { add, gateFeatures, greaterEqual, mul, notEqual, Ranges, selectLargest, sub } from '../ops/index.ts';
import { copyInto, keep, noGrad, scope, type Tensor, tensor } from '../tensor/index.ts';
import type { GateLayout } from './gate-layout.ts';
import { NetworkGates } from './network-gates.ts';

/** Which gates go first: the smallest of the network; of each layer the same part; or the smallest of the network times the mean |W| that they multiply. Of equal ones those of the smallest |W| in parts of their layer's. */
export type GateRanking = 'network' | 'layer' | 'strength';

/** What a gate that stays is: as it was made, or 1. One that was made 0 is 0. */
export type GateValues = 'probability' | 'binary';

/** How gates are cut. */
export interface GateCutOptions {
  /** Default network. */
  ranking?: GateRanking;
  /** Default probability. */
  values?: GateValues;
  /** Gates below it go, in place of a part of all. */
  threshold?: number;
  /** What each gate costs, whole numbers of less than 2³² together: parts are of costs then, and not of gates. */
  costs?: ArrayLike<number>;
}

/**
 * A cut of a network's gates, which can be made again and again. Owns GPU memory; release() it.
 *
 * @example
 * const cut = new GateCut(regulator, { ranking: 'layer' });
 * cut.keep(0.5);
 * regulator.regulate();
 * cut.apply(); // half of each layer's gates are 0
 */
export class GateCut {
  private readonly gates: NetworkGates;
  private readonly options: GateCutOptions;
  /** What is compared with its own kind: all gates (or groups of them), or those of each layer. */
  private readonly ranges: Ranges;
  /** What all of a range cost, and what those that stay may. */
  private readonly totals: readonly number[];
  private readonly budget: Tensor;
  private readonly costs?: Tensor;

  /** Everything stays until keep() says otherwise. */
  constructor(gates: NetworkGates, options: GateCutOptions = {}) {
    needArguments('GateCut', NetworkGates, { gates });
    const { layout, gate } = gates;
    const { gpu } = gate;
    const lengths = options.ranking === 'layer' ? layout.layers.map(({ length }) => length) : [layout.probabilities];
    const costs = options.costs && costsOf(layout, options.costs);
    let at = 0;
    this.totals = lengths.map((length) => {
      at += length;
      return costs ? costs.subarray(at - length, at).reduce((sum, cost) => sum + cost, 0) : length;
    });
    this.gates = gates;
    this.options = options;
    this.ranges = new Ranges(gpu, lengths, 'gates that are compared');
    this.budget = keep(tensor(gpu, this.totals, [lengths.length], 'what gates may cost', 'u32'));
    this.costs = costs && keep(tensor(gpu, costs, [costs.length], 'costs of gates', 'u32'));
  }

  /** The part, 0 to 1, that stays at the next cut: of the gates to the nearest whole one and one at least, or of their costs, never more. */
  keep(part: number): void {
    const most = (total: number): number =>
      this.costs ? Math.floor(part * total) : Math.max(1, Math.round(part * total));
    this.budget.set(this.totals.map(most));
  }

  /** Makes the committed gates that do not fit exactly 0. A plain recording, right after regulate(). */
  apply(): void {
    noGrad(() => scope(() => copyInto(this.gates.gate, this.made())));
  }

  /**
   * What a cut leaves of gates, f32 [gates]: of the committed ones, unless others are given. Differentiable in those that stay, as if binary ones were what they were made.
   */
  made(gate = this.gates.gate): Tensor {
    const binary = this.options.values === 'binary';
    const stays = noGrad(() => scope(() => (binary ? mul(this.staying(gate), notEqual(gate, 0)) : this.staying(gate))));
    if (!binary) return mul(stays, gate);
    return gate.requiresGrad ? mul(stays, add(sub(gate, gate.detach()), 1)) : stays;
  }

  /** 1 for each gate that stays, 0 for the others. */
  private staying(gate: Tensor): Tensor {
    const { gates, options, budget, ranges, costs } = this;
    const { groups, layout } = gates;
    if (options.threshold !== undefined) return greaterEqual(gate, options.threshold);
    const scores =
      options.ranking === 'strength'
        ? mul(gate, gateFeatures(layout.weights, { kind: 'avg', absolute: true }))
        : gates.standing(gate);
    // Saturated and hard gates are equal by the thousand: by their places the last layers would go as a whole.
    const ties = gates.astrocyte && groups.mean(gates.sizes());
    return groups.spread(selectLargest(groups.mean(scores), budget, ranges, { costs, ties }));
  }

  /** Frees its memory on the GPU; the gates stay. */
  release(): void {
    for (const owned of [this.ranges, this.budget, this.costs]) owned?.release();
  }
}

/** Of costs of gates, those of what is chosen among. */
function costsOf({ groups }: GateLayout, costs: ArrayLike<number>): Uint32Array {
  if (!groups) return Uint32Array.from(costs);
  const sums = new Uint32Array(groups.count);
  for (const [i, group] of groups.of.entries()) sums[group] += costs[i];
  return sums;
}
