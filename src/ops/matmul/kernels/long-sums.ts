// Products of long sums, as the gradient of a weight over all pixels of a batch is: cut along the sum into products of their own, which kernels add up one term after
// another, and these added up as a reduction does. What f32 loses grows with the longest row of additions.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import { bytesOf, chunkLaunch } from '../../../tensor/index.ts';
import { reduce } from '../../reduce/kernels/candidates.ts';
import type { Gemm } from './gemm.ts';

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

/** Both operands hold the sum outside, so that a piece of it is a slice. */
export const isLong = ({ m, n, k, transposeA, transposeB, planes, sums, result = 'f32' }: Gemm): boolean =>
  k >= 2 * pieceOf(k, 4 * m * n) && transposeA && !transposeB && planes === 1 && sums === 1 && result === 'f32';

/** C ← Aᵀ·B, by `multiply` in pieces. */
export function longProduct(gpu: Gpu, product: Gemm, [a, b, c]: Slice[], multiply: Multiply): void {
  const { m, n, k, operands = 'f32' } = product;
  const piece = ALIGNMENT * Math.ceil(pieceOf(k, 4 * m * n) / ALIGNMENT);
  const whole = Math.floor(k / piece);
  const rest = k - whole * piece;
  const partial = gpu.allocate('matmul, partial', whole * m * n * 4);
  multiply(gpu, { ...product, k: piece, planes: whole, manyA: true, manyB: true }, [a, b, partial]);
  reduce({ gpu, sides: [1, whole, m * n], fold: 'sum', finish: {} }, partial, c);
  gpu.release(partial);
  if (rest === 0) return;
  const from = ({ buffer, offset, size }: Slice, width: number): Slice => {
    const begin = whole * piece * width * bytesOf(operands);
    return { buffer, offset: offset + begin, size: size - begin };
  };
  const last = gpu.allocate('matmul, partial', m * n * 4);
  multiply(gpu, { ...product, k: rest }, [from(a, m), from(b, n), last]);
  gpu.run({
    shader: 'tensor/accumulate',
    entry: 'add',
    types: { V: 'vec4f' },
    bindings: [c, last],
    ...chunkLaunch(gpu, Math.ceil((m * n) / 4)),
    cost: { flops: m * n, bytes: 12 * m * n },
    label: 'accumulate/add',
  });
  gpu.release(last);
}
