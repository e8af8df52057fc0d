// Launches attention's kernels for GPUs: one shader in three modes, forward, dq, and dk with dv.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import { tileIncludes } from '../../matmul/kernels/vector-tiles.ts';
import { type Attention, attentionWords, backwardCost, forwardCost } from './attention.ts';

/** Tokens of a tile, either way. */
const SIDE = 64;
const MODES = { forward: 0, dq: 1, 'dk dv': 2 };

const TYPES = {
  f32: { 1: { Load: 'f32', Wide: 'f32' }, 4: { Load: 'vec4f', Wide: 'vec4f' } },
  f16: { 1: { Load: 'f16', Wide: 'f32' }, 4: { Load: 'vec4h', Wide: 'vec4f' } },
};

/** `slices`: down0, down1, across0, across1, extra, sums, out0, out1 of shaders/attention/tiled.wgsl; an output that is left out is one that the mode has not. */
function launch(gpu: Gpu, a: Attention, mode: keyof typeof MODES, slices: (Slice | undefined)[]): void {
  const { batch, heads, group, rows, keys, depth, depthV, stored, extra } = a;
  const WIDTH = depth % 4 === 0 && depthV % 4 === 0 ? 4 : 1;
  const turned = mode === 'dk dv';
  const spare = gpu.allocate('attention, no output', 16);
  const { flops, bytes } = mode === 'forward' ? forwardCost(a) : backwardCost(a);
  const share = { forward: 1, dq: 0.4, 'dk dv': 0.6 }[mode];
  gpu.run({
    shader: 'attention/tiled',
    constants: { MODE: MODES[mode], WIDTH, PARTS0: Math.ceil(depth / SIDE), PARTS1: Math.ceil(depthV / SIDE) },
    types: { ...TYPES[stored][WIDTH], Elem: stored, Extra: extra.stored },
    includes: tileIncludes(gpu),
    bindings: slices.map((slice) => slice ?? spare),
    params: attentionWords(a),
    grid: [Math.ceil((turned ? keys : rows) / SIDE), turned ? (batch * heads) / group : batch * heads],
    cost: { flops: flops * share, bytes: bytes * share },
    label: `attention/tiled ${mode}`,
  });
  gpu.release(spare);
}

/** `slices`: q, k, v, extra, sums, y. */
export function tiledForward(gpu: Gpu, a: Attention, [q, k, v, extra, sums, y]: Slice[]): void {
  launch(gpu, a, 'forward', [q, q, k, v, extra, sums, undefined, y]);
}

/** `slices`: q, k, v, extra, dy, sums, dq, dk, dv. */
export function tiledBackward(gpu: Gpu, a: Attention, [q, k, v, extra, dy, sums, dq, dk, dv]: Slice[]): void {
  launch(gpu, a, 'dq', [q, dy, k, v, extra, sums, dq, undefined]);
  // A buffer cannot be bound twice to be written.
  launch(gpu, a, 'dk dv', [k, v, q, dy, extra, sums, dk, a.joined ? undefined : dv]);
}
