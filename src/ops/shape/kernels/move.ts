// Moves of words from place to place: any box of y, each side of which goes by some step through x and by another through y. Sides that travel together are merged
// first; then the list of kernels says how.
import { candidatesFor, type KernelEntry } from '../../../gpu/index.ts';
import { shapeText, type Tensor, TensorError } from '../../../tensor/index.ts';
import type { MoveJob, Side } from './job.ts';
import { MOST_SIDES, strided } from './strided.ts';
import { blockFits, blocks, isTransposition, tileFits, tiles } from './transposed.ts';

/** Between tensors that lie along different sides, best guess first. */
const TRANSPOSITIONS: KernelEntry<MoveJob>[] = [
  { name: 'tile', when: tileFits, first: ({ gpu }) => !gpu.machine.shape.registers, run: tiles },
  { name: 'block', when: blockFits, first: ({ gpu }) => gpu.machine.shape.registers, run: blocks },
  { name: 'strided', first: ({ gpu }) => gpu.machine.shape.registers, run: strided },
];

/** y[to + Σ atᵢ·toᵢ] ← x[from + Σ atᵢ·fromᵢ] for every place of the box, or with `adds` the sum with it. The rest of y is left alone. f32, f16 or u32, both alike. Throws TensorError beyond eight sides. */
export function move(
  x: Tensor,
  y: Tensor,
  {
    sides: given,
    from = 0,
    to = 0,
    fill = 0,
    adds = false,
  }: Pick<MoveJob, 'sides'> & Partial<Omit<MoveJob, 'gpu' | 'dtype'>>,
): void {
  const sides = merged(given);
  const { gpu, dtype } = x;
  const job = { gpu, dtype, sides, from, to, fill, adds };
  if (sides.length > MOST_SIDES)
    throw new TensorError(
      `${y.label}: ${x.label} ${shapeText(x.shape)} would be moved along ${sides.length} sides at once, at most ${MOST_SIDES} can be`,
    );
  const slices = [x.slice, y.slice];
  if (adds || !isTransposition(job)) {
    strided(job, slices);
    return;
  }
  const list = (['n', 'from', 'to'] as const).map((key) => sides.map((side) => side[key]).join('×'));
  const stored = dtype === 'f16' ? 'f16' : 'f32';
  gpu.tuner
    .select({
      key: `move ${list.join(' ')}${from || to ? ` at ${from},${to}` : ''}${stored === 'f16' ? ' f16' : ''}`,
      sizes: [x.bytes, y.bytes],
      types: [stored, stored],
      candidates: candidatesFor(TRANSPOSITIONS, job),
    })
    .run(slices);
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
