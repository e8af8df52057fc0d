// The matrix product for GPUs: which tile a shape gets, and the launch.
import { type Gpu, params, type Slice } from '../../gpu/index.ts';
import { costOf, type Product } from './matmul-product.ts';

/** Rows, columns and depth of a tile of C. 8×4 elements a thread make workgroups of 256, 128 and 32 threads. */
type Tile = readonly [m: number, n: number, k: number];

const TILES: Record<'large' | 'medium' | 'small', Tile> = {
  large: [128, 64, 16],
  medium: [64, 64, 16],
  small: [32, 32, 16],
};
export type TileName = keyof typeof TILES;

/** Workgroups that fill a large GPU; with fewer, smaller tiles win. */
const ENOUGH = 256;
const MOST_ROWS = 65535;

/** Tile names, best guess first: the largest tile that still makes enough workgroups. */
export function tilesFor({ m, n, planes }: Product): TileName[] {
  const names: TileName[] = ['large', 'medium', 'small'];
  const groups = (name: TileName): number => Math.ceil(m / TILES[name][0]) * Math.ceil(n / TILES[name][1]) * planes;
  const best = names.find((name) => groups(name) >= ENOUGH) ?? 'small';
  return [best, ...names.filter((name) => name !== best)];
}

/** Records C ← op(A)·op(B). */
export function tiled(gpu: Gpu, product: Product, name: TileName, bindings: Slice[]): void {
  const { m, n, k, transposeA, transposeB, planes, sums, manyA, manyB } = product;
  const [tileM, tileN, tileK] = TILES[name];
  const whole = (transposeA ? m : k) % 4 === 0 && (transposeB ? k : n) % 4 === 0;
  gpu.run({
    shader: 'matmul_tiled',
    constants: {
      TILE_M: tileM,
      TILE_N: tileN,
      TILE_K: tileK,
      TRANSPOSE_A: transposeA,
      TRANSPOSE_B: transposeB,
      WIDTH: whole ? 4 : 1,
    },
    types: { Load: whole ? 'vec4f' : 'f32' },
    bindings,
    params: params(m, n, k, sums, manyA ? m * k : 0, manyB ? k * n : 0),
    grid: [Math.ceil(n / tileN), Math.min(MOST_ROWS, Math.ceil(m / tileM)), planes],
    cost: costOf(product),
    label: `matmul_tiled ${name}`,
  });
}
