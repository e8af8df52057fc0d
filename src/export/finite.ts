// NaN and infinities in what is exported: other runtimes compute with them without a word, so the file would be wrong for good.
import { ExportError } from './errors.ts';

/** Throws ExportError naming the first value that is NaN or infinite, and how many there are in its tensor. */
export function needFinite(name: string, shape: readonly number[], data: Float32Array): void {
  const first = data.findIndex((value) => !Number.isFinite(value));
  if (first < 0) return;
  let rest = first;
  const at = [...shape].reverse().map((side) => {
    const index = rest % side;
    rest = Math.floor(rest / side);
    return index;
  });
  const bad = data.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  throw new ExportError(
    `${name}[${at.reverse()}] is ${data[first]}, and ${bad} of its ${data.length} values are NaN or infinite: ` +
      'the network gives no numbers; export an earlier checkpoint',
  );
}

/** needFinite() over a state dict. */
export function needFiniteDict(dict: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>): void {
  for (const [name, { shape, data }] of dict) needFinite(name, shape, data);
}
