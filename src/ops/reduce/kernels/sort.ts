// How values are sorted along R of x [A, R, B]: blocks first, then sorted runs are merged two by two, of which only as many are kept as are wanted. Work and order depend
// on the sizes alone.
import { type Allocation, grid1d, params } from '../../../gpu/index.ts';
import type { Tensor } from '../../../tensor/index.ts';
import type { Sides } from './passes.ts';

/** values and indices [A, K, B] ← the first K along R of x in order; a value's index is its place along R. Equal ones keep their order, NaN counts as largest. */
export function sortInto(x: Tensor, [a, r, b]: Sides, descending: boolean, values: Tensor, indices: Tensor): void {
  if (values.size === 0) return;
  const { gpu, dtype } = x;
  const { block: BLOCK, step: STEP } = gpu.machine.reduce.sort;
  const wanted = values.size / (a * b);
  let run = BLOCK;
  let runs = Math.ceil(r / run);
  let keep = Math.min(run, r, wanted);
  let pairs: Allocation = gpu.allocate('sorted blocks', a * b * runs * keep * 8);
  gpu.run({
    shader: 'reduce/sort_block',
    constants: { BLOCK, DESCENDING: descending },
    types: { X: dtype },
    bindings: [x.slice, pairs],
    params: params(r, b, runs, keep, x.size),
    grid: grid1d(Math.ceil(x.size / 64)),
    cost: { flops: x.size * BLOCK, bytes: x.bytes + a * b * runs * keep * 8 },
  });
  while (runs > 1) {
    const wide = Math.min(2 * run, r, wanted);
    const made = Math.ceil(runs / 2);
    const merged = gpu.allocate('merged runs', a * b * made * wide * 8);
    const steps = Math.ceil(wide / STEP);
    const threads = a * b * made * steps;
    gpu.run({
      shader: 'reduce/sort_merge',
      constants: { STEP },
      bindings: [pairs, merged],
      params: params(r, run, keep, runs, wide, steps, threads),
      grid: grid1d(Math.ceil(threads / 64)),
      cost: { flops: 0, bytes: a * b * (runs * keep + made * wide) * 8 },
    });
    gpu.release(pairs);
    pairs = merged;
    [run, runs, keep] = [2 * run, made, wide];
  }
  gpu.run({
    shader: 'reduce/sort_store',
    types: { X: dtype },
    bindings: [x.slice, pairs, values.slice, indices.slice],
    params: params(r, b, wanted, values.size),
    grid: grid1d(Math.ceil(values.size / 64)),
    cost: { flops: 0, bytes: values.size * 12 + 2 * values.bytes },
  });
  gpu.release(pairs);
}
