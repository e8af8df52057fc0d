// The search on a module of one's own (docs/method.md §6): module and astrocyte learn in turn, each from batches of its own. The astrocyte kept is the one under
// which the loss on held-out batches was least.
import type { Astrocyte } from '../../astro/index.ts';
import type { BatchSource } from '../../data/index.ts';
import { BATCH_STATS, TRAIN } from '../../nn/index.ts';
import { copyInto, copyOf, keep, scope } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';
import { Programs } from '../stages/programs.ts';
import { searchStep } from '../stages/search-step.ts';
import { type Learner, passesOf } from '../stages/updates.ts';
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

/** A search on a module of one's own. A step is a pair of batches through all T iterations. */
export interface OwnSearch<B>
  extends OwnTraining<B>,
    Partial<Pick<JobConfig, 'lambda' | 'sparsityWeight' | 'updates'>> {
  /** What the astrocyte learns from, and the module does not: see splitForSearch. */
  heldOut: BatchSource<B>;
}

/** Runs it, and leaves the best astrocyte and its gates. Returns what each look found. */
export async function searchOwn<B>(
  attachment: Attachment & { astrocyte: Astrocyte; an: Required<Learner> },
  options: OwnSearch<B>,
): Promise<OwnProgress[]> {
  const { gpu, regulator, astrocyte, an } = attachment;
  const { train, heldOut, loss, onProgress } = options;
  const { steps, every } = lengthOf(options);
  const updates = settingOf(options, 'updates');
  const nn = moduleLearner(attachment, steps * (updates === 'each' ? regulator.options.T : 1), options);
  const programs = new Programs(gpu);
  regulator.reopenGates();
  const best = { loss: Number.POSITIVE_INFINITY, values: keep(copyOf(astrocyte.arena.values)) };
  const found: OwnProgress[] = [];
  try {
    for (let step = 1; step <= steps; step++) {
      await train.prepare?.();
      await heldOut.prepare?.();
      programs.run('search step', () => {
        train.next();
        heldOut.next();
        searchStep(regulator, {
          updates,
          lambda: settingOf(options, 'lambda'),
          sparsityWeight: settingOf(options, 'sparsityWeight'),
          nn: { learner: nn, run: lossIn(loss, train, TRAIN), passes: passesOf(train) },
          an: { learner: an, run: lossIn(loss, heldOut, BATCH_STATS), passes: passesOf(heldOut) },
        });
      });
      if (step % every !== 0 && step < steps) continue;
      const losses = {
        loss: await readLoss(nn.metrics, 'module', 'search'),
        anLoss: await readLoss(an.metrics, 'astrocyte', 'search'),
      };
      scope(() => regulator.regulate());
      await recalibrateOwn(attachment, options);
      const judged = await meanLoss(attachment, heldOut, loss);
      if (judged < best.loss) {
        best.loss = judged;
        copyInto(best.values, astrocyte.arena.values);
      }
      found.push({ phase: 'search', step, ...losses, heldOut: judged, e: await readErrors(regulator) });
      onProgress?.(found[found.length - 1]);
    }
    copyInto(astrocyte.arena.values, best.values);
    scope(() => regulator.regulate());
  } finally {
    for (const part of [programs, nn, best.values]) part.release();
  }
  return found;
}
