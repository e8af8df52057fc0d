// Rows of the walk. What layers are made of: products, attention, convolutions, norms, pools, dropout.
import * as ops from '../../../src/ops/index.ts';
import { type Tensor, uniformArray } from '../../../src/tensor/index.ts';
import {
  atLeast,
  attention,
  byChannel,
  fixed,
  KEYS,
  largest,
  matrix,
  on,
  ones,
  type Rows,
  rowsOf,
  standardized,
  times,
  total,
  twiceAligned,
  W,
} from './row.ts';

export const LAYERS: Rows = {
  einsum: { op: (x) => ops.einsum('nhwi,ij->nhwj', x, on(W, [4, 3])), reference: times, half: true },
  matmul: { op: (x) => ops.matmul(matrix(x), on(W, [4, 3])), reference: times, half: true },
  scaledDotProductAttention: {
    op: (x) => {
      const [k, v] = [on(KEYS, [3, 4]), on(W.slice(0, 6), [3, 2])];
      const like = (y: Tensor): Tensor => (x.dtype === 'f16' ? ops.cast(y, 'f16') : y);
      return ops.scaledDotProductAttention(matrix(x), like(k), like(v));
    },
    reference: attention,
    half: true,
    overflows: true,
  },
  // Each row a token that sees itself alone, or where its score is −∞, nothing.
  selfAttention: {
    op: (x) => ops.selfAttention(ops.reshape(x, [-1, 1, 4]), { heads: 1, depth: 1 }),
    reference: (x) =>
      rowsOf(x, 4).flatMap(([q, k, ...v]) => v.map((c) => (q * k < -1e300 ? 0 : Math.exp(q * k - q * k) * c))),
    half: true,
    overflows: true,
  },
  conv2d: { op: (x) => ops.conv2d(x, on(W, [1, 1, 4, 3])), reference: times, half: true },
  fusedConv2d: {
    op: (x) => ops.fusedConv2d(x, on(W, [1, 1, 4, 3]), { relu: true }),
    reference: (x) => times(x).map(atLeast),
    half: true,
    forwardOnly: true,
  },
  batchNorm: {
    op: (x) => ops.batchNorm(x, ones(4), ones(4), { training: false, running: fixed, eps: 0 }),
    reference: (x) => Array.from(x, (v, i) => (v - [0.5, 0, 0.25, -1][i % 4]) / Math.sqrt([2, 1, 0.5, 4][i % 4]) + 1),
    half: true,
  },
  layerNorm: {
    op: (x) => ops.layerNorm(x),
    reference: (x) => rowsOf(x, 4).flatMap(standardized),
    half: true,
    overflows: true,
  },
  rmsNorm: {
    op: (x) => ops.rmsNorm(x),
    reference: (x) =>
      rowsOf(x, 4).flatMap((row) => {
        const size = Math.sqrt(total(row.map((v) => v * v)) / 4 + 1e-6);
        return row.map((v) => v / size);
      }),
    half: true,
    overflows: true,
  },
  groupNorm: {
    op: (x) => ops.groupNorm(x, { groups: 1 }),
    reference: (x) => rowsOf(x, 16).flatMap(standardized),
    half: true,
    overflows: true,
  },
  instanceNorm: {
    op: (x) => ops.instanceNorm(x),
    reference: (x) => {
      const channels = byChannel(x).map(standardized);
      return Array.from(x, (_, i) => channels[Math.floor(i / 16) * 4 + (i % 4)][Math.floor((i % 16) / 4)]);
    },
    half: true,
    overflows: true,
  },
  avgPool2d: {
    op: (x) => ops.avgPool2d(x, { kernel: 2 }),
    reference: (x) => byChannel(x).map((list) => total(list) / 4),
    half: true,
  },
  maxPool2d: { op: (x) => ops.maxPool2d(x, { kernel: 2 }), reference: (x) => byChannel(x).map(largest), half: true },
  globalAvgPool: { op: ops.globalAvgPool, reference: (x) => byChannel(x).map((list) => total(list) / 4), half: true },
  resize: {
    op: (x) => ops.resize(x, { size: [1, 1], mode: 'bilinear' }),
    reference: (x) => byChannel(x).map((list) => total(list) / 4),
    half: true,
  },
  alignedBilinear: {
    op: (x) => ops.alignedBilinear(x, 2),
    reference: twiceAligned,
    half: true,
  },
  dropout: {
    op: (x) => ops.dropout(x, { p: 0.25, random: { seed: 1, stream: 2 } }),
    reference: (x) => Array.from(uniformArray(x.length, 1, 2), (u, i) => x[i] * (u < 0.25 ? 0 : 4 / 3)),
    half: true,
  },
  stochasticDepth: {
    op: (x) => ops.stochasticDepth(x, { p: 0.25, random: { seed: 1, stream: 2 } }),
    reference: (x) => {
      const numbers = uniformArray(x.length / 16, 1, 2);
      return Array.from(x, (v, i) => v * (numbers[i >> 4] < 0.25 ? 0 : 4 / 3));
    },
    half: true,
  },
};
