// Colors for what is drawn rather than laid out: those of style.css as they are in the scheme of the moment.
import type { ArmId } from '../protocol.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');
let read = new Map<string, string>();

/** A custom property of style.css, such as --ink. */
export function color(name: string): string {
  let value = read.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    read.set(name, value);
  }
  return value;
}

/** Calls when all colors have become others. */
export function whenSchemeChanges(redraw: () => void): void {
  dark.addEventListener('change', () => {
    read = new Map();
    redraw();
  });
}

/** An arm's line: its color is --arm-…; dashes tell arms apart without color. */
export const LINES: Record<ArmId, { dash: number[]; width: number }> = {
  trained: { dash: [], width: 2.5 },
  plain: { dash: [7, 4], width: 1.75 },
  random: { dash: [2, 3], width: 1.75 },
  magnitude: { dash: [10, 3, 2, 3], width: 1.75 },
  loaded: { dash: [4, 2], width: 1.75 },
};

export const armColor = (arm: ArmId): string => color(`--arm-${arm}`);
