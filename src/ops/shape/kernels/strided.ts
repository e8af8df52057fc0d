// Launches any move: as many values at a time as lie side by side in both tensors.
import { params, type Slice } from '../../../gpu/index.ts';
import { BYTES, chunkLaunch, count, positionOf } from '../../../tensor/index.ts';
import type { MoveJob, Side } from './job.ts';
import { elemOf } from './words.ts';

const FOUR = 4;
/** Sides that the kernel takes. */
export const MOST_SIDES = 2 * FOUR;

export function strided({ gpu, dtype, sides: given, from, to, fill, adds }: MoveJob, [source, target]: Slice[]): void {
  const sides = gpu.machine.shape.bySource ? inOrderOfSource(given) : given;
  const last = sides[sides.length - 1];
  const others = sides.slice(0, -1);
  const ends = last.checked ? [last.checked.begin, last.checked.end] : [];
  const dense = last.from === 1 && last.to === 1;
  const steps = others.flatMap((side) => [side.from, side.to]);
  const { width, ...types } = elemOf(
    dtype,
    dense ? [last.n, ...ends, ...steps, from, to] : [1],
    adds ? 'numbers' : 'words',
  );
  const units = sides.map((side) => {
    const { begin, end } = side.checked ?? { begin: 0, end: side.n };
    if (side === last) return { ...side, n: side.n / width, begin: begin / width, end: end / width };
    return { n: side.n, from: side.from / width, to: side.to / width, begin, end };
  });
  const empty = { n: 1, from: 0, to: 0, begin: 0, end: 1 };
  const filled = [...Array(MOST_SIDES).fill(empty), ...units].slice(-MOST_SIDES);
  const words = (part: typeof units): number[] =>
    (['n', 'from', 'to', 'begin', 'end'] as const).flatMap((key) => part.map((side) => side[key]));
  const [outer, inner] = [filled.slice(0, FOUR), filled.slice(FOUR)];
  const total = count(units.map(({ n }) => n));
  const lengths = inner.map(({ n }) => n);
  const { constants, grid } = chunkLaunch(gpu, total);
  gpu.run({
    shader: 'shape/move',
    constants: { ...constants, OUTER: sides.length > FOUR, ADD: adds },
    ...types,
    bindings: [source, target],
    params: params(
      ...[...words(inner), ...positionOf(constants.GROUP, lengths)],
      ...[from / width, to / width, total, fill],
      ...[count(lengths), 0, 0, 0],
      ...words(outer),
    ),
    grid,
    cost: { flops: adds ? total * width : 0, bytes: (adds ? 3 : 2) * total * width * BYTES[dtype] },
  });
}

/** Pieces that lie side by side in both tensors, in the order in which x has them; y's order stays where single elements are moved, or any repeat. */
function inOrderOfSource(sides: readonly Side[]): readonly Side[] {
  const last = sides[sides.length - 1];
  if (last.from !== 1 || last.to !== 1 || sides.some(({ from }) => from === 0)) return sides;
  return [...sides.slice(0, -1).toSorted((a, b) => Math.abs(b.from) - Math.abs(a.from)), last];
}
