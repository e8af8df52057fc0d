// Where x [A, R, B] has its largest or smallest value along R: kernels as those of reductions, and a pass that picks among what the pieces of R gave.
import { candidatesFor, type Gpu, grid1d, type KernelEntry, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, type Storage, type Tensor } from '../../../tensor/index.ts';
import { columnsFit, columnsPass, plainPass } from './columns.ts';
import { type PassOf, type Sides, typeOf } from './passes.ts';
import { rowsFit, rowsPass, subgroupFits, subgroupPass } from './rows.ts';

export interface ArgJob {
  gpu: Gpu;
  sides: Sides;
  smallest: boolean;
  stored: Storage;
}

/** Best guess first. */
export const ARG_KERNELS: KernelEntry<ArgJob>[] = [
  { name: 'subgroup', when: subgroupFits, run: search('reduce/arg_rows_subgroup', subgroupPass) },
  { name: 'rows', when: rowsFit, run: search('reduce/arg_rows', rowsPass) },
  { name: 'columns', when: columnsFit, run: search('reduce/arg_columns', columnsPass) },
  { name: 'plain', run: search('reduce/arg_plain', plainPass) },
];

/** index [A, B], u32 ← the first place along R of the extreme of x [A, R, B], f32 or f16, or of a NaN where there is one. */
export function argInto(x: Tensor, sides: Sides, extreme: 'max' | 'min', index: Tensor): void {
  const { gpu } = x;
  const stored = x.dtype as Storage;
  gpu.tuner
    .select({
      key: `arg${extreme} ${sides.join('x')}${stored === 'f16' ? ' f16' : ''}`,
      sizes: [x.bytes, index.bytes],
      types: [stored, 'f32'],
      candidates: candidatesFor(ARG_KERNELS, { gpu, sides, smallest: extreme === 'min', stored }),
    })
    .run([x.slice, index.slice]);
}

function search(shader: string, passOf: PassOf) {
  return (job: ArgJob, [x, index]: Slice[]): void => {
    const { gpu, sides, smallest: SMALLEST, stored } = job;
    const [a, r, b] = sides;
    const { constants, pieces: wanted, width, words, each, vectors } = passOf(gpu, sides);
    const piece = Math.ceil(r / wanted);
    const pieces = Math.ceil(r / piece);
    const found = pieces > 1 ? gpu.allocate('indices by piece', a * pieces * b * 4) : undefined;
    const total = a * pieces * width;
    gpu.run({
      shader,
      constants: { SMALLEST, ...constants },
      types: { X: typeOf(stored, vectors[0]) },
      bindings: [x, found ?? index],
      params: params(...words, pieces, piece, total),
      grid: grid1d(Math.ceil(total / each)),
      cost: { flops: a * r * b, bytes: bytesOf(stored) * a * r * b + 4 * a * pieces * b },
      label: 'reduce/arg',
    });
    if (!found) return;
    gpu.run({
      shader: 'reduce/arg_pick',
      constants: { SMALLEST },
      types: { X: stored },
      bindings: [x, found, index],
      params: params(r, b, pieces, a * b),
      grid: grid1d(Math.ceil((a * b) / 64)),
      cost: { flops: a * pieces * b, bytes: 8 * a * pieces * b },
    });
    gpu.release(found);
  };
}
