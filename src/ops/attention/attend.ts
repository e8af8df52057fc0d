// What attention of three tensors and of one that holds all three have in common: what hides scores, the forward pass, and its place on the tape.
import {
  empty,
  needFloats,
  record,
  type Sink,
  type Storage,
  shapeText,
  type Tensor,
  TensorError,
  writeOrDiscard,
} from '../../tensor/index.ts';
import { sumInto } from '../reduce/sum-into.ts';
import type { Attention } from './kernels/attention.ts';
import { attentionBackward, attentionForward, rowDots } from './kernels/candidates.ts';
import { plainBackward } from './kernels/plain.ts';

/** What hides scores: see AttentionOptions. */
export interface Hiding {
  mask?: Tensor;
  bias?: Tensor;
}

/** y of `shape`, recorded as `op`. `inputs`: q, k and v, or the one tensor that they are joined in. */
export function attend(
  op: string,
  attention: Attention,
  inputs: readonly Tensor[],
  shape: readonly number[],
  { mask, bias }: Hiding,
  details: Record<string, boolean | number>,
): Tensor {
  const { batch, heads, rows, keys, joined } = attention;
  const [q, k = q, v = q] = inputs;
  const { gpu } = q;
  const extra = bias ?? mask ?? q;
  const y = empty(gpu, [...shape], 'attention', q.dtype);
  const sums = empty(gpu, [2, batch * heads * rows], 'sums of attention');
  attentionForward(
    gpu,
    attention,
    [q, k, v, extra, sums, y].map(({ slice }) => slice),
  );
  const backward = (dy: Tensor, sink: Sink): void => {
    rowDots(gpu, attention, y.slice, dy.slice, sums.slice);
    const slices = [q, k, v, extra, dy, sums].map(({ slice }) => slice);
    const into = (...made: Tensor[]): void =>
      attentionBackward(gpu, attention, [...slices, ...made.map(({ slice }) => slice)]);
    if (joined) sink.write(0, (out) => into(out, out, out));
    else if ([0, 1, 2].some((i) => sink.wants(i)))
      writeOrDiscard(sink, 0, q, (dq) =>
        writeOrDiscard(sink, 1, k, (dk) => writeOrDiscard(sink, 2, v, (dv) => into(dq, dk, dv))),
      );
    if (bias)
      sink.write(inputs.length, (out) => {
        const slopes = empty(gpu, [...shape.slice(0, joined ? -2 : -3), heads, rows, keys], 'slopes of attention');
        plainBackward(gpu, attention, slices, slopes.slice);
        sumInto(slopes, out);
        slopes.release();
      });
  };
  return record(op, y, bias ? [...inputs, bias] : [...inputs], backward, [sums], details);
}

/** The mask or bias of scores [..., heads, rows, keys]. Throws TensorError where it does not broadcast to them. */
export function extraOf(op: string, { mask, bias }: Hiding, scores: readonly number[]): Attention['extra'] {
  const given = bias ?? mask;
  if (!given) return { kind: 'none', stored: 'f32', strides: [0, 0, 0, 0], elements: 4 };
  const { shape, label, dtype } = given;
  if (bias) needFloats(op, bias);
  else if (dtype === 'u8')
    throw new TensorError(`${op}: ${label} ${shapeText(shape)} is u8, a mask must be f32, f16 or u32`);
  const sides = [...new Array(Math.max(0, scores.length - shape.length)).fill(1), ...shape];
  const fits = sides.length === scores.length && sides.every((n, i) => n === 1 || n === scores[i]);
  const leading = sides.slice(0, -3);
  const batched = leading.some((n) => n > 1);
  // One stride goes over all batches.
  if (!fits || (batched && leading.some((n, i) => n !== scores[i])))
    throw new TensorError(
      `${op}: ${label} ${shapeText(shape)} does not broadcast to the scores ${shapeText(scores)}${fits ? ', of whose first sides it must have all or none' : ''}`,
    );
  const [heads, rows, keys] = sides.slice(-3);
  const step = (n: number, elements: number): number => (n > 1 ? elements : 0);
  return {
    kind: bias ? 'bias' : 'mask',
    stored: dtype as Storage | 'u32',
    strides: [batched ? heads * rows * keys : 0, step(heads, rows * keys), step(rows, keys), step(keys, 1)],
    elements: given.size,
  };
}

/** What products of queries and keys are multiplied by. Throws TensorError where it is no number. */
export function scaleOf(op: string, scale: number | undefined, depth: number): number {
  if (scale === undefined) return 1 / Math.sqrt(depth);
  if (!Number.isFinite(scale)) throw new TensorError(`${op}: scale is ${scale}, it must be a finite number`);
  return scale;
}
