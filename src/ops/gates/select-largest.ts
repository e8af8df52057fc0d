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

/** What a selection goes by beside the values. */
export interface SelectOptions {
  /** u32 in the size of x: what each element costs; all together below 2³². Default 1 each. */
  costs?: Tensor;
  /** f32 in the size of x: of equal elements the one with the larger tie comes first. */
  ties?: Tensor;
}

/**
 * 1 for the largest elements of x in each of the ranges, 0 for the others: f32 in the shape of x, a constant. `budget`, u32 [ranges], is what those of a range may cost together. From the largest on each is taken
 * until one does not fit; of equal ones (0 and −0 are, and so may ties be) the first come first, and NaN counts as largest. Throws TensorError.
 */
export function selectLargest(x: Tensor, budget: Tensor, ranges: Ranges, { costs, ties }: SelectOptions = {}): Tensor {
  const op = 'selectLargest';
  const beside = [costs, ties].filter((tensor) => tensor !== undefined);
  needTensors(op, x, budget, ...beside);
  needDType(op, 'f32', x, ...(ties ? [ties] : []));
  needDType(op, 'u32', budget, ...(costs ? [costs] : []));
  const { count, size, parts, partCount } = ranges;
  for (const { label, shape, size: own } of [x, ...beside])
    if (own !== size)
      throw new TensorError(`${op}: ${label} ${shapeText(shape)} must have the ${size} elements of the ranges`);
  if (budget.size !== count)
    throw new TensorError(
      `${op}: ${budget.label} ${shapeText(budget.shape)} must have a number for each of ${count} ranges`,
    );
  const { gpu } = x;
  const counts = zeros(gpu, [count, BINS], 'histograms', 'u32');
  const state = empty(gpu, [count, 5], 'selected so far', 'u32');
  const mask = empty(gpu, x.shape, op);
  const [PRICED, TIES] = [costs !== undefined, ties !== undefined];
  const cost = { flops: size, bytes: x.bytes + (costs?.bytes ?? 0) + (ties?.bytes ?? 0) };
  // Elements that are equal are told apart by the digits of their ties, and then of their places.
  const digits = [DIGITS, TIES ? DIGITS : 0, Math.ceil(Math.log2(Math.max(2, size)) / 8)];
  const passes = digits.flatMap((length, key) =>
    Array.from({ length }, (_, i) => ({ key, shift: 8 * (length - 1 - i) })),
  );
  for (const [pass, { key, shift }] of passes.entries()) {
    const step = params(key, shift, size, Number(pass === 0), partCount, count);
    gpu.run({
      shader: 'gates/select_count',
      constants: { PRICED, TIES },
      bindings: [x, ties ?? x, costs ?? x, parts, state, counts].map(({ slice }) => slice),
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
    constants: { TIES },
    bindings: [x, ties ?? x, parts, state, mask].map(({ slice }) => slice),
    params: params(size, partCount),
    grid: grid1d(partCount),
    cost: { flops: size, bytes: 2 * x.bytes + (ties?.bytes ?? 0) },
    label: 'selectLargest mask',
  });
  for (const own of [counts, state]) own.release();
  return record(op, mask, [], () => {});
}
