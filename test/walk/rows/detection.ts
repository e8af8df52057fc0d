// Rows of the walk. What a detector is made of.
import * as ops from '../../../src/ops/index.ts';
import { maskHeadOf, pairwiseOf, projectionOf } from '../../support/masks.ts';
import {
  ALIKE,
  forEach,
  HEAD,
  held,
  labels,
  largest,
  like,
  maskMaps,
  masks,
  masksOf,
  missedYes,
  on,
  PARAMETERS,
  type Rows,
  rowsOf,
  smallest,
  total,
} from './row.ts';

export const DETECTION: Rows = {
  fcosTargets: {
    op: (x) => {
      const boxes = ops.reshape(x, [-1, 4, 4]);
      const classes = on(
        Array.from({ length: x.size / 4 }, (_, i) => i % 4),
        [x.size / 16, 4],
        'u32',
      );
      const level = { height: 1, width: 1, stride: 1, from: 0, to: Number.POSITIVE_INFINITY };
      return ops.fcosTargets(boxes, classes, { levels: [level], classCount: 3 }).labels;
    },
    // The only location is at 0, and the fourth of the boxes is of no class.
    reference: (x) =>
      rowsOf(x, 16).map((image) => {
        const areas = rowsOf(Float64Array.from(image.slice(0, 12)), 4).map(([x0, y0, x1, y1]) =>
          x0 < 0 && y0 < 0 && x1 > 0 && y1 > 0 && Number.isFinite(x0 + y0 + x1 + y1)
            ? Math.fround(Math.fround(x1 - x0) * Math.fround(y1 - y0))
            : Number.POSITIVE_INFINITY,
        );
        return smallest(areas) < Number.POSITIVE_INFINITY ? areas.indexOf(smallest(areas)) : 3;
      }),
    overflows: true,
  },
  fcosLosses: {
    op: (x) => {
      const rows = ops.reshape(x, [-1, 4, 4]);
      const sides = like(rows, 1);
      const targets = { labels: ops.reshape(labels(x), [-1, 4]), regression: sides, objects: labels(x) };
      const centerness = on(new Array(x.size / 4).fill(0), [x.size / 16, 4]);
      return ops.fcosLosses({ logits: rows, regression: sides, centerness }, targets).classification;
    },
    reference: (x) => {
      const terms = Array.from(x, (v, i) => {
        const z = i % 4 === 1 ? -v : v;
        return (i % 4 === 1 ? 0.25 : 0.75) * missedYes(-z) * (1 / (1 + Math.exp(-z))) ** 2;
      });
      return [total(terms) / Math.max(x.length / 4, 1)];
    },
    half: true,
    overflows: true,
  },
  selectInstances: {
    op: (x) => {
      const rows = ops.reshape(x, [-1, 4, 4]);
      const sides = [x.size / 16, 4];
      const centerness = on(new Array(x.size / 4).fill(0), sides);
      const objects = on(new Array(x.size / 4).fill(0), sides, 'u32');
      return ops.selectInstances({ objects }, rows, centerness, { perImage: 2 }).locations;
    },
    reference: (x) =>
      rowsOf(x, 16).flatMap((image) => {
        const scores = rowsOf(Float64Array.from(image), 4).map((row) =>
          row.some(Number.isNaN) ? 2 : Math.fround(1 / (1 + Math.exp(-held(largest(row), -80, 80)))),
        );
        return [0, 1, 2, 3].sort((p, q) => scores[q] - scores[p] || p - q).slice(0, 2);
      }),
    half: true,
  },
  instanceRows: {
    op: (x) => {
      const picks = Array.from({ length: x.size / 8 }, (_, i) => (i % 2 === 0 ? 3 : ops.NO_INDEX));
      return ops.instanceRows(ops.reshape(x, [-1, 4, 4]), on(picks, [x.size / 16, 2], 'u32'));
    },
    reference: (x) => rowsOf(x, 16).flatMap((image) => [...image.slice(12), 0, 0, 0, 0]),
    half: true,
  },
  dynamicMaskHead: {
    op: (x) =>
      ops.dynamicMaskHead(
        ops.reshape(x, [x.shape[0], 1, 1, 16]),
        forEach(x, PARAMETERS, [1, 233]),
        forEach(x, HEAD.centers, [1, 2]),
        forEach(x, HEAD.sizes, [1]),
      ),
    reference: (x) =>
      rowsOf(x, 16).flatMap((row) => [...maskHeadOf(Float64Array.from(row), Float64Array.from(PARAMETERS), HEAD)]),
    half: true,
    overflows: true,
  },
  projectionLoss: {
    op: (x) => ops.projectionLoss(...masks(x)),
    reference: (x) => [projectionOf(x, masksOf(x), maskMaps(x))],
    half: true,
  },
  pairwiseLoss: {
    op: (x) => ops.pairwiseLoss(...masks(x), forEach(x, ALIKE, [4, 4, 8])),
    reference: (x) => [
      pairwiseOf(
        x,
        masksOf(x),
        maskMaps(x),
        Array.from({ length: x.length * 8 }, (_, i) => ALIKE[i % 128]),
        0.3,
      ),
    ],
    half: true,
  },
};
