// W ⊙ P: a weight under its gates (METHOD: gates that act on the weight, before the convolution). Gates are laid out per connection once,
// so that weight and gradient are walked four values at a time.
import { grid1d, params } from '../../gpu/index.ts';
import { record, recording } from '../autograd.ts';
import { empty, shapeText, type Tensor, TensorError } from '../tensor.ts';
import { byPair, expandGates, foldGates, type Gate, type Gated, gatedBy, lanes } from './gates.ts';

/**
 * w [kh, kw, Cin, Cout] or [Cin, Cout] times p, f32: one factor per `connection` [Cout, Cin], `filter` [Cout] or `input` [Cin].
 * Differentiable in both, in one walk over the weight. Throws TensorError where p does not fit.
 */
export function maskedWeight(w: Tensor, p: Tensor, gate: Gate): Tensor {
  const gated = gatedBy('maskedWeight', w, gate);
  if (shapeText(p.shape) !== shapeText(gated.shape))
    throw new TensorError(
      `maskedWeight: ${p.label} ${shapeText(p.shape)} does not fit ${w.label} ${shapeText(w.shape)}: ` +
        `${gate} gates are ${shapeText(gated.shape)}`,
    );
  const full = expandGates(p, gated);
  const y = empty(w.gpu, w.shape, 'maskedWeight');
  byPair('multiply', w, full, y, gated);
  const saved = recording([w, p]) ? [full] : [];
  if (saved.length === 0) full.release();
  return record(
    'maskedWeight',
    y,
    [w, p],
    (dy, sink) => {
      if (!sink.wants(1)) return sink.write(0, (dw) => byPair('multiply', dy, full, dw, gated));
      if (!sink.wants(0)) return gradients(w, full, dy, gated, (out) => sink.write(1, out));
      sink.write(0, (dw) => gradients(w, full, dy, gated, (out) => sink.write(1, out), dw));
    },
    saved,
  );
}

/** Fills the gradient of the gates and, where `dw` is given, that of the weight. */
function gradients(
  w: Tensor,
  full: Tensor,
  dy: Tensor,
  gated: Gated,
  write: (fill: (out: Tensor) => void) => void,
  dw?: Tensor,
): void {
  const { gpu } = w;
  const { types, pairs } = lanes(gated);
  const perPair = empty(gpu, full.shape, 'gradient per connection');
  const unused = dw ? undefined : empty(gpu, [1], 'unused');
  gpu.run({
    shader: 'gate_gradient',
    types: { V: types.V },
    constants: { WEIGHT: dw !== undefined },
    bindings: [w.slice, full.slice, dy.slice, perPair.slice, (dw ?? unused!).slice],
    params: params(gated.depth, pairs),
    grid: grid1d(Math.ceil(pairs / 64)),
    cost: { flops: w.size * (dw ? 3 : 2), bytes: w.bytes * (dw ? 3 : 2) + full.bytes * 2 },
    label: 'maskedWeight/gradient',
  });
  unused?.release();
  write((dp) => foldGates(perPair, dp, gated));
  perPair.release();
}
