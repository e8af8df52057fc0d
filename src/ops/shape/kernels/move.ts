// Launches moves of words from place to place: any box of y, each side of which goes by some step through x and by another through y. Sides that travel together are
// merged first, so that eight are more than ops of rank eight need.
import { params } from '../../../gpu/index.ts';
import { BYTES, chunkLaunch, count, positionOf, shapeText, type Tensor, TensorError } from '../../../tensor/index.ts';
import { elemOf } from './words.ts';

const FOUR = 4;

/** A side of the box that is moved. */
export interface Side {
  n: number;
  /** Elements between neighbors, in x and in y; also negative, and 0 where x repeats. */
  from: number;
  to: number;
  /** Of a side that may leave x: which place of x's side is its first, and how many there are. */
  checked?: { begin: number; end: number };
}

export interface Move {
  sides: readonly Side[];
  /** The elements at which the box begins; sides that are checked begin at their place 0 of x. */
  from?: number;
  to?: number;
  /** Words for what lies outside of x. */
  fill?: number;
}

/** Elements between neighbors along each side. */
export function stepsOf(shape: readonly number[]): number[] {
  let step = 1;
  return shape.reduceRight<number[]>((steps, n) => {
    steps.unshift(step);
    step *= n;
    return steps;
  }, []);
}

/** y[to + Σ atᵢ·toᵢ] ← x[from + Σ atᵢ·fromᵢ] for every place of the box. The rest of y is left alone. f32, f16 or u32, both alike. Throws TensorError beyond eight sides. */
export function move(x: Tensor, y: Tensor, { sides: given, from = 0, to = 0, fill = 0 }: Move): void {
  const sides = merged(given);
  if (sides.length > 2 * FOUR)
    throw new TensorError(
      `${x.label} ${shapeText(x.shape)} would be moved along ${sides.length} sides at once, at most ${2 * FOUR} can be`,
    );
  const last = sides[sides.length - 1];
  const ends = sides.flatMap(({ checked }) =>
    checked && checked === last.checked ? [checked.begin, checked.end] : [],
  );
  const strides = sides.slice(0, -1).flatMap((side) => [side.from, side.to]);
  const dense = last.from === 1 && last.to === 1;
  const { width, ...types } = elemOf(x.dtype, dense ? [last.n, ...ends, ...strides, from, to] : [1]);
  const units = sides.map(({ n, from, to, checked = { begin: 0, end: n } }, i) => {
    if (i < sides.length - 1) return { n, from: from / width, to: to / width, ...checked };
    return { n: n / width, from, to, begin: checked.begin / width, end: checked.end / width };
  });
  const filled = [...Array(2 * FOUR).fill({ n: 1, from: 0, to: 0, begin: 0, end: 1 }), ...units].slice(-2 * FOUR);
  const words = (part: typeof units): number[] =>
    (['n', 'from', 'to', 'begin', 'end'] as const).flatMap((key) => part.map((side) => side[key]));
  const [outer, inner] = [filled.slice(0, FOUR), filled.slice(FOUR)];
  const total = count(units.map(({ n }) => n));
  const { constants, grid } = chunkLaunch(y.gpu, total);
  const lengths = inner.map(({ n }) => n);
  y.gpu.run({
    shader: 'shape/move',
    constants: { ...constants, OUTER: sides.length > FOUR },
    ...types,
    bindings: [x.slice, y.slice],
    params: params(
      ...words(inner),
      ...positionOf(constants.GROUP, lengths),
      ...[from / width, to / width, total, fill],
      ...[count(lengths), 0, 0, 0],
      ...words(outer),
    ),
    grid,
    cost: { flops: 0, bytes: 2 * total * width * BYTES[x.dtype] },
  });
}

/** The same move with fewer sides: those of 1 vanish, and neighbors become one where both tensors go through them as through one. At least one. */
function merged(given: readonly Side[]): Side[] {
  const sides: Side[] = [];
  for (const side of given) {
    if (side.n === 1 && !side.checked) continue;
    const before = sides.at(-1);
    if (!before || side.checked || before.from !== side.from * side.n || before.to !== side.to * side.n) {
      sides.push({ ...side });
      continue;
    }
    const { n, checked } = before;
    Object.assign(before, { n: n * side.n, from: side.from, to: side.to });
    if (checked) before.checked = { begin: checked.begin * side.n, end: checked.end * side.n };
  }
  return sides.length > 0 ? sides : [{ n: 1, from: 1, to: 1 }];
}
