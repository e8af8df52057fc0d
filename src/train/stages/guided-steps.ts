// The steps of a guide (docs/method.md §6): regulated every so many of them, under fewer and fewer gates where the part that stays falls, and in the last part under final gates, of which the improbable ones
// are exactly 0.
import { GateCut, type NetworkGates } from '../../astro/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { keep, scope, type Tensor, zeros } from '../../tensor/index.ts';
import { type Budget, findPart } from './budget.ts';
import { stayingAt } from './fall.ts';
import type { Cut } from './gate-summary.ts';
import { Programs } from './programs.ts';

/** When gates move, and where they are cut. */
export interface GuidedOptions extends Cut {
  /** Steps between two regulations. */
  guideEvery: number;
  /** The first step under the final structure; 0 where the gates are final from the beginning. */
  settleFrom: number;
  /** The step at which the part that stays begins to fall, until `settleFrom`. Default: it does not, and the gates are cut once. */
  fallFrom?: number;
  /** Whether the gates are what an earlier run left. */
  cutBefore?: boolean;
}

const cutOf = (gates: NetworkGates, { budget, threshold, ranking, gateValues: values }: Cut): GateCut =>
  new GateCut(gates, { ranking, values, costs: budget?.costs, ...(!budget && { threshold }) });

/** The final structure: the gates made anew, unless `regulates` is false, and the improbable ones exactly 0. */
export async function cutGates(gates: NetworkGates, options: Cut, { regulates = true } = {}): Promise<void> {
  const cut = cutOf(gates, options);
  try {
    if (regulates) scope(() => gates.regulate());
    if (options.budget) cut.keep(await findPart(gates, cut, options.budget));
    cut.apply();
  } finally {
    cut.release();
  }
  await gates.finalizeGates();
}

/** What stays in the end of a fall: found when it begins, and part of what is saved. */
interface Falling {
  cut: GateCut;
  budget: Budget;
  /** f32 [1]: the part; 0 until it is known. */
  found: Tensor;
  part?: number;
}

/** Runs the steps of a guide, each kind of step one program. Owns their memory; release() it. */
export class GuidedSteps {
  private readonly name: string;
  private readonly gates?: NetworkGates;
  private readonly options: GuidedOptions;
  private readonly programs: Programs;
  private readonly falling?: Falling;

  /** `name` is that of the programs. */
  constructor(gpu: Gpu, name: string, gates: NetworkGates | undefined, options: GuidedOptions) {
    this.name = name;
    this.gates = gates;
    this.options = options;
    this.programs = new Programs(gpu);
    const { fallFrom, budget } = options;
    if (!gates || fallFrom === undefined || !budget) return;
    this.falling = { cut: cutOf(gates, options), budget, found: keep(zeros(gpu, [1], 'part that stays')) };
  }

  /** Was no step run yet? */
  get none(): boolean {
    return this.programs.none;
  }

  /** Step `i`: draws a batch by `next`, regulates and cuts where it is time, and makes the `update`. */
  async step(i: number, next: () => void, update: () => void): Promise<void> {
    const { gates, options } = this;
    const { settleFrom, cutBefore = false } = options;
    const run = (kind: string, regulate?: () => void): void =>
      this.programs.run(`${this.name} ${kind}`, () => {
        next();
        if (regulate) scope(regulate);
        update();
      });
    if (!gates) return run('NN update');
    if (i === settleFrom && !cutBefore) await cutGates(gates, options);
    if (i < settleFrom) return run(...(await this.moving(i, gates)));
    if (!gates.gatesFinal) await gates.finalizeGates();
    run('NN update under the final gates');
  }

  /** What a step before the structure is final is called, and what becomes of the gates in it. */
  private async moving(i: number, gates: NetworkGates): Promise<[kind: string, regulate?: () => void]> {
    const { guideEvery, settleFrom, fallFrom = settleFrom } = this.options;
    const { falling } = this;
    if (i % guideEvery !== 0) return ['NN update'];
    if (!falling || i < fallFrom) return ['regulation and NN update', () => gates.regulate()];
    const { cut } = falling;
    const share = await this.end(gates, falling);
    cut.keep(stayingAt(i, { from: fallFrom, end: settleFrom, share }));
    const regulate = (): void => {
      gates.regulate();
      cut.apply();
    };
    return ['regulation, cut and NN update', regulate];
  }

  /** The part that stays in the end, as was found when the fall began. */
  private async end(gates: NetworkGates, falling: Falling): Promise<number> {
    if (falling.part !== undefined) return falling.part;
    const { cut, budget, found } = falling;
    let part = budget.part ?? (await found.item());
    if (part === 0) {
      scope(() => gates.regulate());
      part = await findPart(gates, cut, budget);
      found.set([part]);
    }
    falling.part = part;
    return part;
  }

  /** What a resumed run needs, by name. */
  state(): Map<string, Tensor> | undefined {
    return this.falling?.budget.search && new Map([['part', this.falling.found]]);
  }

  release(): void {
    this.programs.release();
    this.falling?.cut.release();
    this.falling?.found.release();
  }
}
