// The ten shapes of the stand-in set as signed distances in their own unit square: negative inside, about 1 from center to edge.

export interface Shape {
  name: string;
  /** Signed distance at (x, y), y down; `variant` in [0, 1) changes proportions, not the kind. */
  distance: (x: number, y: number, variant: number) => number;
}

const disc = (x: number, y: number, r: number): number => Math.sqrt(x * x + y * y) - r;
const box = (x: number, y: number, w: number, h: number): number => Math.max(Math.abs(x) - w, Math.abs(y) - h);
/** Bars of equal width across v, negative on a bar. */
const bars = (v: number, count: number): number => {
  const phase = (((v + 1) * count) / 2) % 1;
  return (Math.abs(phase - 0.5) - 0.25) * (2 / count);
};
const barCount = (variant: number): number => 3 + Math.floor(variant * 2);

export const shapes: readonly Shape[] = [
  { name: 'disc', distance: (x, y) => disc(x, y, 0.9) },
  { name: 'ring', distance: (x, y, v) => Math.max(disc(x, y, 0.95), -disc(x, y, 0.45 + 0.2 * v)) },
  { name: 'square', distance: (x, y) => box(x, y, 0.8, 0.8) },
  {
    name: 'frame',
    distance: (x, y, v) => Math.max(box(x, y, 0.85, 0.85), -box(x, y, 0.4 + 0.2 * v, 0.4 + 0.2 * v)),
  },
  { name: 'triangle', distance: (x, y) => Math.max(y - 0.7, (2 * Math.abs(x) - y - 0.9) / Math.sqrt(5)) },
  { name: 'diamond', distance: (x, y, v) => (Math.abs(x) / (0.75 + 0.2 * v) + Math.abs(y) - 1) * 0.7 },
  { name: 'cross', distance: (x, y, v) => Math.min(box(x, y, 0.95, 0.2 + 0.15 * v), box(x, y, 0.2 + 0.15 * v, 0.95)) },
  { name: 'rows', distance: (x, y, v) => Math.max(box(x, y, 0.9, 0.9), bars(y, barCount(v))) },
  { name: 'columns', distance: (x, y, v) => Math.max(box(x, y, 0.9, 0.9), bars(x, barCount(v))) },
  {
    name: 'checkers',
    distance: (x, y, v) => {
      const cell = 0.45 + 0.1 * v;
      const odd = (Math.floor(x / cell) + Math.floor(y / cell)) & 1;
      return Math.max(box(x, y, 0.9, 0.9), odd === 0 ? -0.1 : 0.1);
    },
  },
];
