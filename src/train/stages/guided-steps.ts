// The steps of a guide (docs/method.md §6): regulated every so many of them, and in the last part under final gates, of which the improbable ones are exactly 0.
import type { Regulator } from '../../astro/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { scope } from '../../tensor/index.ts';
import type { Cut } from './gate-summary.ts';
import { Programs } from './programs.ts';

/** When gates move, and where they are cut. */
export interface GuidedOptions extends Cut {
  /** Steps between two regulations. */
  guideEvery: number;
  /** The first step under the final structure; 0 where the gates are final from the beginning. */
  settleFrom: number;
  /** Whether the gates are what an earlier run left. */
  cutBefore?: boolean;
}

/** The final structure: the gates as they are now, the improbable ones exactly 0. */
export async function cutGates(regulator: Regulator, { keep, threshold }: Cut): Promise<void> {
  scope(() => regulator.regulate());
  regulator.dropBelow(keep === undefined ? threshold : await regulator.quantile(keep));
  await regulator.finalizeGates();
}

/** Runs the steps of a guide, each kind of step one program. Owns their memory; release() it. */
export class GuidedSteps {
  private readonly name: string;
  private readonly regulator?: Regulator;
  private readonly options: GuidedOptions;
  private readonly programs: Programs;

  /** `name` is that of the programs. */
  constructor(gpu: Gpu, name: string, regulator: Regulator | undefined, options: GuidedOptions) {
    this.name = name;
    this.regulator = regulator;
    this.options = options;
    this.programs = new Programs(gpu);
  }

  /** Was no step run yet? */
  get none(): boolean {
    return this.programs.none;
  }

  /** Step `i`: draws a batch by `next`, regulates where it is time, and makes the `update`. */
  async step(i: number, next: () => void, update: () => void): Promise<void> {
    const { regulator, options } = this;
    const { settleFrom, guideEvery, cutBefore = false } = options;
    const run = (kind: string, regulate?: () => void): void =>
      this.programs.run(`${this.name} ${kind}`, () => {
        next();
        if (regulate) scope(regulate);
        update();
      });
    if (!regulator) return run('NN update');
    if (i === settleFrom && !cutBefore) await cutGates(regulator, options);
    if (i < settleFrom)
      return i % guideEvery === 0 ? run('regulation and NN update', () => regulator.regulate()) : run('NN update');
    if (!regulator.gatesFinal) await regulator.finalizeGates();
    run('NN update under the final gates');
  }

  release(): void {
    this.programs.release();
  }
}
