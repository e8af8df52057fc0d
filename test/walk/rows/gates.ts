// Rows of the walk. Gates, and maps packed into one: what the astrocyte is made of.
import * as ops from '../../../src/ops/index.ts';
import {
  ascending,
  byChannel,
  downsampling,
  each,
  identity,
  largest,
  on,
  ones,
  type Rows,
  rowsOf,
  segments,
  standardized,
  taps,
  total,
  whole,
} from './row.ts';

export const GATES: Rows = {
  gateFeatures: {
    op: (x) => ops.gateFeatures([{ weight: x, gate: 'connection', at: 0 }], { kind: 'max' }),
    reference: (x) => [0, 1, 2, 3].flatMap((o) => [0, 1].map((i) => largest(taps(x, i * 4 + o)))),
    some: true,
  },
  selectLargest: {
    op: (x) => ops.selectLargest(x, on([7], [1], 'u32'), whole(x.size)),
    reference: (x) => {
      const order = Array.from(x, (_, i) => i).sort((i, j) => ascending(x[j], x[i]) || i - j);
      const kept = new Set(order.slice(0, 7));
      return Array.from(x, (_, i) => Number(kept.has(i)));
    },
    some: true,
  },
  gateTaylor: {
    op: (x) => ops.gateTaylor([{ weight: x, gate: 'connection', at: 0 }], [x]),
    reference: (x) =>
      [0, 1, 2, 3].flatMap((o) =>
        [0, 1].map((i) => total(taps(x, i * 4 + o).map((v) => Math.fround(v * v))) / taps(x, i * 4 + o).length),
      ),
    some: true,
    forwardOnly: true,
    overflows: true,
  },
  maskedWeights: {
    op: (x) => ops.maskedWeights([{ weight: x, gate: 'filter', at: 0 }], on([1, 2, 3, 4], [4]))[0],
    reference: (x) => Array.from(x, (v, i) => v * ((i % 4) + 1)),
  },
  permuteScatter: {
    op: (x) => ops.permuteScatter(x, [x.size], { sources: identity(x.size), targets: identity(x.size) }),
    reference: each((v) => v),
  },
  packedMaxPool2: {
    op: (x) => ops.packedMaxPool2(x, downsampling),
    reference: (x) => byChannel(x).map(largest),
    single: true,
  },
  packedStride2: { op: (x) => ops.packedStride2(x, downsampling), reference: (x) => [...x.slice(0, 4)], single: true },
  packedSkipConcat: {
    op: (x) => ops.packedSkipConcat(x, x, ones(4), downsampling),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [...row, ...row.map((v) => v + 1)]),
    single: true,
  },
  packedMask: { op: (x) => ops.packedMask(x, identity(x.size)), reference: each((v) => v) },
  packedUpsampleAdd: {
    op: (x) => ops.packedUpsampleAdd(x, x, { sources: identity(x.size), targets: identity(x.size) }),
    reference: each((v) => v + v),
  },
  segmentAdd: {
    op: (x) => ops.segmentAdd(x, on([0.5, -1, 2, 0.25], [1, 4]), segments),
    reference: (x) => Array.from(x, (v, i) => v + [0.5, -1, 2, 0.25][i % 4]),
    single: true,
  },
  segmentMean: {
    op: (x) => ops.segmentMean(x, segments),
    reference: (x) => byChannel(x).map((list) => total(list) / 4),
    single: true,
    overflows: true,
  },
  segmentNorm: {
    op: (x) => ops.segmentNorm(x, segments, { eps: 1e-5 }),
    reference: (x) => {
      const channels = byChannel(x).map(standardized);
      return Array.from(x, (_, i) => channels[i % 4][Math.floor(i / 4)]);
    },
    single: true,
    overflows: true,
  },
};
