// Matrix products, single and batched, with either operand transposed. Backward is two more products with the right transposes, so no
// transposed copy is kept.
import {
  empty,
  needChannels,
  needFloats,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { sumInto } from '../reduce/sum-into.ts';
import { reshape } from '../shape/reshape.ts';
import { batchedProduct, broadcastSide, type Factor, matrixSides, transposed } from './batched.ts';
import { storedAs } from './stored-as.ts';
import { Temporaries } from './temporaries.ts';

/** How the operands are stored, and what is added. Left out: as they are, and nothing. */
export interface MatmulOptions {
  /** `a` is stored [..., K, M] instead of [..., M, K]. */
  transposeA?: boolean;
  /** `b` is stored [..., N, K] instead of [..., K, N]. */
  transposeB?: boolean;
  /** f32 [N], added to every row of the result. */
  bias?: Tensor;
}

/**
 * a·b for [..., M, K] × [..., K, N] → [..., M, N], as NumPy's matmul: the sides before the matrices are lined up from the last, one of 1 (or none) repeats, and the
 * gradient of what repeats is the sum over it; nothing is copied for that. A vector [K] is a row on the left and a column on the right, whose side the result has not:
 * two of them give [1]. f32 or f16 with sums in f32; where one operand is f16 the other enters as f16, and the result is f16. Throws TensorError for shapes and dtypes
 * that do not fit.
 *
 * @example
 * const scores = matmul(q, k, { transposeB: true }); // [8, 4, 197, 64] and [8, 1, 197, 64] give [8, 4, 197, 197]
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, bias } = options;
  for (const one of [a, b]) needFloats('matmul', one);
  if (a.shape.length < 2 || b.shape.length < 2) return withVectors(a, b, options);
  const depth = Math.max(a.shape.length, b.shape.length) - 2;
  const left = factorOf(a, transposeA, depth);
  const right = factorOf(b, transposeB, depth);
  const [m, k] = matrixSides(left);
  const [inner, n] = matrixSides(right);
  const batch = left.batch.map((side, i) => broadcastSide(side, right.batch[i]));
  const fits = [left, right].every((factor) => factor.batch.every((side, i) => side === 1 || side === batch[i]));
  if (k !== inner || !fits)
    throw new TensorError(
      `matmul: ${a.label} ${shapeText(a.shape)}${transposeA ? ' transposed' : ''} does not fit ` +
        `${b.label} ${shapeText(b.shape)}${transposeB ? ' transposed' : ''}: [M×K] takes [K×N], and sides before those must be equal or 1`,
    );
  if (bias) needChannels('matmul', n, bias);
  const dtype = a.dtype === 'f16' ? a.dtype : b.dtype;
  const [p, q] = [a, b].map((one) => storedAs(one, dtype));
  const c = empty(a.gpu, [...batch, m, n], 'matmul', dtype);
  const output = { tensor: c, transposed: false, batch };
  const [stored, other] = [
    { ...left, tensor: p.stored },
    { ...right, tensor: q.stored },
  ];
  batchedProduct(a.gpu, stored, other, output, { shift: bias?.slice });
  return record(
    'matmul',
    c,
    bias ? [a, b, bias] : [a, b],
    (gradient, sink) => {
      const given = { ...output, tensor: gradient };
      // A stored transposed needs the transposed gradient, (dC·op(B)ᵀ)ᵀ = op(B)·dCᵀ; the same for B.
      sink.write(0, (out) => {
        if (transposeA) batchedProduct(out.gpu, other, transposed(given), { ...left, tensor: out });
        else batchedProduct(out.gpu, given, transposed(other), { ...left, tensor: out });
      });
      sink.write(1, (out) => {
        if (transposeB) batchedProduct(out.gpu, transposed(given), stored, { ...right, tensor: out });
        else batchedProduct(out.gpu, transposed(stored), given, { ...right, tensor: out });
      });
      if (bias) sink.write(2, (out) => sumInto(gradient, out));
    },
    [...p.made, ...q.made],
  );
}

/** With as many sides before the matrices as asked for. */
function factorOf(tensor: Tensor, transposed: boolean, depth: number): Factor {
  const own = tensor.shape.slice(0, -2);
  return { tensor, transposed, batch: [...Array(depth - own.length).fill(1), ...own] };
}

function withVectors(a: Tensor, b: Tensor, { transposeA, transposeB, bias }: MatmulOptions): Tensor {
  const [row, column] = [a.shape.length === 1, b.shape.length === 1];
  if (a.shape.length === 0 || b.shape.length === 0 || (row && transposeA) || (column && (transposeB || bias)))
    throw new TensorError(
      `matmul: ${a.label} ${shapeText(a.shape)} and ${b.label} ${shapeText(b.shape)}: a vector has no transpose, and its product no columns for a bias`,
    );
  const temporaries = new Temporaries();
  const matrix = (x: Tensor, shape: Shape): Tensor => {
    const y = temporaries.from([x], reshape(x, shape));
    y.label = x.label;
    return y;
  };
  const [left, right] = [row ? matrix(a, [1, a.size]) : a, column ? matrix(b, [b.size, 1]) : b];
  const c = temporaries.from([left, right], matmul(left, right, { transposeA, transposeB, bias }));
  const last = c.shape.length - 1;
  const sides = c.shape.filter((_, i) => !(row && i === last - 1) && !(column && i === last));
  return temporaries.from([c], reshape(c, sides.length > 0 ? sides : [1]));
}
