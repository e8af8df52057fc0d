// selectLargest against an order sorted in float64: ties, signs, ends of f32, prices, ranges of odd lengths and budgets from nothing to all.
import { describe, expect, it } from 'vitest';
import { Ranges } from '../../../src/ops/gates/ranges.ts';
import { selectLargest } from '../../../src/ops/gates/select-largest.ts';
import { TensorError } from '../../../src/tensor/tensor.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';

const total = (list: ArrayLike<number>): number => Array.from(list).reduce((sum, v) => sum + v, 0);

interface Beside {
  costs?: ArrayLike<number>;
  ties?: ArrayLike<number>;
}

/** From the largest on each, until one does not fit; of equal ones that with the larger tie, of those the first. */
function expected(x: ArrayLike<number>, lengths: number[], budgets: number[], { costs, ties }: Beside = {}): number[] {
  const mask = new Array<number>(x.length).fill(0);
  let begin = 0;
  for (const [range, length] of lengths.entries()) {
    const value = (i: number): number => (Number.isNaN(x[i]) ? Number.POSITIVE_INFINITY : x[i]);
    const order = Array.from({ length }, (_, i) => begin + i).sort((i, j) => {
      const nan = Number(Number.isNaN(x[j])) - Number(Number.isNaN(x[i]));
      const tie = ties ? ties[j] - ties[i] : 0;
      return nan || (value(i) === value(j) ? tie || i - j : value(i) < value(j) ? 1 : -1);
    });
    let left = budgets[range];
    for (const i of order) {
      const cost = costs ? costs[i] : 1;
      if (cost > left) break;
      left -= cost;
      mask[i] = 1;
    }
    begin += length;
  }
  return mask;
}

async function select(
  x: ArrayLike<number>,
  lengths: number[],
  budgets: number[],
  { costs, ties }: Beside = {},
): Promise<number[]> {
  const ranges = new Ranges(gpu, lengths, 'test');
  const mask = selectLargest(on(x, [x.length]), on(budgets, [budgets.length], 'u32'), ranges, {
    costs: costs && on(costs, [costs.length], 'u32'),
    ties: ties && on(ties, [ties.length]),
  });
  const read = [...(await mask.floats())];
  for (const own of [mask, ranges]) own.release();
  return read;
}

const ODD = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, -1e-40, 3.4e38, -3.4e38, 0];

describe.each([1, 2, 257, 5000, 70_001])('%i values', (size) => {
  const few = values(3, size).map((v) => Math.round(v * 4) / 4);

  it.each([
    ['different', values(2, size)],
    ['with many equal', few],
    ['all equal', new Float32Array(size).fill(0.5)],
    ['odd', few.map((v, i) => ODD[i] ?? v)],
  ])('%s: exactly the budget, from none to all', async (_, x) => {
    for (const budget of size > 1000 ? [size >> 1, size - 1] : [0, 1, size >> 1, size - 1, size, size + 9])
      expect(await select(x, [size], [budget])).toEqual(expected(x, [size], [budget]));
  });

  it('that cost something keep within the budget', async () => {
    const draw = generator(size);
    const costs = Array.from({ length: size }, () => Math.floor(draw() * 9));
    for (const budget of size > 1000
      ? [total(costs) >> 2]
      : [0, 1, total(costs) >> 2, total(costs) - 1, total(costs)]) {
      const mask = await select(few, [size], [budget], { costs });
      expect(mask).toEqual(expected(few, [size], [budget], { costs }));
      expect(total(mask.map((kept, i) => kept * costs[i]))).toBeLessThanOrEqual(budget);
    }
  });
});

it('of equal values the larger tie comes first, and of equal ties the first', async () => {
  const lengths = [3, 5000, 40];
  const size = total(lengths);
  const x = values(3, size).map((v) => Math.round(v * 2) / 2);
  const ties = values(5, size).map((v) => Math.round(v * 300) / 300);
  const costs = ties.map((_, i) => 1 + (i % 5));
  for (const part of [0, 0.1, 0.5, 0.9, 1]) {
    const budgets = lengths.map((length) => Math.round(part * length));
    expect(await select(x, lengths, budgets, { ties })).toEqual(expected(x, lengths, budgets, { ties }));
    const all = { ties, costs };
    expect(await select(x, lengths, budgets, all)).toEqual(expected(x, lengths, budgets, all));
  }
});

it('each range has a budget of its own', async () => {
  const lengths = [3, 2049, 1, 700, 64, 5000, 1, 1, 17];
  const x = values(7, total(lengths)).map((v) => Math.round(v * 8) / 8);
  const budgets = lengths.map((length, i) => (i % 3 === 0 ? length : Math.floor(length / (i + 1))));
  expect(await select(x, lengths, budgets)).toEqual(expected(x, lengths, budgets));
});

it('costs may add up to the largest that 32 bits hold', async () => {
  const x = [3, 2, 1, 0];
  const costs = [2 ** 31, 2 ** 30, 2 ** 30 - 1, 0];
  for (const budget of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 2 ** 30, 2 ** 32 - 2, 2 ** 32 - 1])
    expect(await select(x, [4], [budget], { costs })).toEqual(expected(x, [4], [budget], { costs }));
});

it('a captured selection follows its budget', async () => {
  const ranges = new Ranges(gpu, [300], 'test');
  const [x, budget] = [on(values(4, 300), [300]), on([5], [1], 'u32')];
  let mask = selectLargest(x, budget, ranges);
  const program = gpu.capture('select', () => {
    mask = selectLargest(x, budget, ranges);
  });
  for (const left of [7, 0, 299]) {
    budget.set([left]);
    program.replay();
    expect(total(await mask.floats())).toBe(left);
  }
  program.dispose();
  ranges.release();
});

it('what does not fit together is refused by name', () => {
  const ranges = new Ranges(gpu, [4], 'test');
  const [x, one] = [on([1, 2, 3, 4], [4]), on([1], [1], 'u32')];
  expect(() => selectLargest(on([1, 2], [2]), one, ranges)).toThrow('must have the 4 elements of the ranges');
  expect(() => selectLargest(x, on([1, 2], [2], 'u32'), ranges)).toThrow('must have a number for each of 1 ranges');
  expect(() => selectLargest(x, on([1], [1]), ranges)).toThrow(TensorError);
  expect(() => selectLargest(x, one, ranges, { ties: on([1, 2], [2]) })).toThrow('must have the 4 elements');
  expect(() => new Ranges(gpu, [3, 0], 'gates')).toThrow('gates: range 1 has 0 elements; each needs one at least');
  expect(() => new Ranges(gpu, [], 'gates')).toThrow('gates: there are no ranges');
  ranges.release();
});
