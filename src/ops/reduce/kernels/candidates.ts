// The kernels that reduce x [A, R, B] over R, and the choice among them. A new kernel is a line of the list, which names its launch.
import { candidatesFor, type KernelEntry, type Slice } from '../../../gpu/index.ts';
import { bytesOf } from '../../../tensor/index.ts';
import { columns, columnsFit, plain } from './columns.ts';
import type { ReduceJob } from './passes.ts';
import { rows, rowsFit, subgroup, subgroupFits } from './rows.ts';

/** Best guess first. */
export const REDUCE_KERNELS: KernelEntry<ReduceJob>[] = [
  { name: 'subgroup', when: subgroupFits, run: subgroup },
  { name: 'rows', when: rowsFit, run: rows },
  { name: 'columns', when: columnsFit, run: columns },
  { name: 'plain', run: plain },
];

/** Records y [A, B] ← x reduced, with the kernel that the tuner picks. `origin` [A, B] in f32, where the fold or the finish takes one. */
export function reduce(job: ReduceJob, x: Slice, y: Slice, origin?: Slice): void {
  const { gpu, sides, fold, finish, stored } = job;
  const [a, r, b] = sides;
  const half = stored.includes('f16') ? ` ${stored.join()}` : '';
  const from = origin
    ? { sizes: [a * b * 4], types: ['f32' as const], slices: [origin] }
    : { sizes: [], types: [], slices: [] };
  gpu.tuner
    .select({
      key: `reduce/${fold}${finish.last === 'log' ? ' log' : ''} ${sides.join('x')}${half}`,
      sizes: [a * r * b * bytesOf(stored[0]), ...from.sizes, a * b * bytesOf(stored[1])],
      types: [stored[0], ...from.types, stored[1]],
      candidates: candidatesFor(REDUCE_KERNELS, job),
    })
    .run([x, ...from.slices, y]);
}
