// Matrix products, single and batched, with either operand transposed. Backward is two more products with the right transposes, so no
// transposed copy is kept.
import type { Gpu } from '../../gpu/index.ts';
import type { Storage } from '../../tensor/index.ts';
import { type Backward, empty, needChannels, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { sumInto } from '../reduce/sum-into.ts';
import { multiply } from './kernels/candidates.ts';
import type { Epilogue } from './kernels/epilogue.ts';

export interface MatmulOptions {
  /** `a` is stored [K, M] instead of [M, K]. */
  transposeA?: boolean;
  /** `b` is stored [N, K] instead of [K, N]. */
  transposeB?: boolean;
  /** f32 [N], added to every row of the result. */
  bias?: Tensor;
}

/** A matrix, or a batch of them, as a factor of a product. */
interface Factor {
  tensor: Tensor;
  transposed: boolean;
  /** One matrix for each of the batch, or one for all? */
  many: boolean;
}

/**
 * a·b for [M,K]×[K,N] → [M,N], or matrix by matrix for [B,M,K]×[B,K,N] → [B,M,N]; a 2-D operand beside a 3-D one serves the whole batch,
 * and its gradient is the sum over it. f32, or both operands and the result f16 with sums in f32. Throws TensorError for other shapes and dtypes.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, bias }: MatmulOptions = {},
): Tensor {
  const left = { tensor: a, transposed: transposeA, many: a.shape.length === 3 };
  const right = { tensor: b, transposed: transposeB, many: b.shape.length === 3 };
  const [m, k] = factorSides(left);
  const [inner, n] = factorSides(right);
  const batches = [a, b].filter(({ shape }) => shape.length === 3).map(({ shape }) => shape[0]);
  if (k !== inner || batches[0] !== (batches[1] ?? batches[0]))
    throw new TensorError(
      `matmul: ${a.label} ${shapeText(a.shape)}${transposeA ? ' transposed' : ''} does not fit ` +
        `${b.label} ${shapeText(b.shape)}${transposeB ? ' transposed' : ''}: [M×K] takes [K×N], and batches must be equal`,
    );
  if (a.dtype !== b.dtype)
    throw new TensorError(
      `matmul: ${a.label} is ${a.dtype} and ${b.label} ${b.dtype}; both must be stored alike, see cast`,
    );
  if (bias) needChannels('matmul', n, bias);
  const c = empty(a.gpu, [...batches.slice(0, 1), m, n], 'matmul', a.dtype);
  const output = { tensor: c, transposed: false, many: batches.length > 0 };
  gemm(a.gpu, left, right, output, { shift: bias?.slice });
  const backward: Backward = (gradient, sink) => {
    const given = { ...output, tensor: gradient };
    // A stored transposed needs the transposed gradient, (dC·op(B)ᵀ)ᵀ = op(B)·dCᵀ; the same for B.
    sink.write(0, (out) => {
      if (transposeA) gemm(out.gpu, right, transposed(given), { ...left, tensor: out });
      else gemm(out.gpu, given, transposed(right), { ...left, tensor: out });
    });
    sink.write(1, (out) => {
      if (transposeB) gemm(out.gpu, transposed(given), left, { ...right, tensor: out });
      else gemm(out.gpu, transposed(left), given, { ...right, tensor: out });
    });
    if (bias) sink.write(2, (out) => sumInto(gradient, out));
  };
  return record('matmul', c, bias ? [a, b, bias] : [a, b], backward, [], { transposeA, transposeB });
}

const transposed = (factor: Factor): Factor => ({ ...factor, transposed: !factor.transposed });

/** Rows and columns of a factor as it enters the product. */
function factorSides({ tensor: { shape, label, dtype }, transposed }: Factor): [number, number] {
  if ((shape.length !== 2 && shape.length !== 3) || (dtype !== 'f32' && dtype !== 'f16'))
    throw new TensorError(`matmul: ${label} ${shapeText(shape)} is ${dtype}; it takes f32 or f16 in 2 or 3 dimensions`);
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** out ← left·right, as stored in `out`; summed over the batch where `out` is a single matrix. */
function gemm(gpu: Gpu, left: Factor, right: Factor, out: Factor, epilogue: Epilogue = {}): void {
  const [m, k] = factorSides(left);
  const n = factorSides(right)[1];
  const batch = left.many ? left.tensor.shape[0] : right.many ? right.tensor.shape[0] : 1;
  const [operands, result] = [left.tensor, out.tensor].map(({ dtype }) => dtype as Storage);
  const shape = { m, n, k, transposeA: left.transposed, transposeB: right.transposed, operands, result };
  const bindings = [left, right, out].map(({ tensor }) => tensor.slice);
  // The batch of a row-major left factor, or of both factors along the summed axis, is one tall matrix: a single product.
  if (!right.many && !left.transposed)
    multiply(gpu, { ...shape, m: batch * m, planes: 1, sums: 1, manyA: false, manyB: false }, bindings, epilogue);
  else if (!out.many && left.many && right.many && left.transposed && !right.transposed)
    multiply(gpu, { ...shape, k: batch * k, planes: 1, sums: 1, manyA: false, manyB: false }, bindings, epilogue);
  else
    multiply(
      gpu,
      { ...shape, planes: out.many ? batch : 1, sums: out.many ? 1 : batch, manyA: left.many, manyB: right.many },
      bindings,
      epilogue,
    );
}
