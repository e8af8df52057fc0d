// Launches the plain matrix product: any shape, one element a thread. The reference that every faster kernel is compared with.
import { type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { costOf, type Gemm, planesWords } from './gemm.ts';

/** Records C ← op(A)·op(B), `bindings` being A, B, C. */
export function plain(gpu: Gpu, product: Gemm, bindings: Slice[]): void {
  const { m, n, k, transposeA, transposeB, planes, sums, operands = 'f32', result = 'f32' } = product;
  gpu.run({
    shader: 'matmul/plain',
    types: { Operand: operands, Result: result },
    bindings,
    params: params(
      ...planesWords(product, m * k, k * n),
      ...[planes, m, n, k, sums],
      ...(transposeA ? [1, m] : [k, 1]),
      ...(transposeB ? [1, k] : [n, 1]),
    ),
    grid: grid1d(Math.ceil((planes * m * n) / 64)),
    cost: costOf(product),
  });
}
