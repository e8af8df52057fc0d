// Every op on one tensor [n, 2, 2, 4], with what it gives by IEEE arithmetic in float64: what the walk of ops.test.ts goes through; rows stand by family in rows/. A new op gets a row here.
import type * as ops from '../../src/ops/index.ts';
import { DETECTION } from './rows/detection.ts';
import { ELEMENTWISE } from './rows/elementwise.ts';
import { GATES } from './rows/gates.ts';
import { LAYERS } from './rows/layers.ts';
import { LOSSES } from './rows/loss.ts';
import { REDUCTIONS } from './rows/reduce.ts';
import type { Rows } from './rows/row.ts';
import { SHAPES } from './rows/shape.ts';

export type { Row } from './rows/row.ts';

export const ROWS: Rows = {
  ...ELEMENTWISE,
  ...REDUCTIONS,
  ...LOSSES,
  ...LAYERS,
  ...SHAPES,
  ...GATES,
  ...DETECTION,
};

/** Exports that the walk leaves out, each with the reason. */
export const LEFT_OUT: Partial<Record<keyof typeof ops, string>> = {
  elementwise: 'makes ops',
  clearCut: 'writes zeros in place: test/ops/gates/clear-cut.test.ts',
  defineOp: 'makes ops of others',
  convForward: 'conv2d on slices',
  convDataGradient: 'conv2d on slices',
  convWeightGradient: 'conv2d on slices; sums over many positions are in long-sums.test.ts',
  convTranspose2d: 'the data gradient of conv2d',
  crop: 'slice by another name',
  broadcastTo: 'expand by another name',
  chunk: 'split by another count',
  foldedNorm: 'the coefficients of batchNorm',
  randomUniform: 'takes no tensor of values',
  randomNormal: 'takes no tensor of values',
  RandomState: 'no op',
  instancePlaces: 'takes locations; see test/ops/detection/instance-rows.test.ts',
  oneHot: 'takes labels; see test/ops/reduce/one-hot.test.ts',
  colorSimilarity: 'takes bytes; see test/ops/detection/color-similarity.test.ts',
  pasteMasks: 'makes bits; see test/ops/detection/paste-masks.test.ts',
  Segments: 'no op',
  Ranges: 'no op',
  NO_INDEX: 'no op',
  ALL_FINITE: 'no op',
};
