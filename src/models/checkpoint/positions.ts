// Learned places of tokens for images of another size: those of the patches are an image of their own and become a larger or smaller one, as timm does it (bicubic,
// Keys with a = −1/2, filtered where it gets smaller: torch's antialias=True); the class token's stays. In float64, once, on the CPU.
import { StateDictError } from '../../nn/index.ts';
import type { Places } from '../node/kind.ts';

/** Places [1, front + rows·columns, C]. */
export interface Positions {
  shape: readonly number[];
  data: Float32Array;
}

/** The rows and columns of a checkpoint's places. Throws StateDictError for a number of them that makes no square, as its sides are not known then. */
export function squareGrid(name: string, tokens: number, front: number): [number, number] {
  const side = Math.round(Math.sqrt(Math.max(0, tokens - front)));
  if (side > 0 && side * side + front === tokens) return [side, side];
  throw new StateDictError(
    `${name} has ${tokens} places, ${front} of them in front; the other ${tokens - front} are no square, so their rows are not known and they fit images of no other size`,
  );
}

/** A checkpoint's places for a network's grid, and the grid that they had. Throws StateDictError for what is not [1, front + n·n, C]. */
export function resizePositions(
  { shape, data }: Positions,
  { name, front, grid: [rows, columns] }: Places,
): Positions & { from: [number, number] } {
  const [one, tokens, channels] = shape;
  if (shape.length !== 3 || one !== 1)
    throw new StateDictError(`${name} is ${shape.join('×')}; places are 1×tokens×channels`);
  const from = squareGrid(name, tokens, front);
  const start = front * channels;
  const wide = along(Float64Array.from(data.subarray(start)), [from[0], from[1], channels], columns);
  const all = along(wide, [1, from[0], columns * channels], rows);
  const resized = new Float32Array(start + all.length);
  resized.set(data.subarray(0, start));
  resized.set(all, start);
  return { shape: [1, front + rows * columns, channels], data: resized, from };
}

/** Resizes the middle axis of [outer, length, inner]. */
function along(values: Float64Array, [outer, length, inner]: readonly number[], wanted: number): Float64Array {
  const out = new Float64Array(outer * wanted * inner);
  for (let to = 0; to < wanted; to++) {
    const { first, weights } = taps(to, length, wanted);
    for (let o = 0; o < outer; o++)
      for (const [j, weight] of weights.entries()) {
        const source = (o * length + first + j) * inner;
        const target = (o * wanted + to) * inner;
        for (let i = 0; i < inner; i++) out[target + i] += weight * values[source + i];
      }
  }
  return out;
}

/** The values that one of the new ones is a mean of, and their weights; those beyond the edge have none. */
function taps(to: number, length: number, wanted: number): { first: number; weights: number[] } {
  const scale = length / wanted;
  const stretch = Math.max(scale, 1);
  const center = scale * (to + 0.5);
  const first = Math.max(0, Math.floor(center - 2 * stretch + 0.5));
  const end = Math.min(length, Math.floor(center + 2 * stretch + 0.5));
  const raw = Array.from({ length: end - first }, (_, j) => keys((first + j + 0.5 - center) / stretch));
  const sum = raw.reduce((a, b) => a + b, 0);
  return { first, weights: raw.map((weight) => weight / sum) };
}

/** Keys' cubic kernel with a = −1/2. */
function keys(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
