// A cut of which less stays from step to step, until what stays is what is to stay in the end (docs/method.md §6).
import { GateCut, type NetworkGates } from '../../astro/index.ts';
import { keep, scope, type Tensor, zeros } from '../../tensor/index.ts';
import { type Budget, findPart } from './budget.ts';
import { stayingAt } from './fall.ts';
import type { Cut } from './gate-summary.ts';

/** The cut that options ask for: all stays until it is told otherwise. */
export const cutOf = (gates: NetworkGates, { budget, threshold, ranking, gateValues: values }: Cut): GateCut =>
  new GateCut(gates, { ranking, values, costs: budget?.costs, ...(!budget && { threshold }) });

/** A cut by the step. Owns GPU memory; release() it. */
export class FallingCut {
  /** As the last step has it that was begun. */
  readonly cut: GateCut;
  private readonly gates: NetworkGates;
  private readonly budget?: Budget;
  private readonly from: number;
  private readonly end: number;
  /** f32 [1]: the part that stays in the end, where it has to be found; 0 until it is. */
  private readonly found: Tensor;
  private part?: number;

  /** It falls from step `from` to step `end`. */
  constructor(gates: NetworkGates, options: Cut, { from, end }: { from: number; end: number }) {
    this.gates = gates;
    this.cut = cutOf(gates, options);
    this.budget = options.budget;
    this.from = from;
    this.end = end;
    this.found = keep(zeros(gates.gate.gpu, [1], 'part that stays'));
  }

  /** Is anything cut in step `i`? */
  cutsAt(i: number): boolean {
    return i >= this.from;
  }

  /** Says what stays in step `i`, which cuts. The first time the gates may be made anew. */
  async begin(i: number): Promise<void> {
    const { cut, budget, from, end } = this;
    if (!budget) return;
    this.part ??= await this.find(budget);
    cut.keep(stayingAt(i, { from, end, share: this.part }));
  }

  private async find(budget: Budget): Promise<number> {
    const known = budget.part ?? (await this.found.item());
    if (known > 0) return known;
    scope(() => this.gates.regulate());
    const part = await findPart(this.gates, this.cut, budget);
    this.found.set([part]);
    return part;
  }

  /** What a resumed run needs, by name. */
  state(): Map<string, Tensor> | undefined {
    return this.budget?.search && new Map([['part', this.found]]);
  }

  /** Frees its memory on the GPU; the gates stay. */
  release(): void {
    for (const owned of [this.cut, this.found]) owned.release();
  }
}
