// How large pictures with objects are made: the short side as drawn, the long side no longer than allowed, as Detectron2's ResizeShortestEdge, to the pixel.
import { need } from '../transform/need.ts';

/** Sides in pixels. */
export interface Sides {
  width: number;
  height: number;
}

/** Whole numbers from `from` to `to`, `step` apart: short sides to draw from. Throws ConfigError where there are none. */
export function sidesBetween(from: number, to: number, step = 1): number[] {
  need('short', `${from}-${to}`, Number.isInteger(from) && from >= 1 && to >= from, 'two sides, the smaller one first');
  need('step', step, Number.isInteger(step) && step >= 1, 'a whole number from 1');
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}

/** A picture's sides when its short one becomes `short`, or its long one `long` where it would be longer. */
export function resizedSides({ width, height }: Sides, short: number, long: number): Sides {
  const scale = short / Math.min(width, height);
  // As there: the short side is not multiplied, which rounds.
  let [h, w] = height < width ? [short, scale * width] : [scale * height, short];
  const longest = Math.max(h, w);
  if (longest > long) {
    h *= long / longest;
    w *= long / longest;
  }
  return { width: Math.max(1, Math.trunc(w + 0.5)), height: Math.max(1, Math.trunc(h + 0.5)) };
}

/** Sides as they are, or less by one factor so that they fit. */
export function fittingSides(sides: Sides, within: Sides): Sides {
  const scale = Math.min(1, within.width / sides.width, within.height / sides.height);
  if (scale === 1) return sides;
  return {
    width: Math.max(1, Math.floor(sides.width * scale)),
    height: Math.max(1, Math.floor(sides.height * scale)),
  };
}

/** A side with its padding. */
export const paddedSide = (side: number, multiple: number): number => Math.ceil(side / multiple) * multiple;
