// Where a job stands: what a checkpoint keeps beside tensors, and the same for people, as a line of progress and a row of metrics.
import * as v from 'valibot';
import { ImageDecodeError, pictureOf, type TaskImages } from '../../data/index.ts';
import type { ArmResult, Example, MetricRow, RegulationErrors } from '../../report/index.ts';
import type { Prediction } from '../stages/evaluate.ts';
import { meansOf } from '../stages/readings.ts';
import type { EpochResult, Stage, StageSnapshot } from '../stages/stage.ts';
import type { ArmTime } from './arm-time.ts';
import type { BestEpoch } from './best.ts';
import type { ProgressState } from './progress.ts';
import { savedCount as count, savedNumber as number } from './saved-values.ts';
import type { StagePlan } from './stage-plan.ts';

export interface JobState {
  stage: number;
  /** Steps done in this stage. */
  step: number;
  /** Steps done in the whole job. */
  steps: number;
  /** Seconds spent in this stage. */
  seconds: number;
  /** And how they were spent. */
  time?: ArmTime;
  arms: ArmResult[];
  regulation: RegulationErrors[];
  /** The sums of the running epoch when its last row of metrics was written. */
  logged?: StageSnapshot;
  /** The best epoch of each arm so far, where one is chosen. */
  best?: Record<string, BestEpoch>;
  /** Epochs of the guide in all, for each time that a finished run was extended. */
  extensions?: number[];
  /** What each arm takes the example images for. */
  examples?: { arm: string; predictions: Prediction[] }[];
}

const cost = v.looseObject({
  parameters: number,
  flops: number,
  milliseconds: number,
  low: v.optional(number),
  high: v.optional(number),
});
const spread = v.looseObject({ median: number, low: number, high: number });
const pace = v.looseObject({ count, seconds: number, clean: v.looseObject({ count, seconds: number }) });
const sums = v.looseObject({ loss: number, correct: count, steps: count, badStep: count });

const GATES: readonly NonNullable<ArmResult['gate']>[] = ['connection', 'filter', 'channel'];
const ROLES: readonly NonNullable<ArmResult['role']>[] = ['plain', 'random', 'trained', 'paper', 'magnitude', 'narrow'];

/** An arm's row of the table, in a file. */
export const ARM_RESULT = v.looseObject({
  arm: v.string(),
  accuracy: number,
  parametersTotal: number,
  parametersKept: number,
  parametersStructural: number,
  updates: number,
  seconds: number,
  note: v.exactOptional(v.string()),
  role: v.exactOptional(v.picklist(ROLES)),
  gate: v.exactOptional(v.picklist(GATES)),
  answers: v.exactOptional(v.string()),
  compact: v.exactOptional(
    v.union(
      [
        v.looseObject({ failure: v.string() }),
        v.looseObject({
          ...{ accuracy: number, before: cost, after: cost },
          ...{ time: v.exactOptional(spread), processorTime: v.exactOptional(spread) },
        }),
      ],
      'accuracy, before and after, or a failure',
    ),
  ),
});

/** What a checkpoint says of its job. */
export const JOB_STATE = v.looseObject({
  stage: count,
  step: count,
  steps: count,
  seconds: number,
  time: v.exactOptional(v.looseObject({ steps: pace, ends: pace })),
  arms: v.array(ARM_RESULT),
  regulation: v.array(v.looseObject({ arm: v.string(), e: v.array(number), label: v.string() })),
  extensions: v.exactOptional(v.array(count)),
  logged: v.exactOptional(v.looseObject({ nn: sums, an: v.exactOptional(sums) })),
  best: v.exactOptional(
    v.record(
      v.string(),
      v.looseObject({ epoch: count, accuracy: number, test: number, by: v.picklist(['validation', 'test']) }),
    ),
  ),
  examples: v.exactOptional(
    v.array(
      v.looseObject({
        arm: v.string(),
        predictions: v.array(v.looseObject({ image: count, label: count, probability: number })),
      }),
    ),
  ),
});

