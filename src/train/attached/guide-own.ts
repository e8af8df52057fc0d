// The guide on a module of one's own (docs/method.md §6): it trains under the frozen astrocyte, and in the last part of the steps under its final gates.
import type { BatchSource } from '../../data/index.ts';
import { TRAIN } from '../../nn/index.ts';
import { checkCut, cutThreshold, type JobConfig } from '../config.ts';
import { budgetOf } from '../stages/budget.ts';
import type { Cut } from '../stages/gate-summary.ts';
import { cutGates, GuidedSteps } from '../stages/guided-steps.ts';
import { nnUpdate, passesOf } from '../stages/updates.ts';
import {
  type Attachment,
  lengthOf,
  lossIn,
  meanLoss,
  moduleLearner,
  type OwnProgress,
  type OwnTraining,
  readErrors,
  readLoss,
  recalibrateOwn,
  settingOf,
} from './own-task.ts';

/** A guide of a module of one's own. */
export interface OwnGuide<B>
  extends OwnTraining<B>,
    Partial<
      Pick<
        JobConfig,
        | 'guideEvery'
        | 'settle'
        | 'threshold'
        | 'keep'
        | 'targetParams'
        | 'targetFlops'
        | 'fall'
        | 'ranking'
        | 'gateValues'
      >
    > {
  /** What the module is judged by at each look. */
  heldOut?: BatchSource<B>;
  /** Begins with the values that the module had before the search (docs/method.md §6), and not with those that the search left. Default true. */
  fresh?: boolean;
}

/** Runs it, and leaves the final gates, unless `settle` is 0 and nothing says how gates are cut. Returns what each look found. */
export async function guideOwn<B>(attachment: Attachment, options: OwnGuide<B>): Promise<OwnProgress[]> {
  const { gpu, regulator } = attachment;
  const { train, heldOut, loss, threshold, fall, onProgress } = options;
  const { steps, every } = lengthOf(options);
  const { mode, T } = regulator.options;
  const settle = settingOf(options, 'settle');
  const ranking = settingOf(options, 'ranking');
  checkCut({ ...options, settle, ranking, gate: regulator.layout.kind });
  const cut: Cut = {
    budget: budgetOf(options, regulator),
    threshold: cutThreshold({ mode, T, threshold }),
    ranking,
    gateValues: settingOf(options, 'gateValues'),
  };
  const settleFrom = Math.round(steps * (1 - settle));
  const said = [threshold, options.keep, options.targetParams, options.targetFlops, options.gateValues];
  const cuts = settle > 0 || said.some((value) => value !== undefined);
  regulator.reopenGates();
  const learner = moduleLearner(attachment, steps, options);
  const guided = new GuidedSteps(gpu, 'guide', regulator, {
    ...cut,
    guideEvery: settingOf(options, 'guideEvery'),
    momentum: learner.optimizer.momentum,
    settleFrom,
    ...(fall !== undefined && { fallFrom: Math.round(steps * fall) }),
  });
  const found: OwnProgress[] = [];
  try {
    for (let step = 1; step <= steps; step++) {
      await train.prepare?.();
      await guided.step(
        step - 1,
        () => train.next(),
        () => nnUpdate(learner, lossIn(loss, train, TRAIN), regulator, { passes: passesOf(train) }),
      );
      if (step === steps && settleFrom >= steps && cuts) await cutGates(regulator, cut);
      if (step % every !== 0 && step < steps) continue;
      const mean = await readLoss(learner.metrics, 'module', 'guide');
      await recalibrateOwn(attachment, options);
      const judged = heldOut && (await meanLoss(attachment, heldOut, loss));
      found.push({ phase: 'guide', step, loss: mean, heldOut: judged, e: await readErrors(regulator) });
      onProgress?.(found[found.length - 1]);
    }
  } finally {
    for (const part of [guided, learner]) part.release();
  }
  return found;
}
