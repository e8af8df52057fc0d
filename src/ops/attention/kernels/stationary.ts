// Launches attention's kernels for software adapters.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import { convert } from '../../../tensor/index.ts';
import { stationaryLanes } from '../../matmul/kernels/stationary.ts';
import { type Attention, attentionWords, backwardCost, elementsOf, forwardCost } from './attention.ts';

/** Rows of scores, and backward keys, that a workgroup has at once: enough to be worth filling a block, and few enough for a processor's own cache. */
const SIDE = 256;

/** The lanes, and the sides of the block that stands still: a smaller one where heads are narrow, which would leave half of a large one empty. */
function shapeOf(gpu: Gpu, { depth, depthV }: Attention): { LANES: number; TILE: number; filled: number } {
  const LANES = stationaryLanes(gpu)!;
  const TILE = LANES === 8 && Math.max(depth, depthV) > 32 ? 64 : 32;
  return { LANES, TILE, filled: (TILE * TILE) / (4 * LANES) };
}

const typesOf = ({ stored, extra }: Attention) => ({ Elem: stored, Extra: extra.stored });

/** Calls `use` with f32 memory for each output: the outputs themselves, or where they are f16 scratch, which is converted afterwards. */
function widened(gpu: Gpu, { stored }: Attention, outputs: [Slice, number][], use: (slices: Slice[]) => void): void {
  const made = stored === 'f16' ? outputs.map(([, n]) => gpu.allocate('attention in f32', n * 4)) : [];
  use(outputs.map(([slice], i) => made[i] ?? slice));
  for (const [i, slice] of made.entries()) {
    const [output, elements] = outputs[i];
    convert(gpu, slice, output, elements, 'f32', 'f16');
    gpu.release(slice);
  }
}

/** `slices`: q, k, v, extra, sums, y. */
export function stationaryForward(gpu: Gpu, a: Attention, [q, k, v, extra, sums, y]: Slice[]): void {
  const { LANES, TILE, filled } = shapeOf(gpu, a);
  const planes = a.batch * a.heads;
  const most = gpu.machine.attention.stationaryWorkgroups;
  const shares = Math.min(Math.ceil(most / planes), Math.ceil(a.rows / TILE));
  const share = Math.ceil(a.rows / shares);
  const side = Math.min(SIDE, share);
  const groups = Math.min(most, planes * Math.ceil(a.rows / share));
  const panel = gpu.allocate('attention panel', groups * side * (TILE + 4) * 4);
  widened(gpu, a, [[y, elementsOf(a).y]], ([out]) =>
    gpu.run({
      shader: 'attention/stationary',
      constants: { LANES, TILE },
      types: typesOf(a),
      bindings: [q, k, v, extra, out, sums, panel],
      params: attentionWords(a, [side, share, filled]),
      grid: [groups],
      cost: forwardCost(a),
    }),
  );
  gpu.release(panel);
}

/** `slices`: q, k, v, extra, dy, sums, dq, dk, dv. */
export function stationaryBackward(gpu: Gpu, a: Attention, [q, k, v, extra, dy, sums, dq, dk, dv]: Slice[]): void {
  const { LANES, TILE, filled } = shapeOf(gpu, a);
  const groups = Math.min(gpu.machine.attention.stationaryWorkgroups, (a.batch * a.heads) / a.group);
  const side = Math.min(SIDE, Math.ceil(Math.max(a.rows, a.keys) / TILE) * TILE);
  const panel = gpu.allocate('attention panel', groups * 2 * side * side * 4);
  const counts = elementsOf(a);
  const outputs: [Slice, number][] = [
    [dq, counts.q],
    [dk, counts.k],
    [dv, counts.v],
  ];
  widened(gpu, a, outputs, (made) =>
    gpu.run({
      shader: 'attention/stationary_backward',
      constants: { LANES, TILE },
      types: typesOf(a),
      bindings: [q, k, v, extra, dy, sums, ...made, panel],
      params: attentionWords(a, [side, 0, filled]),
      grid: [groups],
      cost: backwardCost(a),
    }),
  );
  gpu.release(panel);
}
