// Where one operand is complete and the other repeats as a whole (a bias, a scalar): that one stays in registers.
import { grid1d, type Slice } from '../../../gpu/index.ts';
import { type BroadcastJob, launch, type Side, type Weights, words } from './broadcast-job.ts';

/** If `which` repeats as a whole and the other operand is complete, after how many elements. */
function periodOf(sides: readonly Side[], which: 'a' | 'b'): number | undefined {
  const other = which === 'a' ? 'b' : 'a';
  const pattern = sides.map((side) => (side[other] ? (side[which] ? 'x' : '1') : '?')).join('');
  return pattern === '1' ? 1 : pattern === '1x' ? sides[1].n : undefined;
}

/** The operand that repeats, and after how many elements. */
function shortOf({ sides }: BroadcastJob): { short: 'a' | 'b'; period: number } | undefined {
  for (const short of ['b', 'a'] as const) {
    const period = periodOf(sides, short);
    if (period !== undefined) return { short, period };
  }
  return undefined;
}

export const periodicFits = (job: BroadcastJob): boolean => shortOf(job) !== undefined;

export function periodic(job: BroadcastJob, slices: Slice[]): void {
  const { short, period } = shortOf(job)!;
  const { gpu, combine, y, weights } = job;
  const vectors = Math.ceil(y.size / 4);
  const unit = period / (period % 4 === 0 ? 4 : period % 2 === 0 ? 2 : 1);
  const step = unit * Math.ceil(gpu.machine.elementwise.periodic / unit);
  const factors: Weights = short === 'b' || combine === 'first' ? weights : [weights[1], weights[0]];
  launch(job, slices, {
    shader: 'elementwise/broadcast',
    entry: 'periodic',
    params: words([[], [], []], 0, factors, vectors, period, step),
    grid: grid1d(Math.ceil(Math.min(step, vectors) / 64)),
    order: short === 'b' ? [0, 1, 2] : [1, 0, 2],
  });
}
