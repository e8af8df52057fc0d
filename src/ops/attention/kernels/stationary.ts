// Launches attention's kernels for software adapters.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import { convert } from '../../../tensor/index.ts';
import { stationaryLanes } from '../../matmul/kernels/stationary.ts';
import { type Attention, attentionWords, backwardCost, elementsOf, forwardCost } from './attention.ts';

/** Rows of scores, and backward keys, that a workgroup has at once: enough to be worth filling a block, and few enough for a processor's own cache. */
const SIDE = 256;

/**
 * The lanes, and the side of the block that stands still: a smaller one where heads are narrow, which would leave half of a large one empty. Whether there is a mask or
 * bias, and more than one block of depth, is compiled in, since lanes that a branch leaves out go through it all the same.
 */
function constantsOf(gpu: Gpu, { depth, depthV, extra }: Attention) {
  const LANES = stationaryLanes(gpu)!;
  const most = Math.max(depth, depthV);
  const TILE = LANES === 8 && most > 32 ? 64 : 32;
  return { LANES, TILE, DEEP: most > TILE, EXTRA: extra.kind !== 'none' };
}

const typesOf = ({ stored, extra }: Attention) => ({ Elem: stored, Extra: extra.stored });

/** `slices`: q, k, v, extra, sums, y. */
export function stationaryForward(gpu: Gpu, a: Attention, [q, k, v, extra, sums, y]: Slice[]): void {
  const constants = constantsOf(gpu, a);
  const { TILE } = constants;
  const planes = a.batch * a.heads;
  const most = gpu.machine.attention.stationaryWorkgroups;
  const shares = Math.min(Math.ceil(most / planes), Math.ceil(a.rows / TILE));
  const share = Math.ceil(a.rows / shares);
  const side = Math.min(SIDE, share);
  const groups = Math.min(most, planes * Math.ceil(a.rows / share));
  const panel = gpu.allocate('attention panel', groups * side * (TILE + 4) * 4);
  const count = elementsOf(a).y;
  const wide = a.stored === 'f16' ? gpu.allocate('attention in f32', count * 4) : undefined;
  gpu.run({
    shader: 'attention/stationary',
    constants,
    types: typesOf(a),
    bindings: [q, k, v, extra, wide ?? y, sums, panel],
    params: attentionWords(a, { side, share, filled: TILE }),
    grid: [groups],
    cost: forwardCost(a),
  });
  gpu.release(panel);
  if (!wide) return;
  convert(gpu, wide, y, count, 'f32', 'f16');
  gpu.release(wide);
}

/** `slices`: q, k, v, extra, dy, sums, dq, dk, dv. */
export function stationaryBackward(gpu: Gpu, a: Attention, [q, k, v, extra, dy, sums, ...outputs]: Slice[]): void {
  const constants = constantsOf(gpu, a);
  const { TILE } = constants;
  const groups = Math.min(gpu.machine.attention.stationaryWorkgroups, (a.batch * a.heads) / a.group);
  const side = Math.min(SIDE, Math.ceil(Math.max(a.rows, a.keys) / TILE) * TILE);
  const panel = gpu.allocate('attention panel', groups * 2 * side * side * 4);
  const elements = elementsOf(a);
  const counts = [elements.q, elements.k, elements.v];
  // Joined, they lie among each other, and not one behind the other.
  const starts = a.joined ? [0, 0, 0] : [0, aligned(elements.q), aligned(elements.q) + aligned(elements.k)];
  const total = a.joined ? elements.q + elements.k + elements.v : starts[2] + elements.v;
  const all = gpu.allocate('attention gradients', total * 4);
  gpu.run({
    shader: 'attention/stationary_backward',
    constants,
    types: typesOf(a),
    bindings: [q, k, v, extra, dy, sums, all, panel],
    params: attentionWords(a, { side, filled: TILE, dk: starts[1], dv: starts[2] }),
    grid: [groups],
    cost: backwardCost(a),
  });
  gpu.release(panel);
  if (a.joined) convert(gpu, all, outputs[0], total, 'f32', a.stored);
  for (const [i, output] of (a.joined ? [] : outputs).entries()) {
    const size = Math.ceil(counts[i] / 4) * 16;
    const part = { buffer: all.buffer, offset: all.offset + starts[i] * 4, size };
    convert(gpu, part, output, counts[i], 'f32', a.stored);
  }
  gpu.release(all);
}

/** Elements up to the next place that can be bound by itself, 256 bytes. */
const aligned = (elements: number): number => Math.ceil(elements / 64) * 64;
