// Sums, sums of squares and maxima over any axes. Axes that lie side by side are merged, so that what runs is always x [A, R, B] → y [A, B];
// long reductions go by pieces whose results are reduced again: a tree that depends on the sizes and the adapter alone.
import { type Allocation, f32, type Gpu, grid1d, params, type Slice } from '../../gpu/index.ts';
import { axisOf, count, type Shape, type Tensor } from '../../tensor/index.ts';

export type Fold = 'sum' | 'squares' | 'max';

/** What becomes of the total: it is multiplied, or its square root is taken. */
export interface Finish {
  factor?: number;
  root?: boolean;
}

export type Sides = [A: number, R: number, B: number];
type Kind = 'columns' | 'subgroup' | 'rows' | 'plain';

const OP: Record<Fold, number> = { sum: 0, squares: 1, max: 2 };
/** Rows shorter than this are reduced by one thread each. */
const SHORT = 128;

/** The axes to reduce (default: all), from 0 and in order. Throws TensorError. */
export function axesOf(op: string, x: Tensor, axes?: number | readonly number[]): number[] {
  if (axes === undefined) return x.shape.map((_, i) => i);
  const list = typeof axes === 'number' ? [axes] : axes;
  return [...new Set(list.map((axis) => axisOf(op, x, axis)))].sort((a, b) => a - b);
}

/** The shape left by a reduction: sides of 1 with `keepDims`, else the other sides alone, [1] where none is left. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const rest = shape.filter((_, i) => !axes.includes(i));
  return rest.length > 0 ? rest : [1];
}

/** The merged sides, alternately kept and reduced; sides of 1 vanish. */
function groups(shape: Shape, axes: readonly number[]): { n: number; reduced: boolean }[] {
  const merged: { n: number; reduced: boolean }[] = [];
  shape.forEach((n, i) => {
    if (n === 1) return;
    const last = merged.at(-1);
    if (last?.reduced === axes.includes(i)) last.n *= n;
    else merged.push({ n, reduced: axes.includes(i) });
  });
  return merged;
}

/** The sides [A, R, B] of each reduction that together make the one over `axes`, last axes first. At least one. */
export function steps(shape: Shape, axes: readonly number[]): Sides[] {
  const merged = groups(shape, axes);
  const list: Sides[] = [];
  for (let at = merged.length - 1; at >= 0; at--) {
    if (!merged[at].reduced) continue;
    const product = (part: { n: number }[]): number => part.reduce((n, group) => n * group.n, 1);
    list.push([product(merged.slice(0, at)), merged[at].n, product(merged.slice(at + 1))]);
    merged.splice(at, 1);
  }
  return list.length > 0 ? list : [[1, 1, count(shape)]];
}

/** y ← x reduced over `axes`. y has the elements that are left, in order. */
export function reduceInto(x: Tensor, axes: readonly number[], fold: Fold, y: Tensor, finish: Finish = {}): void {
  const { gpu } = x;
  const list = steps(x.shape, axes);
  let from: Slice = x.slice;
  let spare: Allocation | undefined;
  list.forEach((sides, i) => {
    const last = i === list.length - 1;
    const made = last ? undefined : gpu.allocate(`partial ${fold}`, sides[0] * sides[2] * 4);
    reduce(gpu, from, sides, next(fold, i), made ?? y.slice, last ? finish : {});
    if (spare) gpu.release(spare);
    if (made) from = made;
    spare = made;
  });
}

/** What reduces the results of the first pass. */
const next = (fold: Fold, pass: number): Fold => (fold === 'squares' && pass > 0 ? 'sum' : fold);

function reduce(gpu: Gpu, x: Slice, sides: Sides, fold: Fold, y: Slice, finish: Finish): void {
  const [a, r, b] = sides;
  const { adapter, capabilities, machine } = gpu;
  const kinds: Kind[] = ['plain'];
  if (b === 1 && r >= SHORT) {
    kinds.unshift('rows');
    if (machine.reduce.subgroups && capabilities.subgroups && adapter.subgroupMinSize === adapter.subgroupMaxSize)
      kinds.unshift('subgroup');
  } else if (b % 4 === 0) kinds.unshift('columns');
  const job = (kind: Kind) => ({
    name: kind as string,
    run: ([from, to]: Slice[]) => pass(gpu, kind, from, sides, fold, to, finish),
  });
  const chosen = gpu.tuner.select({
    key: `reduce/${fold} ${sides.join('x')}`,
    sizes: [a * r * b * 4, a * b * 4],
    candidates: kinds.map(job),
  });
  chosen.run([x as Allocation, y as Allocation]);
}

/** One pass over x; if that leaves pieces, another over these. */
function pass(gpu: Gpu, kind: Kind, x: Slice, [a, r, b]: Sides, fold: Fold, y: Slice, finish: Finish): void {
  const byRow = kind === 'rows' || kind === 'subgroup';
  const lanes = kind === 'subgroup' ? gpu.adapter.subgroupMinSize : gpu.machine.reduce.lanes;
  const width = kind === 'columns' ? b / 4 : b;
  const wanted = byRow ? rowPieces(gpu, a, r, lanes) : columnPieces(gpu, a, r, b, width);
  const piece = Math.ceil(r / wanted);
  const pieces = Math.ceil(r / piece);
  const partial = pieces > 1 ? gpu.allocate(`partial ${fold}`, a * pieces * b * 4) : undefined;
  const { factor = 1, root = false } = partial ? {} : finish;
  const total = a * pieces * width;
  const scalars = [pieces, piece, total, f32(factor), Number(root)];
  gpu.run({
    shader: byRow ? (kind === 'rows' ? 'reduce/rows' : 'reduce/rows_subgroup') : `reduce/${kind}`,
    constants: { OP: OP[fold], ...(byRow && { LANES: lanes }) },
    bindings: [x, partial ?? y],
    params: byRow ? params(r, ...scalars) : params(r, width, ...scalars),
    grid: grid1d(byRow ? total : Math.ceil(total / 64)),
    cost: { flops: a * r * b * (fold === 'squares' ? 2 : 1), bytes: 4 * (a * r * b + a * pieces * b) },
    label: `reduce/${fold}`,
  });
  if (!partial) return;
  pass(gpu, kind, partial, [a, pieces, b], next(fold, 1), y, finish);
  gpu.release(partial);
}

/** Enough workgroups to fill the machine, each with at least 32 elements a lane. */
function rowPieces(gpu: Gpu, a: number, r: number, lanes: number): number {
  return clamp(Math.ceil(gpu.machine.reduce.workgroups / a), Math.ceil(r / (lanes * 32)));
}

/** Enough threads to fill the machine, each with at least 32 rows. */
export function columnPieces(gpu: Gpu, a: number, r: number, b: number, width: number): number {
  const { single, threads } = gpu.machine.reduce;
  if (r <= SHORT || a * r * b <= single) return 1;
  return clamp(Math.ceil(threads / (a * width)), Math.ceil(r / 32));
}

const clamp = (wanted: number, most: number): number => Math.max(1, Math.min(wanted, most));
