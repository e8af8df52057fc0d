// Launches sums by target, what gathering does backward: every element looks through a short index; a long one is sorted by target first. Both add up in a fixed order.
import { type Allocation, type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import type { Tensor } from '../../../tensor/index.ts';
import type { Picks } from './pick.ts';
import { elemOf, sumOf } from './words.ts';

/** Pairs that a thread sorts. */
const LENGTH = 128;
/** Bits of a target that one pass sorts by, and what that makes of digits: shaders/shape/scatter_sort.wgsl. */
const [BITS, DIGITS] = [6, 64];
/** Counts that a thread adds up. */
const RUN = 64;
/** Pairs of which a thread adds up a column. */
const PIECE = 32;

/** y [outer, rows, width] ← the sums of x [outer, picks, width] by the row that `index` gives, 0 where none does, or with `adds` y + that. x and y f32 or f16. */
export function scatter(x: Tensor, index: Tensor, y: Tensor, job: Picks, adds = false): void {
  const { scan } = y.gpu.machine.shape;
  const looks = (y.size / (job.width % 4 === 0 && !job.each ? 4 : 1)) * job.picks;
  if (job.picks <= scan.picks && looks <= scan.looks) scanned(x, index, y, job, adds);
  else sorted(x, index, y, job, adds);
}

function scanned(x: Tensor, index: Tensor, y: Tensor, { rows, picks, width, each }: Picks, adds: boolean): void {
  const { width: side, types } = elemOf(y.dtype, [each ? 1 : width], 'numbers');
  const total = y.size / side;
  y.gpu.run({
    shader: 'shape/scatter_scan',
    constants: { EACH: each, ADD: adds },
    types: { ...types, Sum: sumOf(types.Elem) },
    bindings: [index.slice, x.slice, y.slice],
    params: params(rows, picks, width / side, total),
    grid: grid1d(Math.ceil(total / 64)),
    cost: { flops: x.size, bytes: x.bytes + (adds ? 2 : 1) * y.bytes + index.bytes },
    label: 'scatter/scan',
  });
}

function sorted(x: Tensor, index: Tensor, y: Tensor, job: Picks, adds: boolean): void {
  const { gpu } = y;
  const each = job.each;
  // With an index of its own, every element is a row of one element.
  const { outer, targets, width } = each
    ? { outer: 1, targets: y.size, width: 1 }
    : { outer: job.outer, targets: job.rows, width: job.width };
  if (!adds) gpu.fill(y.slice, 0);
  let pairs = pairsOf(gpu, index, job, targets);
  const { width: side, types } = elemOf(y.dtype, [width], 'numbers');
  const Sum = sumOf(types.Elem);
  let [from, list]: [Slice, number] = [x.slice, index.size];
  let partial: Allocation | undefined;
  for (let elem = types.Elem; ; elem = Sum) {
    const pieces = Math.ceil(list / PIECE);
    const next = pieces > 1 ? 2 * pieces : 0;
    const nextPairs = gpu.allocate('pairs of targets', next * 8);
    const sums = gpu.allocate('partial sums by target', outer * next * width * 4);
    const total = (outer * pieces * width) / side;
    gpu.run({
      shader: 'shape/scatter_sum',
      constants: { ADD: adds, PIECE },
      types: { From: elem, Elem: types.Elem, Sum },
      bindings: [pairs, from, y.slice, nextPairs, sums],
      params: params(list, list, targets, width / side, pieces, total),
      grid: grid1d(Math.ceil(total / 64)),
      cost: { flops: outer * list * width, bytes: outer * list * width * 4 + (partial ? 0 : (adds ? 2 : 1) * y.bytes) },
      label: 'scatter/sum',
    });
    gpu.release(pairs);
    if (partial) gpu.release(partial);
    [pairs, partial, from, list] = [nextPairs, sums, sums, next];
    if (next === 0) break;
  }
  gpu.release(pairs);
  gpu.release(partial);
}

/** Pairs (target, place in the index), in order of targets. */
function pairsOf(gpu: Gpu, index: Tensor, { rows, picks, width, each }: Picks, targets: number): Allocation {
  const total = index.size;
  let pairs = gpu.allocate('pairs of targets', total * 8);
  gpu.run({
    shader: 'shape/scatter_pairs',
    constants: { EACH: each },
    bindings: [index.slice, pairs],
    params: params(rows, picks, width, total, targets),
    grid: grid1d(Math.ceil(total / 64)),
    cost: { flops: 0, bytes: 12 * total },
    label: 'scatter/pairs',
  });
  const threads = Math.ceil(total / LENGTH);
  let other = gpu.allocate('pairs of targets', total * 8);
  const counts = gpu.allocate('counts of targets', threads * DIGITS * 4);
  for (let shift = 0; 2 ** shift <= targets; shift += BITS) {
    const pass = (entry: 'tally' | 'place'): void =>
      gpu.run({
        shader: 'shape/scatter_sort',
        entry,
        constants: { LENGTH },
        bindings: [pairs, counts, other],
        params: params(total, threads, shift),
        grid: grid1d(Math.ceil(threads / 32)),
        cost: { flops: 0, bytes: (entry === 'tally' ? 8 : 16) * total + counts.size },
        label: `scatter/${entry}`,
      });
    pass('tally');
    prefix(gpu, counts, threads * DIGITS);
    pass('place');
    [pairs, other] = [other, pairs];
  }
  gpu.release(other);
  gpu.release(counts);
  return pairs;
}

/** Each of `count` words becomes the sum of those before it. */
function prefix(gpu: Gpu, values: Allocation, count: number): void {
  const runs = Math.ceil(count / RUN);
  const totals = gpu.allocate('counts of targets', runs * 4);
  const pass = (entry: 'sums' | 'before'): void =>
    gpu.run({
      shader: 'shape/prefix',
      entry,
      constants: { RUN },
      bindings: [values, totals],
      params: params(count, runs),
      grid: grid1d(Math.ceil(runs / 64)),
      cost: { flops: 0, bytes: (entry === 'sums' ? 4 : 8) * count },
      label: `scatter/${entry}`,
    });
  if (runs > 1) {
    pass('sums');
    prefix(gpu, totals, runs);
  }
  pass('before');
  gpu.release(totals);
}
