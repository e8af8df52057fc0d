// Mixup (Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018) and CutMix (Yun et al., "CutMix: regularization strategy to train strong classifiers
// with localizable features", ICCV 2019) as timm's mode `batch`: image b of a batch is mixed with image b from its end, all by one share. The GPU mixes.
import { type DrawKey, Draws, STREAMS } from './draws.ts';
import { need, needShares } from './need.ts';
import type { Box } from './rgb-image.ts';

/** How batches are mixed. */
export interface Mixing {
  /** Of the Beta distribution that a Mixup's share is drawn from; 0 for no Mixup. Default 0.8. */
  mixup?: number;
  /** The same for a CutMix's area; 0 for no CutMix. Default 1. */
  cutmix?: number;
  /** How likely a batch is mixed. Default 1. */
  probability?: number;
  /** How likely that is by CutMix, where both are. Default 0.5. */
  switching?: number;
}

/** What one batch is mixed by. */
export interface Mix {
  /** What share of its own image each pixel is. */
  pixels: number;
  /** And the label. */
  labels: number;
  /** Here pixels are the other image's. */
  box?: Box;
}

/** Throws ConfigError for numbers that it does not take. */
export function checkMixing({ mixup = 0.8, cutmix = 1, probability = 1, switching = 0.5 }: Mixing): void {
  for (const [field, value] of Object.entries({ 'mixing.mixup': mixup, 'mixing.cutmix': cutmix }))
    need(field, value, value >= 0 && value < Number.POSITIVE_INFINITY, '0 or more');
  needShares({ 'mixing.probability': probability, 'mixing.switching': switching });
}

const UNMIXED: Mix = { pixels: 1, labels: 1 };

/** How a batch of images of size × size is mixed: a function of seed, epoch and the step's index. */
export function drawMix(key: DrawKey, size: number, how: Mixing): Mix {
  const { mixup = 0.8, cutmix = 1, probability = 1, switching = 0.5 } = how;
  const draws = new Draws(key, STREAMS.mixing);
  const [mixed, cut, down, right] = [draws.uniform(), draws.uniform(), draws.uniform(), draws.uniform()];
  if (mixed >= probability || (mixup === 0 && cutmix === 0)) return UNMIXED;
  const byCut = cutmix > 0 && (mixup === 0 || cut < switching);
  if (!byCut) {
    const share = beta(mixup, draws);
    return { pixels: share, labels: share };
  }
  const box = cutBox(beta(cutmix, draws), size, Math.floor(down * size), Math.floor(right * size));
  return { pixels: 1, labels: 1 - (box.width * box.height) / (size * size), box };
}

/** A square of 1 − share of the area around a pixel, cut off at the edges. */
export function cutBox(share: number, size: number, row: number, column: number): Box {
  const half = Math.floor(Math.floor(size * Math.sqrt(1 - share)) / 2);
  const [top, left] = [Math.max(0, row - half), Math.max(0, column - half)];
  return { top, left, width: Math.min(size, column + half) - left, height: Math.min(size, row + half) - top };
}

/** A number from the Beta distribution with both parameters `alpha`. */
export function beta(alpha: number, draws: Draws): number {
  const [one, other] = [logGamma(alpha, draws), logGamma(alpha, draws)];
  return 1 / (1 + Math.exp(other - one));
}

/** The logarithm of a number from the Gamma distribution (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000): of a small parameter the number itself may be too small. */
function logGamma(alpha: number, draws: Draws): number {
  if (alpha < 1) return logGamma(alpha + 1, draws) + Math.log(1 - draws.uniform()) / alpha;
  const d = alpha - 1 / 3;
  for (;;) {
    const normal = draws.normal();
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - draws.uniform()) < (normal * normal) / 2 + d * (1 - v + Math.log(v)))
      return Math.log(d * v);
  }
}
