// The matrix product on matrix units: f16 operands, f32 sums, a result in either. Rows that are not whole loads of four are padded by a copy first.
import { type Cost, type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, type Storage } from '../../../tensor/index.ts';
import { costOf, elementsA, elementsB, type Gemm, nestOf, planesWords } from './gemm.ts';
import { type MatrixTile, matrixPrelude, matrixTiles, sizesOf } from './matrix-config.ts';
import { cropped, padded, roundUp } from './relayout.ts';

/** Halves count two bytes. */
const costOnUnits = (product: Gemm, out: Storage): Cost => ({
  flops: costOf(product).flops,
  bytes: 2 * (elementsA(product) + elementsB(product)) + bytesOf(out) * product.planes * product.m * product.n,
  unit: 'matrix',
});

/** Records C ← op(A)·op(B) for A and B in f16, C in `out`. For devices where `matrixFits`; `tile` one of `matrixTiles`. */
export function matmulMatrix(
  gpu: Gpu,
  product: Gemm,
  [a, b, c]: Slice[],
  out: Storage,
  tile: MatrixTile = matrixTiles(gpu, product.m, product.n, product.planes)[0],
): void {
  const { m, n, k, transposeA, transposeB, planes, sums } = product;
  const { countA, countB } = nestOf(product);
  const [linesA, lengthA] = transposeA ? [k, m] : [m, k];
  const [linesB, lengthB] = transposeB ? [n, k] : [k, n];
  const [rowA, rowB, rowC] = [lengthA, lengthB, n].map((length) => roundUp(length, 4));
  const { BM, BN } = sizesOf(gpu.capabilities.matrix!, tile);
  const launch = (left: Slice, right: Slice, result: Slice): void =>
    gpu.run({
      shader: 'matmul/matrix',
      ...matrixPrelude(
        gpu,
        tile,
        { leftDeep: !transposeA, rightDeep: transposeB, width: rowA % 8 === 0 && rowB % 8 === 0 ? 8 : 4 },
        out,
      ),
      bindings: [left, right, result],
      params: params(...planesWords(product, linesA * rowA, linesB * rowB), m, n, k, sums, rowA, rowB, rowC),
      grid: [...grid1d(Math.ceil(m / BM) * Math.ceil(n / BN)), planes],
      cost: costOnUnits(product, out),
      label: `matmul/matrix ${tile.name}`,
    });
  padded(
    gpu,
    a,
    linesA * countA,
    lengthA,
    rowA,
    (left) =>
      padded(
        gpu,
        b,
        linesB * countB,
        lengthB,
        rowB,
        (right) => cropped(gpu, c, planes * m, n, rowC, (result) => launch(left, right, result), out),
        'f16',
      ),
    'f16',
  );
}
