// The kernels that reduce x [A, R, B] over R, and the choice among them. A new kernel is a line of the list, which names its launch.
import { candidatesFor, type KernelEntry, type Slice } from '../../../gpu/index.ts';
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

/** Records y [A, B] ← x reduced, with the kernel that the tuner picks. */
export function reduce(job: ReduceJob, x: Slice, y: Slice): void {
  const { gpu, sides, fold } = job;
  const [a, r, b] = sides;
  gpu.tuner
    .select({
      key: `reduce/${fold} ${sides.join('x')}`,
      sizes: [a * r * b * 4, a * b * 4],
      candidates: candidatesFor(REDUCE_KERNELS, job),
    })
    .run([x, y]);
}
