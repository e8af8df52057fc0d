// The matrix product for software adapters. Its kernel takes rows of whole vec4s and no transposes; what comes otherwise is copied first,
// which costs little beside the product: 512³ with both operands transposed takes 1.2 times as long as with none.
import { type Gpu, params, type Slice } from '../../../gpu/index.ts';
import { costOf, type Gemm, nestOf, planesWords } from './gemm.ts';

/** Rows of B that stand: long sums go through C less often with 128, which compile for twice as long. */
const block = (lanes: 4 | 8, k: number): number => (lanes === 8 && k > 64 ? 128 : 64);
/** Fewer rows than this do not pay for loading the stationary block once more. */
const FEWEST_ROWS = 64;

/** The lanes that run in lockstep, if the kernel has a form for them. */
export function stationaryLanes({ adapter, capabilities }: Gpu): 4 | 8 | undefined {
  const { subgroupMinSize: size, subgroupMaxSize } = adapter;
  return capabilities.subgroups && size === subgroupMaxSize && (size === 4 || size === 8) ? size : undefined;
}

/** Records C ← op(A)·op(B); `lanes` from `stationaryLanes`. */
export function stationary(gpu: Gpu, product: Gemm, lanes: 4 | 8, [a, b, c]: Slice[]): void {
  const { m, n, k, transposeA, transposeB, planes, sums } = product;
  const { countA, countB } = nestOf(product);
  const BLOCK = block(lanes, k);
  const wide = Math.ceil(n / 4);
  const deep = Math.ceil(k / 4);
  const scratch: (() => void)[] = [];
  const space = (label: string, elements: number): Slice => {
    const allocation = gpu.allocate(label, elements * 4);
    scratch.push(() => gpu.release(allocation));
    return allocation;
  };
  const aligned = (slice: Slice, rows: number, columns: number, transposed: boolean, copies: number): Slice => {
    if (!transposed && columns % 4 === 0) return slice;
    const length = Math.ceil(columns / 4) * 4;
    const copy = space('matmul operand', copies * rows * length);
    const steps = transposed ? { row: 1, column: rows } : { row: columns, column: 1 };
    repack(gpu, slice, copy, { planes: copies, rows, columns, length, plane: rows * columns, ...steps });
    return copy;
  };
  const left = aligned(a, m, k, transposeA, countA);
  const right = aligned(b, k, n, transposeB, countB);
  const whole = n % 4 === 0;
  const out = whole ? c : space('matmul result', planes * m * wide * 4);
  // shaders/matmul/stationary.wgsl says what was measured.
  const WIDE = k <= 64 && sums === 1 && wide > lanes ? 2 : 1;
  const columns = Math.ceil(wide / (WIDE * lanes));
  const splits = Math.max(
    1,
    Math.min(Math.ceil(gpu.machine.matmul.stationaryWorkgroups / (columns * planes)), Math.floor(m / FEWEST_ROWS)),
  );
  const rows = Math.ceil(m / splits);
  gpu.run({
    shader: 'matmul/stationary',
    constants: { LANES: lanes, BLOCK, WIDE },
    bindings: [left, right, out],
    params: params(...planesWords(product, m * deep, k * wide), m, wide, deep, k, rows, sums, BLOCK, 1),
    grid: [columns, Math.ceil(m / rows), planes],
    cost: costOf(product),
  });
  if (!whole)
    repack(gpu, out, c, { planes, rows: m, columns: n, length: n, plane: m * wide * 4, row: wide * 4, column: 1 });
  for (const release of scratch) release();
}

interface Repack {
  planes: number;
  rows: number;
  columns: number;
  length: number;
  plane: number;
  row: number;
  column: number;
}

/** Copies matrices between row lengths and orders: y[plane][row][column] is x[plane·`plane` + row·`row` + column·`column`]. */
export function repack(
  gpu: Gpu,
  x: Slice,
  y: Slice,
  { planes, rows, columns, length, plane, row, column }: Repack,
): void {
  const across = Math.ceil(length / 8);
  const shares = Math.ceil(gpu.machine.matmul.repackWorkgroups / (across * planes));
  gpu.run({
    shader: 'matmul/repack',
    bindings: [x, y],
    params: params(rows, columns, length, plane, row, column),
    grid: [across, Math.max(1, Math.min(Math.ceil(rows / 8), shares)), planes],
    cost: { flops: 0, bytes: 8 * planes * rows * length },
  });
}
