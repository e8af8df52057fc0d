// Long rows, x [A, R, 1]: a workgroup takes a piece of a row, or, where barriers are dear, a single subgroup does.
import type { Gpu } from '../../../gpu/index.ts';
import { clamp, inPasses, LONGEST, type Pass, type PassOf, SHORT, type Sides } from './passes.ts';

interface RowsJob {
  gpu: Gpu;
  sides: Sides;
}

export const rowsFit = ({ sides: [, r, b] }: RowsJob): boolean => b === 1 && r >= SHORT;

/** Rows in which each lane has a vec4, or more. */
export function subgroupFits({ gpu, sides: [, r, b] }: RowsJob): boolean {
  const { adapter, capabilities, machine } = gpu;
  const fixed = capabilities.subgroups && adapter.subgroupMinSize === adapter.subgroupMaxSize;
  return b === 1 && r >= 4 * adapter.subgroupMinSize && machine.reduce.subgroups && fixed;
}

/** Rows of which a workgroup takes so many in turn, where starting one costs as much as a short row. */
export const rowsEach = (gpu: Gpu, rows: number): number =>
  Math.max(1, Math.floor(rows / gpu.machine.reduce.subgroupRows));

/** Enough workgroups to fill the machine, each with at least 32 elements a lane. */
const passOf = (gpu: Gpu, [a, r]: Sides, lanes: number, each: number): Pass => ({
  constants: { LANES: lanes },
  pieces: Math.max(
    clamp(Math.ceil(gpu.machine.reduce.workgroups / a), Math.ceil(r / (lanes * 32))),
    Math.ceil(r / (lanes * 4 * LONGEST)),
  ),
  width: 1,
  words: [r, each],
  each,
  vectors: [4, 1],
});

export const rowsPass: PassOf = (gpu, sides) => passOf(gpu, sides, gpu.machine.reduce.lanes, 1);
export const subgroupPass: PassOf = (gpu, sides) =>
  passOf(gpu, sides, gpu.adapter.subgroupMinSize, rowsEach(gpu, sides[0]));

export const rows = inPasses('reduce/rows', rowsPass);
export const subgroup = inPasses('reduce/rows_subgroup', subgroupPass);
