// The kernels of softmax and its logarithm along R of [A, R, B], forward and backward, and the choice among them. Rows (B = 1) are a workgroup's, or a subgroup's where
// barriers are dear; short rows and columns are a thread's, one or four.
import { candidatesFor, type Gpu, grid1d, type KernelEntry, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, type Storage, vectorOf } from '../../../tensor/index.ts';
import { columnsFit, stripOf } from './columns.ts';
import type { Sides } from './passes.ts';
import { rowsEach, rowsFit, subgroupFits } from './rows.ts';

export interface SoftmaxJob {
  gpu: Gpu;
  sides: Sides;
  log: boolean;
  /** From y and its gradient, rather than from x? */
  backward: boolean;
  stored: Storage;
}

/** Best guess first. */
export const SOFTMAX_KERNELS: KernelEntry<SoftmaxJob>[] = [
  {
    name: 'subgroup',
    when: subgroupFits,
    run: (job, slices) =>
      byRow(job, slices, 'reduce/group_subgroup', job.gpu.adapter.subgroupMinSize, rowsEach(job.gpu, job.sides[0])),
  },
  {
    name: 'rows',
    when: rowsFit,
    run: (job, slices) => byRow(job, slices, 'reduce/group_shared', lanesFor(job), 1),
  },
  { name: 'columns', when: columnsFit, run: (job, slices) => byColumn(job, slices, 4) },
  { name: 'plain', run: (job, slices) => byColumn(job, slices, 1) },
];

/** Records the softmax of x, slices x and y, or its gradient, slices y, dy and dx. */
export function softmaxInto(job: SoftmaxJob, slices: Slice[]): void {
  const { gpu, sides, log, backward, stored } = job;
  const bytes = sides[0] * sides[1] * sides[2] * bytesOf(stored);
  gpu.tuner
    .select({
      key: `${labelOf(job)} ${sides.join('x')}${stored === 'f16' ? ' f16' : ''}`,
      sizes: slices.map(() => bytes),
      types: slices.map(() => stored),
      candidates: candidatesFor(SOFTMAX_KERNELS, { gpu, sides, log, backward, stored }),
    })
    .run(slices);
}

const labelOf = ({ log, backward }: SoftmaxJob): string =>
  `${log ? 'logSoftmax' : 'softmax'}${backward ? '/backward' : ''}`;

/** A run of additions and the runs of a thread: about as many. */
const runOf = (values: number): number => Math.max(32, Math.ceil(Math.sqrt(values)));

/** As many threads for a row as have something to do, up to the machine's number. */
function lanesFor({ gpu, sides: [, r] }: SoftmaxJob): number {
  const most = gpu.machine.reduce.lanes;
  return Math.min(most, 2 ** Math.ceil(Math.log2(r / (r % 4 === 0 ? 4 : 1))));
}

function byRow(job: SoftmaxJob, slices: Slice[], group: string, lanes: number, each: number): void {
  const [rows, r] = job.sides;
  const elements = r % 4 === 0 ? 4 : 1;
  const width = r / elements;
  const words = params(rows, width, each, lanes * runOf(width / lanes));
  const shader = job.backward ? 'reduce/softmax_row_backward' : 'reduce/softmax_row';
  launch(job, slices, {
    shader,
    elements,
    words,
    grid: grid1d(Math.ceil(rows / each)),
    constants: { LANES: lanes },
    group,
  });
}

function byColumn(job: SoftmaxJob, slices: Slice[], elements: 1 | 4): void {
  const { gpu, sides } = job;
  const [a, r, b] = sides;
  const columns = b / elements;
  const strip = elements === 4 ? stripOf(gpu, columns) : { WIDE: 1, SIDE: 1 };
  const blocks = Math.ceil(columns / (strip.WIDE * strip.SIDE));
  const threads = a * blocks * strip.SIDE;
  // Few columns are all the threads that there are: small workgroups for all cores.
  const GROUP = strip.SIDE > 1 ? strip.SIDE : 64;
  const words = params(r, columns, blocks, threads, columns * runOf(r));
  const shader = job.backward ? 'reduce/softmax_strip_backward' : 'reduce/softmax_strip';
  launch(job, slices, {
    shader,
    elements,
    words,
    grid: grid1d(Math.ceil(threads / GROUP)),
    constants: { ...strip, GROUP },
  });
}

interface Launch {
  shader: string;
  elements: 1 | 4;
  words: ArrayBuffer;
  grid: [number, number];
  constants: Record<string, number>;
  /** What a kernel by rows includes for reduce/group_shared. */
  group?: string;
}

function launch(
  job: SoftmaxJob,
  slices: Slice[],
  { shader, elements, words, grid, constants, group = '' }: Launch,
): void {
  const { gpu, sides, log: LOG, backward, stored } = job;
  const size = sides[0] * sides[1] * sides[2];
  const type = elements === 4 ? vectorOf(stored) : stored;
  gpu.run({
    shader,
    constants: { LOG, ...constants },
    types: { X: type, Y: type },
    includes: {
      ...(elements === 1 && { 'reduce/four': 'reduce/one', 'reduce/operand': 'reduce/operand_one' }),
      ...(group && { 'reduce/group_shared': group }),
    },
    bindings: slices,
    params: words,
    ...(!backward && elements === 4 && { operand: { include: 'reduce/operand', stored, reads: 3 } }),
    grid,
    cost: { flops: 5 * size, bytes: slices.length * size * bytesOf(stored) },
    label: labelOf(job),
  });
}
