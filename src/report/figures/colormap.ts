// Viridis: even steps of a value look like even steps of colour, also in grey and to colour-blind eyes. The colours are Plot's own.
import * as Plot from '@observablehq/plot';

export type Rgb = readonly [red: number, green: number, blue: number];

const LEVELS = 256;
const scale = Plot.scale({ color: { type: 'linear', scheme: 'viridis', domain: [0, LEVELS - 1] } });
const TABLE: Rgb[] = Array.from({ length: LEVELS }, (_, level) => parseColour(scale.apply(level)));

/** The colour of a value in 0..1, in bytes; values outside are clamped, NaN is black. */
export function colourAt(value: number): Rgb {
  if (Number.isNaN(value)) return [0, 0, 0];
  return TABLE[Math.round(Math.min(1, Math.max(0, value)) * (LEVELS - 1))]!;
}

/** A colour as `#rrggbb`. */
export function hexColour(colour: Rgb): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function parseColour(text: string): Rgb {
  if (text.startsWith('#')) {
    const value = Number.parseInt(text.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const [red = 0, green = 0, blue = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}
