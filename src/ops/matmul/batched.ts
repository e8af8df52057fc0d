// Products of batches of matrices, as NumPy lines them up: sides of 1 repeat. Kernels address what repeats where it lies; sides along which operands and result go
// alike are merged first, so that most products are one matrix, or planes in a row.
import type { Gpu } from '../../gpu/index.ts';
import { empty, type Shape, type Storage, type Tensor, TensorError } from '../../tensor/index.ts';
import { sumInto } from '../reduce/sum-into.ts';
import { multiply } from './kernels/candidates.ts';
import type { Epilogue } from './kernels/epilogue.ts';

/** Matrices as a factor of a product, or its result. */
export interface Factor {
  tensor: Tensor;
  transposed: boolean;
  /** Sides before those of the matrices, as many as the other factors have. */
  batch: Shape;
}

/** Neighboring batch sides, merged, along which each of the three goes on, or repeats or is summed. */
interface Side {
  n: number;
  left: boolean;
  right: boolean;
  out: boolean;
}

/** Sides that kernels take. */
const MOST_SIDES = 4;

export const transposed = (factor: Factor): Factor => ({ ...factor, transposed: !factor.transposed });

/** A side of the result: what is 1 repeats. */
export const broadcastSide = (a: number, b: number): number => (a === 1 ? b : a);

/** Rows and columns of a factor as it enters the product. */
export function matrixSides({ tensor: { shape }, transposed }: Factor): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** out ← left·right, as stored in `out`; summed along sides of 1 that both factors go on along. */
export function batchedProduct(gpu: Gpu, left: Factor, right: Factor, out: Factor, epilogue: Epilogue = {}): void {
  let [m, k] = matrixSides(left);
  const n = matrixSides(right)[1];
  const sides = merged(left, right, out);
  const last = sides.at(-1);
  // The batch of a row-major left factor, or of both factors along the summed axis, is one tall matrix.
  if (last && !last.right && !left.transposed) m *= sides.pop()!.n;
  else if (last && !last.out && left.transposed && !right.transposed) k *= sides.pop()!.n;
  const [planes, sums] = [sides.filter((side) => side.out), sides.filter((side) => !side.out)];
  if (sums.length > 1) {
    summedLater(gpu, left, right, out);
    return;
  }
  if (planes.length > MOST_SIDES)
    throw new TensorError(
      `matmul: ${left.tensor.label} and ${right.tensor.label} repeat along more than ${MOST_SIDES} groups of batch sides; expand one of them`,
    );
  const [a, b] = (['left', 'right'] as const).map((which) => stridesOf(sides, which));
  const nested = planes.length > 1 || (planes.length > 0 && sums.length > 0);
  const steps = (of: number[], summed: boolean): number[] => of.filter((_, i) => sides[i].out !== summed);
  const countOf = (which: 'left' | 'right'): number => product(sides.filter((side) => side[which]));
  multiply(
    gpu,
    {
      ...{ m, n, k, transposeA: left.transposed, transposeB: right.transposed },
      ...{ planes: product(planes), sums: product(sums) },
      ...{ manyA: countOf('left') !== 1, manyB: countOf('right') !== 1 },
      nest: nested
        ? {
            sides: planes.map((side) => side.n),
            ...{ a: steps(a, false), b: steps(b, false) },
            ...{ nextA: steps(a, true)[0] ?? 0, nextB: steps(b, true)[0] ?? 0 },
            ...{ countA: countOf('left'), countB: countOf('right') },
          }
        : undefined,
      operands: left.tensor.dtype as Storage,
      result: out.tensor.dtype as Storage,
    },
    [left, right, out].map(({ tensor }) => tensor.slice),
    epilogue,
  );
}

const product = (sides: readonly Side[]): number => sides.reduce((all, { n }) => all * n, 1);

function merged(left: Factor, right: Factor, out: Factor): Side[] {
  const sides: Side[] = [];
  left.batch.forEach((_, i) => {
    const n = broadcastSide(left.batch[i], right.batch[i]);
    if (n === 1) return;
    const side = { n, left: left.batch[i] !== 1, right: right.batch[i] !== 1, out: out.batch[i] !== 1 };
    const last = sides.at(-1);
    if (last?.left === side.left && last.right === side.right && last.out === side.out) last.n *= n;
    else sides.push(side);
  });
  return sides;
}

/** Of a factor, matrices from one of a side to the next, 0 where it repeats. */
function stridesOf(sides: readonly Side[], which: 'left' | 'right'): number[] {
  const strides = sides.map(() => 0);
  let stride = 1;
  for (let i = sides.length - 1; i >= 0; i--) {
    if (!sides[i][which]) continue;
    strides[i] = stride;
    stride *= sides[i].n;
  }
  return strides;
}

/** Where sums lie between sides that stay: all products first. */
function summedLater(gpu: Gpu, left: Factor, right: Factor, out: Factor): void {
  const batch = left.batch.map((n, i) => broadcastSide(n, right.batch[i]));
  const all = empty(gpu, [...batch, matrixSides(left)[0], matrixSides(right)[1]], 'matmul, partial');
  batchedProduct(gpu, left, right, { tensor: all, transposed: false, batch });
  const total = out.tensor.alias([...out.batch, ...out.tensor.shape.slice(-2)]);
  sumInto(all, total);
  for (const tensor of [all, total]) tensor.release();
}
