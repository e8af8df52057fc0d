// The plain attention: all scores in memory, softmax, and sums by them, an element a thread. The reference that every fused kernel is compared with, and the only one
// that has the gradient of the scores themselves, which that of a bias is made of.
import { f32, type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { type Attention, allStrides, attentionWords, elementsOf, startsOf } from './attention.ts';

/** Number of scores. */
export const scoreCount = ({ batch, heads, rows, keys }: Attention): number => batch * heads * rows * keys;

/** Scores, or with `slopes` the products dy·vᵀ. */
function scores(gpu: Gpu, a: Attention, entry: 'scores' | 'slopes', x: Slice, z: Slice, extra: Slice, w: Slice): void {
  gpu.run({
    shader: 'attention/plain_scores',
    entry,
    types: { Elem: a.stored, Extra: a.extra.stored },
    bindings: [x, z, extra, w],
    params: attentionWords(a),
    grid: grid1d(Math.ceil(scoreCount(a) / 64)),
    cost: { flops: 2 * scoreCount(a) * (entry === 'scores' ? a.depth : a.depthV), bytes: 4 * scoreCount(a) },
    label: `attention/plain ${entry}`,
  });
}

function weights(gpu: Gpu, a: Attention, entry: 'weights' | 'slopes', dp: Slice, w: Slice, sums: Slice): void {
  gpu.run({
    shader: 'attention/plain_weights',
    entry,
    bindings: [dp, w, sums],
    params: attentionWords(a),
    grid: grid1d(Math.ceil((a.batch * a.heads * a.rows) / 64)),
    cost: { flops: 5 * scoreCount(a), bytes: 8 * scoreCount(a) },
    label: `attention/plain ${entry} of rows`,
  });
}

/** Sums of x by w over keys, or with `columns` over rows. */
function sumsBy(gpu: Gpu, a: Attention, w: Slice, x: Slice, y: Slice, factor: number, to: 'y' | 'q' | 'k' | 'v'): void {
  const [strides, starts] = [allStrides(a), startsOf(a)];
  const source = ({ y: 'v', q: 'k', k: 'q', v: 'y' } as const)[to];
  const columns = to === 'k' || to === 'v';
  const depth = to === 'q' || to === 'k' ? a.depth : a.depthV;
  const elements = elementsOf(a)[to];
  gpu.run({
    shader: 'attention/plain_sums',
    constants: { COLUMNS: columns },
    types: { Elem: a.stored },
    bindings: [w, x, y],
    params: params(
      ...[a.rows, a.keys, a.heads, a.group, ...strides[source], depth],
      ...[...strides[to], elements, f32(factor), starts[source], starts[to]],
    ),
    grid: grid1d(Math.ceil(elements / 64)),
    cost: { flops: 2 * scoreCount(a) * depth, bytes: 4 * scoreCount(a) },
  });
}

/** `slices`: q, k, v, extra, sums, y. */
export function plainForward(gpu: Gpu, a: Attention, [q, k, v, extra, sums, y]: Slice[]): void {
  const w = gpu.allocate('attention weights', scoreCount(a) * 4);
  scores(gpu, a, 'scores', q, k, extra, w);
  weights(gpu, a, 'weights', q, w, sums);
  sumsBy(gpu, a, w, v, y, 1, 'y');
  gpu.release(w);
}

/** `slices`: q, k, v, extra, dy, sums, dq, dk, dv. `slopes`, if given, gets the gradient of the scores after the scale, f32 [batch, heads, rows, keys]. */
export function plainBackward(gpu: Gpu, a: Attention, slices: Slice[], slopes?: Slice): void {
  const [q, k, v, extra, dy, sums, dq, dk, dv] = slices;
  const own = slopes ? undefined : gpu.allocate('attention weights', scoreCount(a) * 4);
  const w = slopes ?? own!;
  const dp = gpu.allocate('attention slopes', scoreCount(a) * 4);
  // lse comes out as it went in.
  scores(gpu, a, 'scores', q, k, extra, w);
  weights(gpu, a, 'weights', dp, w, sums);
  if (dv) sumsBy(gpu, a, w, dy, dv, 1, 'v');
  scores(gpu, a, 'slopes', dy, v, extra, dp);
  weights(gpu, a, 'slopes', dp, w, sums);
  if (dq) sumsBy(gpu, a, w, k, dq, a.scale, 'q');
  if (dk) sumsBy(gpu, a, w, q, dk, a.scale, 'k');
  gpu.release(dp);
  if (own) gpu.release(own);
}
