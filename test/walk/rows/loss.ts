// Rows of the walk. Losses.
import * as ops from '../../../src/ops/index.ts';
import { cosines, direction, each, labels, like, losses, matrix, missedYes, none, on, type Rows } from './row.ts';

export const LOSSES: Rows = {
  crossEntropy: {
    op: (x) => ops.crossEntropy(matrix(x), labels(x)),
    reference: (x) => losses(x, (_, l) => -l),
    half: true,
  },
  focalLoss: {
    op: (x) => ops.focalLoss(matrix(x), labels(x)),
    reference: (x) => losses(x, (p, l) => -((1 - p) ** 2) * l),
    half: true,
  },
  mse: { op: (x) => ops.mse(x, like(x, 0.25), none), reference: each((v) => (v - 0.25) ** 2), half: true },
  l1: { op: (x) => ops.l1(x, like(x, 0.25), none), reference: each((v) => Math.abs(v - 0.25)), half: true },
  smoothL1: {
    op: (x) => ops.smoothL1(x, like(x, 0), none),
    reference: each((v) => (Math.abs(v) < 1 ? v ** 2 / 2 : Math.abs(v) - 0.5)),
    half: true,
  },
  huber: {
    op: (x) => ops.huber(x, like(x, 0), { ...none, delta: 0.5 }),
    reference: each((v) => (Math.abs(v) < 0.5 ? v ** 2 / 2 : 0.5 * (Math.abs(v) - 0.25))),
    half: true,
  },
  binaryCrossEntropyWithLogits: {
    op: (x) => ops.binaryCrossEntropyWithLogits(x, like(x, 1), none),
    reference: each(missedYes),
    half: true,
  },
  sigmoidFocalLoss: {
    op: (x) => ops.sigmoidFocalLoss(x, like(x, 1), { ...none, alpha: 0.5 }),
    reference: each((v) => 0.5 * missedYes(v) * (1 / (1 + Math.exp(v))) ** 2),
    half: true,
  },
  klDivergence: {
    op: (x) => ops.klDivergence(x, like(x, 0.25), none),
    reference: each((v) => 0.25 * (Math.log(0.25) - v)),
    half: true,
  },
  cosineSimilarity: {
    op: (x) => ops.cosineSimilarity(matrix(x), direction(x)),
    reference: cosines,
    half: true,
    overflows: true,
  },
  cosineEmbeddingLoss: {
    op: (x) => ops.cosineEmbeddingLoss(matrix(x), direction(x), on(new Array(x.size / 4).fill(1), [x.size / 4]), none),
    reference: (x) => cosines(x).map((v) => 1 - v),
    half: true,
    overflows: true,
  },
};
