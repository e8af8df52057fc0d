// Logits against labels, on the CPU: what is counted there is counted in float64.
import { AstroError } from '../../gpu/index.ts';

export interface ClassScore {
  label: number;
  images: number;
  accuracy: number;
  /** The class that its misses went to most often. */
  takenFor?: number;
}

export interface Score {
  /** Fraction of images whose class has the highest logit, the first of equal ones. */
  accuracy: number;
  /** Mean cross-entropy, in nats. */
  loss: number;
  perClass: ClassScore[];
}

/** The place of the highest logit of an image, the first of equal ones. Throws AstroError where one is not a number. */
export function argmax(row: Float32Array): number {
  const place = row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  if (place < 0) throw new AstroError('the network gives logits that are not numbers: its weights are damaged');
  return place;
}

/** log Σ exp in float64, of logits of any size. */
function logSumExp(row: Float32Array): number {
  const most = row.reduce((a, b) => Math.max(a, b));
  return most + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
}

/** Softmax in float64. */
export function probabilities(row: Float32Array): Float64Array {
  const all = logSumExp(row);
  return Float64Array.from(row, (logit) => Math.exp(logit - all));
}

/** `logits` are images × classes. */
export function assess(logits: Float32Array, labels: ArrayLike<number>, classes: number): Score {
  const images = logits.length / classes;
  const counts = Array.from({ length: classes }, () => new Uint32Array(classes));
  let loss = 0;
  for (let i = 0; i < images; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    counts[labels[i]][argmax(row)]++;
    loss += logSumExp(row) - row[labels[i]];
  }
  const perClass = counts.map((row, label): ClassScore => {
    const all = row.reduce((a, b) => a + b, 0);
    const misses = row.map((n, to) => (to === label ? 0 : n));
    const most = misses.reduce((a, b) => Math.max(a, b));
    return {
      label,
      images: all,
      accuracy: row[label] / all,
      ...(most > 0 && { takenFor: misses.indexOf(most) }),
    };
  });
  const hits = counts.reduce((sum, row, label) => sum + row[label], 0);
  return { accuracy: hits / images, loss: loss / images, perClass };
}
