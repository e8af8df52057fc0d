// The tiles of shaders/matmul/vector_tile.wgsl: which of them suit a product, best guess first, and into how many parts its depth is cut where tiles alone do
// not fill a GPU. On an H200 the sizes are within 1.2× of each other (docs/results/gpu-h200.md); the tuner decides.
import type { Gpu } from '../../../gpu/index.ts';

/** Rows and columns of a tile of the result; each thread makes 8 × `columns` of it. */
export interface Tile {
  m: number;
  n: number;
  columns: 4 | 8;
}

export const TILES = {
  huge: { m: 128, n: 128, columns: 8 },
  large: { m: 128, n: 64, columns: 4 },
  medium: { m: 64, n: 64, columns: 4 },
  small: { m: 32, n: 32, columns: 4 },
} as const satisfies Record<string, Tile>;

export type TileSize = keyof typeof TILES;
/** `split`: the depth is shared out among workgroups, whose sums are added by another pass. */
export type TileName = TileSize | `${TileSize} split`;

const SIZES = Object.keys(TILES) as TileSize[];

/** Values of k that the kernels take at a time. */
export const STEP = 16;
/** Steps below which a part is not worth its sums' way through memory. */
const LEAST_STEPS = 8;

/** Sides of the result, planes of it, and the depth in steps of one. */
export interface Extent {
  rows: number;
  columns: number;
  planes: number;
  steps: number;
}

const threadsOf = ({ m, n, columns }: Tile): number => (m * n) / (8 * columns);

const filled = (size: TileSize, { rows, columns, planes }: Extent): number => {
  const tile = TILES[size];
  return Math.ceil(rows / tile.m) * Math.ceil(columns / tile.n) * planes * threadsOf(tile);
};

/** Parts of the depth with which a tile fills the machine, as far as the depth goes. */
export const partsFor = (gpu: Gpu, size: TileSize, extent: Extent): number =>
  Math.max(
    1,
    Math.min(Math.ceil(gpu.machine.matmul.tileThreads / filled(size, extent)), Math.floor(extent.steps / LEAST_STEPS)),
  );

/** Tiles of which at least half the rows and columns are used. */
const fitting = ({ rows, columns }: Extent): TileSize[] =>
  SIZES.filter((size) => size === 'small' || (rows > TILES[size].m / 2 && columns > TILES[size].n / 2));

/** The largest tile that fills the machine with `parts`, or the one that comes closest. */
function best(gpu: Gpu, extent: Extent, parts: (size: TileSize) => number): TileSize {
  const sizes = fitting(extent);
  const threads = (size: TileSize): number => filled(size, extent) * parts(size);
  return (
    sizes.find((size) => threads(size) >= gpu.machine.matmul.tileThreads) ??
    sizes.reduce((most, size) => (threads(size) > threads(most) ? size : most))
  );
}

/** Tile sizes for products that are cut into parts whenever that helps. */
export function tileSizes(gpu: Gpu, extent: Extent): TileSize[] {
  const first = best(gpu, extent, (size) => partsFor(gpu, size, extent));
  return [first, ...fitting(extent).filter((size) => size !== first)];
}

/** Tiles, whole and split: whole where one fills the machine or no part would be deep enough. */
export function tileNames(gpu: Gpu, extent: Extent): TileName[] {
  const whole = best(gpu, extent, () => 1);
  const [cut] = tileSizes(gpu, extent);
  const first: TileName =
    filled(whole, extent) >= gpu.machine.matmul.tileThreads || partsFor(gpu, cut, extent) === 1
      ? whole
      : (`${cut} split` as const);
  const sizes = fitting(extent);
  const splits = sizes.filter((size) => partsFor(gpu, size, extent) > 1).map((size) => `${size} split` as const);
  return [first, ...[...sizes, ...splits].filter((name) => name !== first)];
}

/** A name as the tile it stands for and its parts; one part where splitting does not help. */
export function tileOf(gpu: Gpu, name: TileName, extent: Extent): { tile: Tile; parts: number } {
  const [size, split] = name.split(' ') as [TileSize, string?];
  return { tile: TILES[size], parts: split ? partsFor(gpu, size, extent) : 1 };
}

/** The constants of shaders/matmul/vector_tile.wgsl. */
export const tileConstants = ({ m, n, columns }: Tile, DEEP_A: boolean, DEEP_B: boolean) => ({
  TILE_M: m,
  TILE_N: n,
  COLUMNS: columns,
  DEEP_A,
  DEEP_B,
});

/** The includes of kernels with loops over a tile: whether they are unrolled. */
export const tileIncludes = (gpu: Gpu): Record<string, string> =>
  gpu.machine.matmul.rolled ? { 'matmul/unrolled': 'matmul/rolled' } : {};
