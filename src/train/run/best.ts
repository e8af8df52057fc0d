// The best epoch of an arm: which one it is, by which images, and when an arm has gone on long enough without a better one. All of it follows from the job's
// state, so that a run that was stopped decides as one that was not.
import { basename } from 'node:path';
import { formatPercent } from '../../report/index.ts';
import { choosesEpoch, type JobConfig } from '../config.ts';
import type { EpochResult, Stage } from '../stages/stage.ts';
import { bestFile } from './arm-result.ts';
import type { JobState } from './job-state.ts';

/** An epoch, counted from 1. Accuracies are fractions. */
export interface BestEpoch {
  epoch: number;
  /** What it was chosen by. */
  accuracy: number;
  /** On the test images. */
  test: number;
  by: 'validation' | 'test';
}

type Choice = Pick<JobConfig, 'best' | 'patience'> & Partial<Pick<JobConfig, 'evaluateEvery'>>;

/** Notes an epoch that was better than those before it, and says whether it was. Gates must be final: before, a network has more of them than it will keep. */
export function noteBest(state: JobState, stage: Stage, { accuracy: test, validation }: EpochResult): boolean {
  if (stage.phase !== 'guide' || (stage.regulator && !stage.regulator.gatesFinal)) return false;
  if (test === undefined) return false;
  const accuracy = validation ?? test;
  const before = state.best?.[stage.arm];
  if (before && !(accuracy > before.accuracy)) return false;
  const best: BestEpoch = {
    epoch: state.step / stage.stepsPerEpoch,
    accuracy,
    test,
    by: validation === undefined ? 'test' : 'validation',
  };
  state.best = { ...state.best, [stage.arm]: best };
  return true;
}

/** Has an arm gone on for `patience` epochs without a better one? It ends after one that is evaluated. */
export function isStale(
  { patience, evaluateEvery = 1 }: Choice,
  { best, step }: JobState,
  { arm, phase, stepsPerEpoch, from = 0 }: Stage,
): boolean {
  const found = best?.[arm];
  const epoch = Math.floor(step / stepsPerEpoch);
  return (
    phase === 'guide' &&
    patience !== undefined &&
    found !== undefined &&
    epoch % evaluateEvery === 0 &&
    epoch - Math.max(found.epoch, from) >= patience
  );
}

/** For an arm that ended: its best epoch, and that it ended early. */
export function bestInWords(config: Choice, state: JobState, stage: Stage): string[] {
  const { arm, epochs, stepsPerEpoch } = stage;
  const found = state.best?.[arm];
  if (!choosesEpoch(config) || !found) return [];
  const done = state.step / stepsPerEpoch;
  const percent = (accuracy: number): string => formatPercent(accuracy, 1);
  return [
    `best epoch ${found.epoch}, by ${found.by === 'test' ? 'the test images' : `validation (${percent(found.accuracy)})`}: test ${percent(found.test)}${config.best ? `, in ${basename(bestFile('', arm))}` : ''}`,
    ...(done < epochs ? [`ended after ${done} of ${epochs} epochs, ${config.patience} without a better one`] : []),
  ];
}
