// What a matrix product is to the kernels: its sizes, how its operands are stored, and what it costs.
import type { Cost } from '../../../gpu/index.ts';
import { bytesOf, type Storage } from '../../../tensor/index.ts';

/** C = op(A)·op(B): op(A) is m×k, op(B) is k×n, all row-major; an operand marked transposed is stored k×m or n×k. */
export interface Gemm {
  m: number;
  n: number;
  k: number;
  transposeA: boolean;
  transposeB: boolean;
  /** Planes of C. */
  planes: number;
  /** Products added up in each plane. `planes` or `sums` is 1. */
  sums: number;
  /** Has A (B) one plane for each product, or one for all? */
  manyA: boolean;
  manyB: boolean;
  /** How A and B, and C, are stored. Default f32. */
  operands?: Storage;
  result?: Storage;
}

export const elementsA = ({ m, k, planes, sums, manyA }: Gemm): number => m * k * (manyA ? planes * sums : 1);
export const elementsB = ({ n, k, planes, sums, manyB }: Gemm): number => k * n * (manyB ? planes * sums : 1);

/** A multiply-add counts two; every operand crosses the bus once. */
export function costOf(product: Gemm): Cost {
  const { m, n, k, planes, sums, operands = 'f32', result = 'f32' } = product;
  return {
    flops: 2 * m * n * k * planes * sums,
    bytes: bytesOf(operands) * (elementsA(product) + elementsB(product)) + bytesOf(result) * planes * m * n,
  };
}
