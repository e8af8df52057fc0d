// Learning rates, one for each step, as a table: it is uploaded once and the optimizer's kernel looks its own step up. The last one holds for ever.
import { needArguments } from '../../gpu/index.ts';
import { needScalars } from '../../tensor/index.ts';

/** One rate a step, at least one. */
const table = (steps: number, rate: (step: number) => number): Float32Array =>
  Float32Array.from({ length: Math.max(1, Math.round(steps)) }, (_, i) => rate(i));

/** From `from` to `to` by half a cosine, `way` from 0 to 1. */
const bend = (from: number, to: number, way: number): number => to + ((from - to) * (1 + Math.cos(Math.PI * way))) / 2;

/** One rate: the same at every step. */
export const constantRate = (rate: number): Float32Array => Float32Array.of(rate);

/** Half a cosine from `peak` to `floor` (default 0), which would be reached after the last step (Loshchilov and Hutter 2017; torch's CosineAnnealingLR). */
export function cosine(steps: number, peak: number, { floor = 0 } = {}): Float32Array {
  needScalars('cosine', { steps, peak, floor });
  return table(steps, (i) => bend(peak, floor, i / Math.max(1, steps)));
}

/** A straight line from `from` to `to` (default 0), which would be reached after the last step (torch's LinearLR). */
export function linearDecay(steps: number, from: number, to = 0): Float32Array {
  needScalars('linearDecay', { steps, from, to });
  return table(steps, (i) => from + ((to - from) * i) / Math.max(1, steps));
}

/** `peak`, times `factor` (default 0.1) after every `every` steps (torch's StepLR). */
export function stepDecay(steps: number, peak: number, options: { every: number; factor?: number }): Float32Array {
  needArguments('stepDecay', 'an object', { options });
  const { every, factor = 0.1 } = options;
  needScalars('stepDecay', { steps, peak, every, factor });
  return table(steps, (i) => peak * factor ** Math.floor(i / Math.max(1, every)));
}

/** `peak`, times `factor` (default 0.1) from each of the steps `at` on (torch's MultiStepLR). */
export function multiStepDecay(
  steps: number,
  peak: number,
  options: { at: readonly number[]; factor?: number },
): Float32Array {
  needArguments('multiStepDecay', 'an object', { options });
  const { at, factor = 0.1 } = options;
  needArguments('multiStepDecay', 'a list', { at });
  needScalars('multiStepDecay', { steps, peak, factor });
  return table(steps, (i) => peak * factor ** at.filter((from) => i >= from).length);
}

/**
 * Up to `peak` and far down, by two halves of cosines (Smith and Topin 2019; torch's OneCycleLR): it starts at peak / `divide` (default 25), rises over the share
 * `rise` of the steps (default 0.3), and ends with the last step at the start's part of one in `endDivide` (default 10,000). Momentum stays as it is.
 */
export function oneCycle(steps: number, peak: number, { rise = 0.3, divide = 25, endDivide = 1e4 } = {}): Float32Array {
  needScalars('oneCycle', { steps, peak, divide, endDivide });
  needScalars('oneCycle', { rise }, 1);
  const start = peak / divide;
  const [top, end] = [rise * steps - 1, steps - 1];
  return table(steps, (i) =>
    top > 0 && i <= top
      ? bend(start, peak, i / top)
      : bend(peak, start / endDivide, (i - top) / Math.max(1, end - top)),
  );
}

/**
 * Any schedule behind `steps` that rise to its first rate in a straight line (Goyal et al. 2017): the i-th, from 0, is (i + 1) / steps of it, on top of a share of
 * `start` (default 0). The whole is longer by `steps`.
 *
 * @example
 * new AdamW(network.arena, { lr: warmUp(cosine(9_000, 1e-3, { floor: 1e-5 }), 1_000) });
 */
export function warmUp(rates: ArrayLike<number>, steps: number, start = 0): Float32Array {
  needScalars('warmUp', { steps, start });
  const rising = Math.round(steps);
  return Float32Array.from({ length: rising + rates.length }, (_, i) =>
    i < rising ? rates[0] * (start + ((1 - start) * (i + 1)) / rising) : rates[i - rising],
  );
}
