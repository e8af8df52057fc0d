// How the kernels over rows (cross-entropy, countCorrect) share rows out among lanes: a short row is one thread's, a long one a workgroup's.
import { grid1d } from '../../../gpu/index.ts';

/** LANES of shaders/reduce/row_lanes.wgsl and the grid, for `rows` rows of `columns` values. */
export function rowLaunch(rows: number, columns: number): { constants: { LANES: number }; grid: [number, number] } {
  const lanes = columns <= 64 ? 1 : columns <= 512 ? 8 : 64;
  return { constants: { LANES: lanes }, grid: grid1d(Math.ceil((rows * lanes) / 64)) };
}
