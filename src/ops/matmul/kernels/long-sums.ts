// Products of long sums, as the gradient of a weight over all pixels of a batch is: cut along the sum into products of their own, which kernels add up one term after
// another, and these added up as a reduction does. What f32 loses grows with the longest row of additions.
import type { Allocation, Gpu, Slice } from '../../../gpu/index.ts';
import { bytesOf } from '../../../tensor/index.ts';
import { reduce } from '../../reduce/kernels/candidates.ts';
import type { Gemm } from './gemm.ts';
import { repack } from './stationary.ts';

/** Terms of a piece. */
const PIECE = 4096;
/** Bytes that the pieces' results may take; where there are few of them, pieces are longer. */
const ROOM = 2 ** 26;
/** Pieces begin at whole numbers of this many terms, so that WebGPU binds them: 256 bytes of f16. */
const ALIGNMENT = 128;

type Multiply = (gpu: Gpu, product: Gemm, slices: Slice[]) => void;

/** Terms of a piece of a sum of `terms`, whose results take `bytes` each. */
export const pieceOf = (terms: number, bytes: number): number =>
  Math.max(PIECE, Math.ceil(terms / Math.max(1, Math.floor(ROOM / bytes))));

/** Pieces from which an operand that holds the sum inside is copied with the sum outside: below, kernels' own runs are short enough for layers of networks. */
const WORTH_A_COPY = 16;

/** Long enough to be cut. A piece is a slice of operands that hold the sum outside; others are turned, where that pays. */
export function isLong({
  m,
  n,
  k,
  transposeA,
  transposeB,
  planes,
  sums,
  operands = 'f32',
  result = 'f32',
}: Gemm): boolean {
  const outside = (transposeA || m === 1) && (!transposeB || n === 1);
  const fewest = outside ? 2 : WORTH_A_COPY;
  const cuts = outside || operands === 'f32';
  return cuts && k >= fewest * pieceOf(k, 4 * m * n) && planes === 1 && sums === 1 && result === 'f32';
}

/** C ← op(A)·op(B), by `multiply` in pieces. */
export function longProduct(gpu: Gpu, given: Gemm, [left, right, c]: Slice[], multiply: Multiply): void {
  const { m, n, k, operands = 'f32' } = given;
  const product = { ...given, transposeA: true, transposeB: false };
  const copies: Allocation[] = [];
  /** [side, k] as [k, side]. */
  const turned = (slice: Slice, side: number): Slice => {
    const copy = gpu.allocate('matmul operand', k * side * 4);
    copies.push(copy);
    repack(gpu, slice, copy, { planes: 1, rows: k, columns: side, length: side, plane: 0, row: 1, column: k });
    return copy;
  };
  const a = given.transposeA || m === 1 ? left : turned(left, m);
  const b = !given.transposeB || n === 1 ? right : turned(right, n);
  const piece = ALIGNMENT * Math.ceil(pieceOf(k, 4 * m * n) / ALIGNMENT);
  const whole = Math.floor(k / piece);
  const rest = k - whole * piece;
  const addRest = (): void => {
    const from = ({ buffer, offset, size }: Slice, width: number): Slice => {
      const begin = whole * piece * width * bytesOf(operands);
      return { buffer, offset: offset + begin, size: size - begin };
    };
    const last = gpu.allocate('matmul, partial', m * n * 4);
    multiply(gpu, { ...product, k: rest }, [from(a, m), from(b, n), last]);
    gpu.pointwise({
      sides: [m * n],
      operands: [c, last].map((slice) => ({ slice, stored: 'f32', own: [true] })),
      steps: [{ label: 'accumulate/add', code: 'a + b', values: { a: { operand: 0 }, b: { operand: 1 } } }],
      results: [{ slice: c, stored: 'f32', step: 0 }],
    });
    gpu.release(last);
  };
  const partial = gpu.allocate('matmul, partial', whole * m * n * 4);
  multiply(gpu, { ...product, k: piece, planes: whole, manyA: true, manyB: true }, [a, b, partial]);
  reduce({ gpu, sides: [1, whole, m * n], fold: 'sum', finish: {}, stored: ['f32', 'f32'] }, partial, c);
  gpu.release(partial);
  if (rest > 0) addRest();
  for (const copy of copies) gpu.release(copy);
}
