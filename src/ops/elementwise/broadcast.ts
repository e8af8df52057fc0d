// NumPy's broadcasting: sides are lined up from the last, a side of 1 repeats. Sides that behave alike are merged first, so that a bias is
// "short operand with a period" and a gate per image and channel has three sides, whatever the rank was.
import { type Allocation, type Candidate, f32, grid1d, type KernelCall, params, type Slice } from '../../gpu/index.ts';
import {
  type DType,
  gridStrideLaunch,
  placeOf,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
  vectorOf,
} from '../../tensor/index.ts';
import { type Binary, binary } from './kernels/elementwise.ts';

/** sum: weights[0]·a + weights[1]·b; first: weights[0]·a, b only gives the shape. */
type Combine = 'sum' | 'product' | 'first';
type Weights = readonly [number, number];

const OP: Record<Combine, number> = { sum: 0, product: 1, first: 2 };
const MAX_RANK = 4;

/** The shape of op(a, b). Throws TensorError naming both. */
export function broadcastShape(op: string, a: Tensor, b: Tensor): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  const [p, q] = [lined(a.shape, rank), lined(b.shape, rank)];
  if (rank > MAX_RANK || p.some((n, i) => n !== q[i] && n !== 1 && q[i] !== 1))
    throw new TensorError(
      `${op}: ${a.label} ${shapeText(a.shape)} and ${b.label} ${shapeText(b.shape)} do not go together; ` +
        `up to ${MAX_RANK} sides, from the last equal or 1`,
    );
  return p.map((n, i) => Math.max(n, q[i]));
}

/** A shape with sides of 1 before it, up to `rank`. */
export const lined = (shape: Shape, rank: number): number[] => [...Array(rank - shape.length).fill(1), ...shape];

interface Side {
  n: number;
  /** Does the operand have this side, rather than repeat along it? */
  a: boolean;
  b: boolean;
}

function sidesOf(shape: Shape, a: Shape, b: Shape): Side[] {
  const [p, q] = [lined(a, shape.length), lined(b, shape.length)];
  const merged: Side[] = [];
  shape.forEach((n, i) => {
    if (n === 1) return;
    const side = { n, a: p[i] === n, b: q[i] === n };
    const last = merged.at(-1);
    if (last && last.a === side.a && last.b === side.b) last.n *= n;
    else merged.push(side);
  });
  return merged.length > 0 ? merged : [{ n: 1, a: true, b: true }];
}

/** Elements between neighbors along each side, 0 where the operand repeats. */
function stridesOf(sides: Side[], which: 'a' | 'b'): number[] {
  let stride = 1;
  return sides.reduceRight<number[]>((strides, side) => {
    strides.unshift(side[which] ? stride : 0);
    if (side[which]) stride *= side.n;
    return strides;
  }, []);
}

/** If `which` repeats as a whole (and the other operand is complete), after how many elements. */
function periodOf(sides: Side[], which: 'a' | 'b'): number | undefined {
  const other = which === 'a' ? 'b' : 'a';
  const pattern = sides.map((side) => (side[other] ? (side[which] ? 'x' : '1') : '?')).join('');
  return pattern === '1' ? 1 : pattern === '1x' ? sides[1].n : undefined;
}

