// Tiles for the kernels on matrix units: which fit a device, which suit a size, and the constants that they compile to.
import type { Gpu, KernelCall, MatrixUnits } from '../../../gpu/index.ts';
import type { Storage } from '../../../tensor/index.ts';

/** A workgroup's tile: SM × SN subgroups of UM × UN units each, BK values of k at a time. */
export interface MatrixTile {
  name: string;
  UM: number;
  UN: number;
  SM: number;
  SN: number;
  BK: number;
}

/**
 * Tiles and the blocks of sums that their subgroups hold, in registers. A first guess, which the tuner corrects. 64×32 sums are 64 registers a lane and leave room for two
 * workgroups of 256 lanes on a processor of 65,536 registers; 64×64 read a quarter less from workgroup memory for each product, with half of the lanes.
 */
const SHAPES = {
  wide: { rows: 128, columns: 128, block: [64, 32] },
  square: { rows: 128, columns: 128, block: [64, 64] },
  tall: { rows: 128, columns: 64, block: [64, 32] },
  small: { rows: 64, columns: 64, block: [32, 32] },
} as const;
const DEPTH = 32;
/** Units a side that a subgroup names: shaders/matmul/matrix_loop.wgsl. */
const MOST_UNITS = 4;
/** How much more than the smallest tile a better one may compute beyond the edges. */
const MOST_WASTE = 1.25;

/** Are there matrix units with f16 operands and f32 sums, and a tile that this device has room for? */
export const matrixFits = (gpu: Gpu): boolean => matrixTiles(gpu, 1, 1).length > 0;

/** Tiles for `times` results of rows × columns that this device has room for, best guess first; none without matrix units. */
export function matrixTiles(gpu: Gpu, rows: number, columns: number, times = 1): MatrixTile[] {
  const { matrix } = gpu.capabilities;
  if (!matrix) return [];
  const tiles = Object.entries(SHAPES)
    .map(([name, { rows, columns, block }]): MatrixTile => {
      const UM = Math.min(MOST_UNITS, block[0] / matrix.M);
      const UN = Math.min(MOST_UNITS, block[1] / matrix.N);
      return { name, UM, UN, SM: rows / (UM * matrix.M), SN: columns / (UN * matrix.N), BK: DEPTH };
    })
    .filter((tile) => hasRoom(gpu, matrix, tile));
  const last = tiles.length - 1;
  const covers = tiles.map((tile) => coverOf(matrix, tile, rows, columns));
  const best = covers.findIndex(
    ({ groups, area }) =>
      groups * times >= gpu.machine.matmul.matrixWorkgroups && area <= MOST_WASTE * covers[last].area,
  );
  const first = tiles[best < 0 ? last : best];
  return tiles.length === 0 ? [] : [first, ...tiles.filter((tile) => tile !== first)];
}

/** Workgroups that a result takes, and the elements that they compute. */
function coverOf(
  units: MatrixUnits,
  tile: MatrixTile,
  rows: number,
  columns: number,
): { groups: number; area: number } {
  const { BM, BN } = sizesOf(units, tile);
  const groups = Math.ceil(rows / BM) * Math.ceil(columns / BN);
  return { groups, area: groups * BM * BN };
}

/** Rows and columns of a tile, and its workgroup's threads. */
export const sizesOf = ({ M, N, lanes }: MatrixUnits, { UM, UN, SM, SN }: MatrixTile) => ({
  BM: M * UM * SM,
  BN: N * UN * SN,
  threads: SM * SN * lanes,
});

/** What shaders/matmul/matrix_tile.wgsl divides must divide evenly, and what it declares must fit. */
function hasRoom({ device: { limits } }: Gpu, units: MatrixUnits, tile: MatrixTile): boolean {
  const { BM, BN, threads } = sizesOf(units, tile);
  const { UM, UN, SM, SN, BK } = tile;
  const slots = [BK / 8, BM / 8, BN / 8];
  const whole = [BK / units.K, BK / 8, (BM * BK) / (8 * threads), (BN * BK) / (8 * threads)];
  // The larger of an operand's two layouts, and the sums on their way out: vec4u of 16 bytes.
  const operand = (side: number): number => Math.max(side * (BK / 8 + 1), BK * (side / 8 + 1));
  const strips = SM * SN * units.M * ((UN * units.N) / 4 + 1);
  return (
    [UM, UN, SM, SN, ...whole].every(Number.isInteger) &&
    slots.every((row) => threads % row === 0) &&
    16 * Math.max(operand(BM) + operand(BN), strips) <= limits.maxComputeWorkgroupStorageSize &&
    threads <= Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX)
  );
}

/** How operands lie in memory: is k what runs along their rows, and how many halves may a load take? */
export interface MatrixOperands {
  leftDeep: boolean;
  rightDeep: boolean;
  width: 4 | 8;
}

/** What a kernel on `tile` is compiled with; `out` is how results are stored. */
export function matrixPrelude(
  { capabilities: { matrix } }: Gpu,
  { name: _, ...tile }: MatrixTile,
  { leftDeep, rightDeep, width }: MatrixOperands,
  out: Storage,
): Pick<KernelCall, 'constants' | 'types' | 'includes'> {
  const { M, N, K, lanes, emulated } = matrix!;
  return {
    constants: { M, N, K, LANES: lanes, ...tile, LEFT_DEEP: leftDeep, RIGHT_DEEP: rightDeep, WIDTH: width },
    types: { Load: width === 8 ? 'vec4u' : 'vec2u', Out: out === 'f16' ? 'vec4h' : 'vec4f' },
    ...(emulated && { includes: { 'matmul/matrix_unit': 'matmul/matrix_emulated' } }),
  };
}
