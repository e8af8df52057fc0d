// Where a job stands: what a checkpoint keeps beside tensors, and the same for people, as a line of progress and a row of metrics.
import type { ArmResult, MetricRow, RegulationErrors } from '../../report/index.ts';
import type { EpochResult, Stage, StageReading } from '../stages/stage.ts';
import type { ProgressState } from './progress.ts';
import type { StagePlan } from './stage-factory.ts';

export interface JobState {
  stage: number;
  /** Steps done in this stage. */
  step: number;
  /** Steps done in the whole job. */
  steps: number;
  /** Seconds spent in this stage. */
  seconds: number;
  arms: ArmResult[];
  regulation: RegulationErrors[];
}

export const atStart = (): JobState => ({ stage: 0, step: 0, steps: 0, seconds: 0, arms: [], regulation: [] });

export const isFinished = (plan: readonly StagePlan[], standing: JobState): boolean => standing.stage >= plan.length;

/** Averages over the running epoch; `undefined` where nothing was updated yet. */
function means({ imagesPerStep }: Stage, { nn, an }: StageReading) {
  return {
    loss: nn.steps > 0 ? nn.loss / nn.steps : undefined,
    trainAccuracy: nn.steps > 0 ? nn.correct / (nn.steps * imagesPerStep) : undefined,
    anLoss: an && an.steps > 0 ? an.loss / an.steps : undefined,
  };
}

/** For the display. `images` counts what this process worked through. */
export function progressOf(
  plan: readonly StagePlan[],
  standing: JobState,
  stage: Stage,
  reading: StageReading,
  images: number,
): ProgressState {
  const { loss, anLoss, trainAccuracy } = means(stage, reading);
  const { arm, phase, epochs, stepsPerEpoch: steps } = stage;
  const { step } = standing;
  const work = plan.map((part) => part.work);
  const sum = (parts: number[]): number => parts.reduce((a, b) => a + b, 0);
  const worked = sum(work.slice(0, standing.stage)) + (work[standing.stage] * step) / (epochs * steps);
  return {
    arm,
    phase,
    epoch: Math.ceil(step / steps),
    epochs,
    step: step % steps || steps,
    steps,
    images,
    done: worked / sum(work),
    losses: { loss, 'AN loss': anLoss },
    accuracies: { 'train accuracy': trainAccuracy },
  };
}

/** For metrics.jsonl, after an epoch. */
export function metricsOf(
  standing: JobState,
  stage: Stage,
  reading: StageReading,
  { accuracy, e = [] }: EpochResult,
): MetricRow {
  return {
    stage: standing.stage,
    arm: stage.arm,
    phase: stage.phase,
    epoch: standing.step / stage.stepsPerEpoch,
    step: standing.step * stage.updatesPerStep,
    accuracy,
    ...means(stage, reading),
    ...Object.fromEntries(e.map((value, i) => [`e${i + 1}`, value])),
  };
}

/** Keeps the first and the last epoch's line of e for each arm. */
export function noteRegulation(standing: JobState, { arm, phase, stepsPerEpoch }: Stage, e: number[]): void {
  const name = `${arm}, ${phase}`;
  const kept = standing.regulation.filter((line) => line.arm !== name || line.label === 'epoch 1');
  standing.regulation = [...kept, { arm: name, e, label: `epoch ${standing.step / stepsPerEpoch}` }];
}
