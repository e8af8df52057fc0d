// The steps of a guide (docs/method.md §6): regulated every so many of them, under fewer and fewer gates where the part that stays falls, and in the last part under final gates, of which the improbable ones
// are exactly 0.
import type { NetworkGates } from '../../astro/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { scope, type Tensor } from '../../tensor/index.ts';
import { findPart } from './budget.ts';
import { cutOf, FallingCut } from './falling-cut.ts';
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
  /** Of the network's optimizer: see NetworkGates.clearMomentum. */
  momentum?: Tensor;
  /** Whether the gates are what an earlier run left. */
  cutBefore?: boolean;
}

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

/** Runs the steps of a guide, each kind of step one program. Owns their memory; release() it. */
export class GuidedSteps {
  private readonly name: string;
  private readonly gates?: NetworkGates;
  private readonly options: GuidedOptions;
  private readonly programs: Programs;
  private readonly falling?: FallingCut;

  /** `name` is that of the programs. */
  constructor(gpu: Gpu, name: string, gates: NetworkGates | undefined, options: GuidedOptions) {
    this.name = name;
    this.gates = gates;
    this.options = options;
    this.programs = new Programs(gpu);
    const { fallFrom, settleFrom } = options;
    if (gates && fallFrom !== undefined)
      this.falling = new FallingCut(gates, options, { from: fallFrom, end: settleFrom });
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
    if (i === settleFrom && !cutBefore) {
      await cutGates(gates, options);
      gates.clearMomentum(options.momentum);
    }
    if (i < settleFrom) return run(...(await this.moving(i, gates)));
    if (!gates.gatesFinal) await gates.finalizeGates();
    run('NN update under the final gates');
  }

  /** What a step before the structure is final is called, and what becomes of the gates in it. */
  private async moving(i: number, gates: NetworkGates): Promise<[kind: string, regulate?: () => void]> {
    const { falling } = this;
    if (i % this.options.guideEvery !== 0) return ['NN update'];
    if (!falling?.cutsAt(i)) return ['regulation and NN update', () => gates.regulate()];
    await falling.begin(i);
    const regulate = (): void => {
      gates.regulate();
      falling.cut.apply();
      gates.clearMomentum(this.options.momentum);
    };
    return ['regulation, cut and NN update', regulate];
  }

  /** What a resumed run needs, by name. */
  state(): Map<string, Tensor> | undefined {
    return this.falling?.state();
  }

  release(): void {
    this.programs.release();
    this.falling?.release();
  }
}