export const atStart = (): JobState => ({ stage: 0, step: 0, steps: 0, seconds: 0, arms: [], regulation: [] });

export const isFinished = (plan: readonly StagePlan[], state: JobState): boolean => state.stage >= plan.length;

/** For the display. `images` counts what this process worked through. */
export function progressOf(
  plan: readonly StagePlan[],
  state: JobState,
  stage: Stage,
  reading: StageSnapshot,
  images: number,
): ProgressState {
  const { loss, anLoss, trainAccuracy } = meansOf(stage, reading);
  const { arm, phase, epochs, from = 0, stepsPerEpoch: steps } = stage;
  const { step } = state;
  const work = plan.map((part) => part.work);
  const sum = (parts: number[]): number => parts.reduce((a, b) => a + b, 0);
  const worked =
    sum(work.slice(0, state.stage)) + (work[state.stage] * (step - from * steps)) / ((epochs - from) * steps);
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

/** What every row of metrics.jsonl says. `imagesPerSecond` is of the same steps as the reading. */
function rowOf(state: JobState, stage: Stage, reading: StageSnapshot, imagesPerSecond: number) {
  return {
    stage: state.stage,
    arm: stage.arm,
    phase: stage.phase,
    epoch: state.step / stage.stepsPerEpoch,
    step: state.step * stage.updatesPerStep,
    ...meansOf(stage, reading),
    ...stage.rates(state.step),
    imagesPerSecond: Number(imagesPerSecond.toPrecision(4)),
    seconds: Number(state.seconds.toFixed(3)),
    time: new Date().toISOString(),
  };
}

/** For metrics.jsonl, after some steps. */
export const stepRow = (...of: Parameters<typeof rowOf>): MetricRow => ({ level: 'step', ...rowOf(...of) });

/** For metrics.jsonl, after an epoch. */
export const epochRow = (
  { accuracy, loss, leftOut, validation, e = [], gates }: EpochResult,
  ...of: Parameters<typeof rowOf>
): MetricRow => ({
  level: 'epoch',
  ...rowOf(...of),
  accuracy,
  evalLoss: loss,
  ...(leftOut && { leftOut }),
  validationAccuracy: validation,
  ...(gates && { gateMean: gates.mean, sparsity: gates.sparsity }),
  ...Object.fromEntries(e.map((value, i) => [`e${i + 1}`, value])),
});

/** Keeps the first and the last epoch's line of e for each arm. */
export function noteRegulation(state: JobState, { arm, phase, stepsPerEpoch }: Stage, e: number[]): void {
  const name = `${arm}, ${phase}`;
  const kept = state.regulation.filter((line) => line.arm !== name || line.label === 'epoch 1');
  state.regulation = [...kept, { arm: name, e, label: `epoch ${state.step / stepsPerEpoch}` }];
}

/** A picture that cannot be decoded is no example. */
function odd(error: unknown): undefined {
  if (!(error instanceof ImageDecodeError)) throw error;
}

/** The example images with what each arm takes them for, but for those that cannot be decoded. */
export async function examplesOf({ examples = [] }: JobState, test: TaskImages): Promise<Example[]> {
  const { height, width, classes, count } = test;
  const shown = new Set(examples.flatMap(({ predictions }) => predictions.map(({ image }) => image)));
  const found: Example[] = [];
  for (const image of shown) {
    if (image >= count) continue;
    const picture = await pictureOf(test, image).catch(odd);
    if (!picture) continue;
    const { pixels, label } = picture;
    const predictions = examples.flatMap(({ arm, predictions }) =>
      predictions
        .filter((prediction) => prediction.image === image)
        .map(({ label, probability }) => ({ arm, label: classes[label] ?? `class ${label}`, probability })),
    );
    found.push({ pixels, height, width, label: classes[label], predictions });
  }
  return found;
}
