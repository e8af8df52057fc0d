// What the sums of a stage say: how much gathered between two readings of them, and means of that.
import type { MetricsSnapshot } from './running-metrics.ts';
import type { Stage, StageSnapshot } from './stage.ts';

/** Means over the steps of a reading; none where nothing was updated. */
export interface StageMeans {
  loss?: number;
  /** A fraction, of the images as they were trained on. */
  trainAccuracy?: number;
  /** Of the astrocyte, where it learns, too. */
  anLoss?: number;
}

/** Means of what a reading has summed. */
export function meansOf({ imagesPerStep }: Pick<Stage, 'imagesPerStep'>, { nn, an }: StageSnapshot): StageMeans {
  return {
    loss: nn.steps > 0 ? nn.loss / nn.steps : undefined,
    trainAccuracy: nn.steps > 0 ? nn.correct / (nn.steps * imagesPerStep) : undefined,
    anLoss: an && an.steps > 0 ? an.loss / an.steps : undefined,
  };
}

/** What gathered between two readings of one epoch. */
export function readingBetween(before: StageSnapshot | undefined, now: StageSnapshot): StageSnapshot {
  const less = (a: MetricsSnapshot, b?: MetricsSnapshot): MetricsSnapshot =>
    b ? { ...a, loss: a.loss - b.loss, correct: a.correct - b.correct, steps: a.steps - b.steps } : a;
  return { nn: less(now.nn, before?.nn), an: now.an && less(now.an, before?.an) };
}
