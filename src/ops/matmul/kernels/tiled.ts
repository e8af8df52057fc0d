// The matrix product for GPUs: which tile a shape gets, and the launch.
import { type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { type Epilogue, finishing, finishTypes, sumPlanes } from './epilogue.ts';
import { costOf, type Gemm, planesWords } from './gemm.ts';
import { type Extent, STEP, type TileName, tileConstants, tileIncludes, tileNames, tileOf } from './vector-tiles.ts';

const extentOf = ({ m, n, k, planes, sums }: Gemm): Extent => ({
  rows: m,
  columns: n,
  planes,
  steps: Math.ceil(k / STEP) * sums,
});

/** Tile names, best guess first. */
export const tilesFor = (gpu: Gpu, product: Gemm): TileName[] => tileNames(gpu, extentOf(product));

const TYPES = {
  f32: { 1: { Load: 'f32', Wide: 'f32' }, 4: { Load: 'vec4f', Wide: 'vec4f' } },
  f16: { 1: { Load: 'f16', Wide: 'f32' }, 4: { Load: 'vec4h', Wide: 'vec4f' } },
};

/** Records C ← op(A)·op(B), and what the epilogue makes of it; its scale and shift go by column. */
export function tiled(gpu: Gpu, product: Gemm, name: TileName, [a, b, c]: Slice[], epilogue: Epilogue = {}): void {
  const { m, n, k, transposeA, transposeB, planes, sums } = product;
  const { operands = 'f32', result = 'f32' } = product;
  const extent = extentOf(product);
  const { tile, parts } = tileOf(gpu, name, extent);
  const width = (transposeA ? m : k) % 4 === 0 && (transposeB ? k : n) % 4 === 0 ? 4 : 1;
  const partial = parts > 1 ? gpu.allocate('matmul, partial', parts * planes * m * n * 4) : undefined;
  const { constants, bindings } = finishing(partial ? {} : epilogue, a);
  const wide = n % 4 === 0;
  gpu.run({
    shader: 'matmul/tiled',
    constants: { ...tileConstants(tile, !transposeA, transposeB), WIDTH: width, ...constants },
    types: { ...TYPES[operands][width], ...finishTypes(partial ? 'f32' : result, wide ? 4 : 1) },
    includes: { ...tileIncludes(gpu), ...(!wide && { 'matmul/put_wide': 'matmul/put_narrow' }) },
    bindings: [...bindings, a, b, partial ?? c],
    params: params(
      ...planesWords(product, m * k, k * n),
      ...[m, n, k, sums, planes, Math.ceil(extent.steps / parts), STEP],
    ),
    grid: [...grid1d(Math.ceil(m / tile.m) * Math.ceil(n / tile.n)), planes * parts],
    cost: costOf(product),
    label: `matmul_tiled ${name}`,
  });
  if (!partial) return;
  sumPlanes(gpu, partial, parts, c, planes * m, n, result, epilogue);
  gpu.release(partial);
}
