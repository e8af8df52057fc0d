// The levels of a pyramid of features as what finds objects sees them: a place every few pixels, and a range of sizes. Locations are numbered level after level, row by row.
import { f32, needArguments } from '../../gpu/index.ts';
import { needScalars, needSizes, type Tensor, TensorError } from '../../tensor/index.ts';

/** A level: its features, the pixels from one to the next, and from which to which size it answers for objects. */
export interface FcosLevel {
  height: number;
  width: number;
  /** In pixels; the first location is half of it, rounded down, from the image's edge. */
  stride: number;
  /** Pixels from a location to the farthest side of the object's box, both ends included; `to` may be Infinity. */
  from: number;
  to: number;
}

/** How many locations levels have together. */
export const locationsOf = (levels: readonly FcosLevel[]): number =>
  levels.reduce((sum, { height, width }) => sum + height * width, 0);

/** The size of an object that is usual for a level, in pixels: where it ends, of a level without end twice where it begins. */
export const sizeOf = ({ from, to, stride }: FcosLevel): number => (Number.isFinite(to) ? to : 2 * from || stride);

/** The levels, or TensorError for what are none. */
export function checkLevels<T extends readonly FcosLevel[]>(op: string, levels: T): T {
  needArguments(op, 'a list', { levels });
  if (levels.length === 0) throw new TensorError(`${op}: there are no levels`);
  for (const level of levels) {
    needArguments(op, 'an object', { level });
    const { height, width, stride, from, to } = level;
    needSizes(op, { 'height of a level': height, 'width of a level': width, 'stride of a level': stride });
    needScalars(op, { 'from of a level': from });
    if (!(to >= from)) throw new TensorError(`${op}: a level takes objects from ${from} to ${to}; that is no range`);
  }
  return levels;
}

const MOST = 3.4028234663852886e38;

/** Words of the uniform for shaders/detection/levels.wgsl, eight a level. */
export function levelWords(levels: readonly FcosLevel[]): (number | { f32: number })[] {
  let first = 0;
  return levels.flatMap((level) => {
    const { height, width, stride, from, to } = level;
    const scalars = [stride, Math.floor(stride / 2), 1 / stride, from, Math.min(to, MOST), sizeOf(level)].map(f32);
    const words = [first, width, ...scalars];
    first += height * width;
    return words;
  });
}

/** Throws TensorError unless a tensor has these sides. */
export function needShape(op: string, tensor: Tensor, shape: readonly number[], what: string): void {
  if (tensor.shape.join() !== shape.join())
    throw new TensorError(
      `${op}: ${tensor.label} [${tensor.shape.join('×')}] must be ${what}, [${shape.join('×')}] here`,
    );
}
