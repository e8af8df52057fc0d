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
  /** In place of these two, where the planes have several sides, or each is a sum. */
  nest?: Nest;
  /** How A and B, and C, are stored. Default f32. */
  operands?: Storage;
  result?: Storage;
}

/** Which matrices the planes of C are products of, counted in matrices. */
export interface Nest {
  /** Up to four, outermost first; their product is `planes`. */
  sides: readonly number[];
  /** From one plane to the next along each side, 0 where the operand repeats. */
  a: readonly number[];
  b: readonly number[];
  /** From one product to the next of those that are added up. */
  nextA: number;
  nextB: number;
  /** All of A, and of B. */
  countA: number;
  countB: number;
}

/** The Nest of any product. */
export function nestOf({ planes, sums, manyA, manyB, nest }: Gemm): Nest {
  if (nest) return nest;
  const [a, b] = [Number(manyA), Number(manyB)];
  const count = planes * sums;
  return { sides: [planes], a: [a], b: [b], nextA: a, nextB: b, countA: manyA ? count : 1, countB: manyB ? count : 1 };
}

/** The words of shaders/matmul/planes.wgsl, for matrices of so many elements. */
export function planesWords(product: Gemm, elementsA: number, elementsB: number): number[] {
  const { sides, a, b, nextA, nextB } = nestOf(product);
  const four = (list: readonly number[], fill: number): number[] => [...Array(4 - list.length).fill(fill), ...list];
  return [
    ...four(sides, 1),
    ...four(a, 0).map((n) => n * elementsA),
    ...four(b, 0).map((n) => n * elementsB),
    ...[nextA * elementsA, nextB * elementsB, 0, 0],
  ];
}

export const elementsA = (product: Gemm): number => product.m * product.k * nestOf(product).countA;
export const elementsB = (product: Gemm): number => product.k * product.n * nestOf(product).countB;

/** A multiply-add counts two; every operand crosses the bus once. */
export function costOf(product: Gemm): Cost {
  const { m, n, k, planes, sums, operands = 'f32', result = 'f32' } = product;
  return {
    flops: 2 * m * n * k * planes * sums,
    bytes: bytesOf(operands) * (elementsA(product) + elementsB(product)) + bytesOf(result) * planes * m * n,
  };
}
