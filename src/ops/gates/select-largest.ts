// Which elements of each range are its largest, as many as a budget holds: decided on the GPU, so that a captured step can do it. A radix select: the bits of the last element that is kept are found eight at
// a time, by histograms in integers, which come out the same in whatever order they are added up.
import { grid1d, params } from '../../gpu/index.ts';
import {
  empty,
  needDType,
  needTensors,
  record,
  shapeText,
  type Tensor,
  TensorError,
  zeros,
} from '../../tensor/index.ts';
import type { Ranges } from './ranges.ts';

const BINS = 256;
/** Digits of eight bits in an f32. */
const DIGITS = 4;

/**
 * 1 for the largest elements of x in each of the ranges, 0 for the others: f32 in the shape of x, a constant. `budget`, u32 [ranges], is what those of a range may cost together, `costs`, u32 in the size of x,
 * what each costs (default 1; all together below 2³²). From the largest on each is taken until one does not fit; of equal ones (0 and −0 are) the first come first, and NaN counts as largest. Throws TensorError.
 */
export function selectLargest(x: Tensor, budget: Tensor, ranges: Ranges, costs?: Tensor): Tensor {
  const op = 'selectLargest';
  needTensors(op, x, budget, ...(costs ? [costs] : []));
  needDType(op, 'f32', x);
  needDType(op, 'u32', budget, ...(costs ? [costs] : []));
  const { count, size, parts, partCount } = ranges;
  if (x.size !== size || (costs && costs.size !== size))
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)}${costs ? ` and ${costs.label} ${shapeText(costs.shape)}` : ''} must have the ${size} elements of the ranges`,
    );
  if (budget.size !== count)
    throw new TensorError(
      `${op}: ${budget.label} ${shapeText(budget.shape)} must have a number for each of ${count} ranges`,
    );
  const { gpu } = x;
  const counts = zeros(gpu, [count, BINS], 'histograms', 'u32');
  const state = empty(gpu, [count, 4], 'selected so far', 'u32');
  const mask = empty(gpu, x.shape, op);
  const priced = { constants: { PRICED: costs !== undefined } };
  const cost = { flops: size, bytes: x.bytes + (costs?.bytes ?? 0) };
  // Elements that are equal are told apart by the digits of their places.
  const passes = DIGITS + Math.ceil(Math.log2(Math.max(2, size)) / 8);
  for (let pass = 0; pass < passes; pass++) {
    const byValue = pass < DIGITS;
    const shift = 8 * ((byValue ? DIGITS : passes) - 1 - pass);
    const step = params(Number(byValue), shift, size, Number(pass === 0), partCount, count);
    gpu.run({
      shader: 'gates/select_count',
      ...priced,
      bindings: [x.slice, (costs ?? x).slice, parts.slice, state.slice, counts.slice],
      params: step,
      grid: grid1d(partCount),
      cost,
      label: 'selectLargest count',
    });
    gpu.run({
      shader: 'gates/select_digit',
      bindings: [budget.slice, counts.slice, state.slice],
      params: step,
      grid: grid1d(count),
      cost: { flops: counts.size, bytes: 2 * counts.bytes },
      label: 'selectLargest digit',
    });
  }
  gpu.run({
    shader: 'gates/select_mask',
    bindings: [x.slice, parts.slice, state.slice, mask.slice],
    params: params(size, partCount),
    grid: grid1d(partCount),
    cost: { flops: size, bytes: 2 * x.bytes },
    label: 'selectLargest mask',
  });
  for (const own of [counts, state]) own.release();
  return record(op, mask, [], () => {});
}
