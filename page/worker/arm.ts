// One arm of the comparison in one phase: where it stands, which outlives a lost device, and what of it is on the GPU.
import type { Astrocyte } from 'astrogpu/astro';
import type { DeviceData } from 'astrogpu/data';
import type { Gpu } from 'astrogpu/gpu';
import { createModel } from 'astrogpu/models';
import type { StateTensor, StoredTensor } from 'astrogpu/nn';
import {
  buildStage,
  checkGates,
  createAstrocyte,
  type Evaluator,
  gatesOf,
  type JobConfig,
  networkGates,
  networkOptions,
  partsOfStage,
  restoreValues,
  type Stage,
  type StagePlan,
  type StageSnapshot,
  storedParts,
} from 'astrogpu/train';
import type { ArmId, Phase } from '../protocol.ts';

/** A stage at one of its steps, in the memory of the host. */
export interface Kept {
  step: number;
  /** By name, as partsOfStage() has them. */
  tensors: ReadonlyMap<string, StoredTensor>;
  /** Were the gates final? */
  final: boolean;
}

/** Where an arm stands in a phase. */
export interface Track {
  readonly id: ArmId;
  readonly phase: Phase;
  readonly plan: StagePlan;
  /** Steps done. */
  step: number;
  kept?: Kept;
  /** The last event of progress: at which step, and what the sums of the epoch were then. */
  told: { step: number; reading?: StageSnapshot };
  /** Epochs that were told. */
  epochs: number;
}

export const trackOf = (plan: StagePlan): Track => ({
  id: plan.role as ArmId,
  phase: plan.phase,
  plan,
  step: 0,
  told: { step: 0 },
  epochs: 0,
});

/** What the stages of a training share on a GPU. */
export interface Ground {
  gpu: Gpu;
  config: JobConfig;
  train: DeviceData;
  evaluator: Evaluator;
}

/** Images at once in an evaluation, where they fit. */
export const EVALUATION_BATCH = 250;

/** An arm on the GPU. Owns its memory there; release() it. */
export class Arm {
  readonly track: Track;
  readonly stage: Stage;
  private readonly parts: { release(): void }[];

  private constructor(track: Track, stage: Stage, parts: { release(): void }[]) {
    this.track = track;
    this.stage = stage;
    this.parts = parts;
  }

  /** Makes an arm, or makes it again as it was kept, else from its beginning. `found` is the astrocyte that the search has found. Throws AstroError where the adapter cannot have it. */
  static async build(ground: Ground, track: Track, classes: number, found?: Map<string, StateTensor>): Promise<Arm> {
    const { gpu, config, train, evaluator } = ground;
    const { arm, phase, regulated, astrocyte: start } = track.plan;
    const { model, width, seed, precision } = config;
    const parts: { release(): void }[] = [];
    try {
      const network = createModel(model, { classes, width, size: train.height, ...networkOptions(config) });
      parts.unshift(network.to(gpu, seed, { precision }));
      const layout = regulated ? gatesOf(network, config) : undefined;
      const hasAstrocyte = start !== 'none';
      if (layout) checkGates(gpu, config, { layout, hasAstrocyte, size: train.height });
      let astrocyte: Astrocyte | undefined;
      if (layout && hasAstrocyte) {
        astrocyte = createAstrocyte(gpu, config, layout, start === 'found' ? found : undefined);
        parts.unshift(astrocyte);
      }
      const gates = layout && networkGates(gpu, config, layout, astrocyte);
      if (gates) parts.unshift(gates);
      const material = { gpu, config, arm, network, gates, train, evaluator, evaluationBatch: EVALUATION_BATCH };
      const stage = buildStage(phase, material);
      parts.unshift(stage);
      const made = new Arm(track, stage, parts);
      track.step = track.kept?.step ?? 0;
      if (track.kept) await made.restore(track.kept);
      return made;
    } catch (error) {
      for (const part of parts) part.release();
      throw error;
    }
  }

  get steps(): number {
    return this.stage.epochs * this.stage.stepsPerEpoch;
  }

  get done(): boolean {
    return this.track.step >= this.steps;
  }

  /** Reads all back that it needs to go on from where it is. */
  async keep(): Promise<Kept> {
    const { stage, track } = this;
    const tensors = await storedParts(partsOfStage(stage));
    return { step: track.step, tensors, final: stage.regulator?.gatesFinal ?? false };
  }

  /** Puts it back to where it was. */
  async restore({ tensors, final }: Kept): Promise<void> {
    const { stage } = this;
    restoreValues({ file: 'the kept training', tensors }, partsOfStage(stage));
    stage.regulator?.reopenGates();
    if (final) await stage.regulator?.finalizeGates();
  }

  release(): void {
    for (const part of this.parts) part.release();
  }
}
