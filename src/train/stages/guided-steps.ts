// The steps of a guide (docs/method.md §6): regulated every so many of them, under fewer and fewer gates where the part that stays falls, and in the last part under final gates, of which the improbable ones
// are exactly 0.
import { GateCut, type NetworkGates } from '../../astro/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { scope } from '../../tensor/index.ts';
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

const cutOf = (gates: NetworkGates, { keep, threshold, ranking, gateValues: values }: Cut): GateCut => {
  const cut = new GateCut(gates, { ranking, values, ...(keep === undefined && { threshold }) });
  if (keep !== undefined) cut.keep(keep);
  return cut;
};

/** The final structure: the gates made anew, unless `regulates` is false, and the improbable ones exactly 0. */
export async function cutGates(gates: NetworkGates, options: Cut, { regulates = true } = {}): Promise<void> {
  const cut = cutOf(gates, options);
  if (regulates) scope(() => gates.regulate());
  cut.apply();
  cut.release();
  await gates.finalizeGates();
}

/** Runs the steps of a guide, each kind of step one program. Owns their memory; release() it. */
export class GuidedSteps {
  private readonly name: string;
  private readonly gates?: NetworkGates;
  private readonly options: GuidedOptions;
  private readonly programs: Programs;
  private readonly cut?: GateCut;

  /** `name` is that of the programs. */
  constructor(gpu: Gpu, name: string, gates: NetworkGates | undefined, options: GuidedOptions) {
    this.name = name;
    this.gates = gates;
    this.options = options;
    this.programs = new Programs(gpu);
    if (gates && options.fallFrom !== undefined) this.cut = cutOf(gates, options);
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
    if (i < settleFrom) return run(...this.moving(i, gates));
    if (!gates.gatesFinal) await gates.finalizeGates();
    run('NN update under the final gates');
  }

  /** What a step before the structure is final is called, and what becomes of the gates in it. */
  private moving(i: number, gates: NetworkGates): [kind: string, regulate?: () => void] {
    const { guideEvery, settleFrom, fallFrom = settleFrom, keep = 1 } = this.options;
    const { cut } = this;
    if (i % guideEvery !== 0) return ['NN update'];
    if (!cut || i < fallFrom) return ['regulation and NN update', () => gates.regulate()];
    cut.keep(stayingAt(i, { from: fallFrom, end: settleFrom, share: keep }));
    const regulate = (): void => {
      gates.regulate();
      cut.apply();
    };
    return ['regulation, cut and NN update', regulate];
  }

  release(): void {
    this.programs.release();
    this.cut?.release();
  }
}
