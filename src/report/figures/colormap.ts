// Viridis: even steps of a value look like even steps of color, also in gray and to color-blind eyes. The colors are Plot's own.
import * as Plot from '@observablehq/plot';

/** A color, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

const LEVELS = 256;
const scale = Plot.scale({ color: { type: 'linear', scheme: 'viridis', domain: [0, LEVELS - 1] } });
const TABLE: Rgb[] = Array.from({ length: LEVELS }, (_, level) => parseColor(scale.apply(level)));

/** The color of a value in 0..1, in bytes; values outside are clamped, NaN is black. */
export function colorAt(value: number): Rgb {
  if (Number.isNaN(value)) return [0, 0, 0];
  return TABLE[Math.round(Math.min(1, Math.max(0, value)) * (LEVELS - 1))]!;
}

/** A color as `#rrggbb`. */
export function hexColor(color: Rgb): string {
  return `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function parseColor(text: string): Rgb {
  if (text.startsWith('#')) {
    const value = Number.parseInt(text.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const [red = 0, green = 0, blue = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}