/** y ← a combined with b, in the shape of y. */
export function broadcastInto(combine: Combine, a: Tensor, b: Tensor, y: Tensor, weights: Weights = [1, 1]): void {
  const sides = sidesOf(y.shape, a.shape, combine === 'first' ? y.shape : b.shape);
  const second = combine === 'first' ? a : b;
  const dtypes = [a, second, y].map(({ dtype }) => dtype);
  const alike = new Set(dtypes).size === 1 && sides.length === 1 && sides[0].a && sides[0].b;
  const simple = alike ? elementwise(combine, weights) : undefined;
  if (simple) {
    binary(simple, a, b, y);
    return;
  }
  if (sides.length > MAX_RANK)
    throw new TensorError(
      `${a.label} ${shapeText(a.shape)} repeats along more than ${MAX_RANK} groups of sides of ${shapeText(y.shape)}`,
    );
  const { gpu } = y;
  const candidates: Candidate[] = [];
  const run = (
    slices: Slice[],
    kernel: Pick<KernelCall, 'shader' | 'entry' | 'params' | 'grid'>,
    stored: (dtype: DType) => string = vectorOf,
    order = [0, 1, 2],
  ): void =>
    gpu.run({
      ...kernel,
      constants: { OP: OP[combine] },
      types: Object.fromEntries(order.map((from, i) => ['ABY'[i], stored(dtypes[from])])),
      bindings: order.map((from) => slices[from]),
      cost: { flops: y.size, bytes: a.bytes + y.bytes + (combine === 'first' ? 0 : b.bytes) },
      label: `broadcast/${combine}`,
    });
  const vectors = Math.ceil(y.size / 4);
  const strides = [stridesOf(sides, 'a'), stridesOf(sides, combine === 'first' ? 'a' : 'b')];

  for (const short of ['b', 'a'] as const) {
    const period = periodOf(sides, short);
    if (period === undefined) continue;
    const unit = period / (period % 4 === 0 ? 4 : period % 2 === 0 ? 2 : 1);
    const step = unit * Math.ceil(gpu.machine.elementwise.periodic / unit);
    const factors: Weights = short === 'b' || combine === 'first' ? weights : [weights[1], weights[0]];
    candidates.push({
      name: 'periodic',
      run: (slices) =>
        run(
          slices,
          {
            shader: 'elementwise/broadcast',
            entry: 'periodic',
            params: words([[], [], []], 0, factors, vectors, period, step),
            grid: grid1d(Math.ceil(Math.min(step, vectors) / 64)),
          },
          vectorOf,
          short === 'b' ? [0, 1, 2] : [1, 0, 2],
        ),
    });
    break;
  }
  const inner = sides[sides.length - 1].n;
  if (inner % 4 === 0) {
    const byVectors = gridStrideLaunch(gpu, vectors);
    const outer = sides.map(({ n }) => n);
    outer[outer.length - 1] = inner / 4;
    candidates.push({
      name: 'general',
      run: (slices) =>
        run(slices, {
          shader: 'elementwise/broadcast',
          entry: 'general',
          params: words([outer, ...strides], byVectors.threads, weights, vectors),
          grid: byVectors.grid,
        }),
    });
  }
  const byElements = gridStrideLaunch(gpu, y.size);
  candidates.push({
    name: 'plain',
    run: (slices) =>
      run(
        slices,
        {
          shader: 'elementwise/broadcast_plain',
          params: words([sides.map(({ n }) => n), ...strides], byElements.threads, weights, y.size),
          grid: byElements.grid,
        },
        (dtype) => dtype,
      ),
  });
  const half = dtypes.includes('f16') ? ` ${dtypes.join()}` : '';
  gpu.tuner
    .select({
      key: `broadcast/${combine} ${shapeText(a.shape)} ${shapeText(second.shape)} ${shapeText(y.shape)}${half}`,
      sizes: [a.bytes, second.bytes, y.bytes],
      types: dtypes as ('f16' | 'f32')[],
      candidates,
    })
    .run([a.slice, second.slice, y.slice] as Allocation[]);
}

/** The kernel for operands of one shape, where there is one. */
function elementwise(combine: Combine, [first, second]: Weights): Binary | undefined {
  if (combine === 'product') return 'mul';
  if (combine !== 'sum' || first !== 1 || Math.abs(second) !== 1) return undefined;
  return second === 1 ? 'add' : 'sub';
}

/** The uniforms of shaders/elementwise/broadcast.wgsl and elementwise/broadcast_plain.wgsl, from sides of y and strides of a and b. */
function words(rows: number[][], threads: number, weights: Weights, total: number, period = 0, step = 0): ArrayBuffer {
  const four = (row: number[], fill: number): number[] => [...Array(MAX_RANK - row.length).fill(fill), ...row];
  const [sides, a, b] = rows.map((row, i) => four(row, i === 0 ? 1 : 0));
  const factors = weights.map((weight) => f32(weight));
  return params(...sides, ...a, ...b, ...placeOf(threads, sides), ...factors, total, period, step, 0);
}

/** y ← factor·x, repeated to the shape of y; `shape` is that of x with its sides of 1 kept. */
export function expandInto(x: Tensor, shape: Shape, y: Tensor, factor = 1): void {
  const seen = x.alias(shape);
  broadcastInto('first', seen, y, y, [factor, 1]);
  seen.release();
}
