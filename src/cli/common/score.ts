// Logits against labels, on the CPU: what is counted there is counted in float64.
import { AstroError } from '../../gpu/index.ts';

/** How many guesses a class of an image may take to count in `top5`. */
const GUESSES = 5;

export interface ClassScore {
  label: number;
  images: number;
  /** Of its images, those that were taken for it; NaN without images. */
  accuracy: number;
  /** Of its images, those for which it is among the first five. */
  top5: number;
  /** Of the images taken for it, those that are of it; NaN where there are none. */
  precision: number;
  /** The class that its misses went to most often. */
  takenFor?: number;
}

export interface Score {
  /** That were counted. */
  images: number;
  /** Fraction of images whose class has the highest logit, the first of equal ones. */
  accuracy: number;
  /** Fraction of images whose class is among the five highest logits. */
  top5: number;
  /** Mean cross-entropy, in nats. */
  loss: number;
  perClass: ClassScore[];
  /** Images by their class and by what they were taken for. */
  confusion: Uint32Array[];
}

/** The place of the highest logit of an image, the first of equal ones. Throws AstroError where one is not a number. */
export function argmax(row: Float32Array): number {
  const place = row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  if (place < 0) throw new AstroError('the network gives logits that are not numbers: its weights are damaged');
  return place;
}

/** The places of the `count` highest logits, the highest first, of equal ones the first. Throws as argmax() does. */
export function highest(row: Float32Array, count: number): number[] {
  argmax(row);
  return [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, count);
}

/** How many classes come before one, by logit: 0 for the one that argmax() names. */
const rankOf = (row: Float32Array, label: number): number =>
  row.reduce((rank, logit, i) => rank + Number(logit > row[label] || (logit === row[label] && i < label)), 0);

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

/** Counts images as their logits come, so that no more of them are held than one batch has. */
export class Scorer {
  private readonly classes: number;
  private readonly confusion: Uint32Array[];
  private readonly near: Uint32Array;
  private images = 0;
  private loss = 0;

  constructor(classes: number) {
    this.classes = classes;
    this.confusion = Array.from({ length: classes }, () => new Uint32Array(classes));
    this.near = new Uint32Array(classes);
  }

  /** `logits` are images × classes. Throws as argmax() does. */
  add(logits: Float32Array, labels: ArrayLike<number>): void {
    const { classes, confusion, near } = this;
    const images = logits.length / classes;
    for (let i = 0; i < images; i++) {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      confusion[labels[i]][argmax(row)]++;
      if (rankOf(row, labels[i]) < GUESSES) near[labels[i]]++;
      this.loss += logSumExp(row) - row[labels[i]];
    }
    this.images += images;
  }

  /** What they came to so far. */
  score(): Score {
    const { confusion, near, images, loss, classes } = this;
    const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
    const taken = new Float64Array(classes);
    for (const row of confusion) for (const [to, n] of row.entries()) taken[to] += n;
    const perClass = confusion.map((row, label): ClassScore => {
      const all = sum(row);
      const misses = row.map((n, to) => (to === label ? 0 : n));
      const most = misses.reduce((a, b) => Math.max(a, b));
      return {
        label,
        images: all,
        accuracy: row[label] / all,
        top5: near[label] / all,
        precision: row[label] / taken[label],
        ...(most > 0 && { takenFor: misses.indexOf(most) }),
      };
    });
    const hits = sum(confusion.map((row, label) => row[label]));
    return { images, accuracy: hits / images, top5: sum(near) / images, loss: loss / images, perClass, confusion };
  }
}
