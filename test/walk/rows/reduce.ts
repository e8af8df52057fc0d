// Rows of the walk. Sums, extremes, orders and what is made of them.
import * as ops from '../../../src/ops/index.ts';
import {
  ascending,
  firstLargest,
  labels,
  largest,
  logSumExpOf,
  matrix,
  powersOf,
  type Rows,
  rowsOf,
  smallest,
  softmaxOf,
  total,
  varianceOf,
} from './row.ts';

export const REDUCTIONS: Rows = {
  sum: { op: (x) => ops.sum(x, -1), reference: (x) => rowsOf(x, 4).map(total), half: true },
  mean: { op: (x) => ops.mean(x, -1), reference: (x) => rowsOf(x, 4).map((row) => total(row) / 4), half: true },
  max: { op: (x) => ops.max(x, -1), reference: (x) => rowsOf(x, 4).map(largest), half: true },
  min: { op: (x) => ops.min(x, -1), reference: (x) => rowsOf(x, 4).map(smallest), half: true },
  argmax: { op: (x) => ops.argmax(x, -1), reference: (x) => rowsOf(x, 4).map(firstLargest), half: true },
  argmin: {
    op: (x) => ops.argmin(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => firstLargest(row.map((v) => -v))),
    half: true,
  },
  norm: {
    op: (x) => ops.norm(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => Math.sqrt(total(row.map((v) => v * v)))),
    overflows: true,
    half: true,
  },
  prod: {
    op: (x) => ops.prod(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => row.reduce((p, q) => p * q)),
    half: true,
  },
  variance: {
    op: (x) => ops.variance(x, -1),
    reference: (x) => rowsOf(x, 4).map(varianceOf),
    overflows: true,
    half: true,
  },
  std: {
    op: (x) => ops.std(x, -1),
    reference: (x) => rowsOf(x, 4).map((row) => Math.sqrt(varianceOf(row))),
    overflows: true,
    half: true,
  },
  logSumExp: {
    op: (x) => ops.logSumExp(x, -1),
    reference: (x) => rowsOf(x, 4).map(logSumExpOf),
    half: true,
  },
  softmax: { op: (x) => ops.softmax(x), reference: (x) => rowsOf(x, 4).flatMap(softmaxOf), half: true },
  logSoftmax: {
    op: (x) => ops.logSoftmax(x),
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.map((v) => v - largest(row) - Math.log(total(powersOf(row))))),
    half: true,
  },
  sort: {
    op: (x) => ops.sort(x).values,
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.sort(ascending)),
    half: true,
  },
  argsort: {
    op: (x) => ops.argsort(x),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [0, 1, 2, 3].sort((p, q) => ascending(row[p], row[q]))),
    half: true,
  },
  topK: {
    op: (x) => ops.topK(x, 2).values,
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.sort((p, q) => ascending(q, p)).slice(0, 2)),
    half: true,
  },
  cumsum: {
    op: (x) => ops.cumsum(x),
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.map((_, i) => total(row.slice(0, i + 1)))),
    half: true,
  },
  firstNonFinite: {
    op: ops.firstNonFinite,
    reference: (x) => [x.findIndex((v) => !Number.isFinite(v)) >>> 0],
  },
  countCorrect: {
    op: (x) => ops.countCorrect(matrix(x), labels(x)),
    reference: (x) => [rowsOf(x, 4).filter((row) => row.indexOf(largest(row)) === 1).length],
    half: true,
  },
};
