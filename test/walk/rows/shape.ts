// Rows of the walk. Elements in other places, chosen ones, and parts that are written.
import * as ops from '../../../src/ops/index.ts';
import { empty } from '../../../src/tensor/index.ts';
import { gpu } from '../../support/gpu.ts';
import { byChannel, each, identity, matrix, on, type Rows, rowsOf } from './row.ts';

export const SHAPES: Rows = {
  concat: { op: (x) => ops.concat([x, x], 0), reference: (x) => [...x, ...x], half: true },
  slice: {
    op: (x) => ops.slice(x, [0, 0, 0, 1], [x.shape[0], 2, 2, 2]),
    reference: (x) => rowsOf(x, 4).flatMap((r) => r.slice(1, 3)),
    half: true,
  },
  pad: {
    op: (x) =>
      ops.pad(x, [
        [0, 0],
        [0, 0],
        [0, 0],
        [1, 0],
      ]),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [0, ...row]),
    half: true,
  },
  permute: { op: (x) => ops.permute(x, [0, 3, 1, 2]), reference: (x) => byChannel(x).flat(), half: true },
  transpose: {
    op: (x) => ops.transpose(x),
    reference: (x) => rowsOf(x, 8).flatMap((two) => [0, 1, 2, 3].flatMap((c) => [two[c], two[c + 4]])),
    half: true,
  },
  reshape: { op: matrix, reference: each((v) => v), half: true },
  squeeze: { op: (x) => ops.squeeze(ops.reshape(x, [-1, 1])), reference: each((v) => v), half: true },
  unsqueeze: { op: (x) => ops.unsqueeze(x, 0), reference: each((v) => v), half: true },
  flatten: { op: (x) => ops.flatten(x), reference: each((v) => v), half: true },
  expand: {
    op: (x) => ops.expand(ops.reshape(x, [-1, 1, 4]), [-1, 2, 4]),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [...row, ...row]),
    half: true,
  },
  tile: { op: (x) => ops.tile(x, [2, 1, 1, 1]), reference: (x) => [...x, ...x], half: true },
  repeat: { op: (x) => ops.repeat(x, 2, -1), reference: (x) => [...x].flatMap((v) => [v, v]), half: true },
  flip: { op: (x) => ops.flip(x, -1), reference: (x) => rowsOf(x, 4).flatMap((row) => row.reverse()), half: true },
  roll: {
    op: (x) => ops.roll(x, 1, -1),
    reference: (x) => rowsOf(x, 4).flatMap(([a, b, c, d]) => [d, a, b, c]),
    half: true,
  },
  split: {
    op: (x) => ops.split(x, 2, -1)[1],
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.slice(2)),
    half: true,
  },
  stack: { op: (x) => ops.stack([x, x]), reference: (x) => [...x, ...x], half: true },
  tril: {
    op: (x) => ops.tril(x),
    reference: (x) => Array.from(x, (v, i) => (i % 4 <= Math.floor(i / 4) % 2 ? v : 0)),
    half: true,
  },
  triu: {
    op: (x) => ops.triu(x),
    reference: (x) => Array.from(x, (v, i) => (i % 4 >= Math.floor(i / 4) % 2 ? v : 0)),
    half: true,
  },
  gather: { op: (x) => ops.gather(matrix(x), identity(x.size / 4)), reference: each((v) => v), half: true },
  indexSelect: {
    op: (x) => ops.indexSelect(x, on([2, 0], [2], 'u32'), -1),
    reference: (x) => rowsOf(x, 4).flatMap(([a, , c]) => [c, a]),
    half: true,
  },
  embedding: { op: (x) => ops.embedding(matrix(x), identity(x.size / 4)), reference: each((v) => v), half: true },
  takeAlong: {
    op: (x) =>
      ops.takeAlong(
        x,
        on(
          Array.from({ length: x.size }, (_, i) => 3 - (i % 4)),
          x.shape,
          'u32',
        ),
        -1,
      ),
    reference: (x) => rowsOf(x, 4).flatMap((row) => row.reverse()),
    half: true,
  },
  scatterAdd: {
    op: (x) => ops.scatterAdd(matrix(x), identity(x.size / 4), matrix(x)),
    reference: each((v) => v + v),
    half: true,
  },
  writeChannels: {
    op: (x) => ops.writeChannels(ops.writeChannels(empty(gpu, [x.shape[0], 2, 2, 8], 'block'), x, 0), x, 4),
    reference: (x) => rowsOf(x, 4).flatMap((row) => [...row, ...row]),
  },
};
