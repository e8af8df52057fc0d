// Two-dimensional convolution (cross-correlation, as in every deep-learning library), without bias: that is added separately.
import { record } from '../autograd.ts';
import { convDataGradient, convForward, convWeightGradient } from '../kernels/conv.ts';
import { type ConvGeometry, extent, outputShape, type Pair, pair } from '../kernels/conv-geometry.ts';
import { empty, shapeText, type Tensor, TensorError } from '../tensor.ts';

export interface Conv2dOptions {
  stride?: Pair;
  /** Zeros on each side. */
  padding?: Pair;
  /** Distance between the kernel's taps. */
  dilation?: Pair;
  /** Input and output channels in this many independent parts. */
  groups?: number;
}

/**
 * y[n,i,j,o] = Σ w[a,b,c,o] · x[n, i·stride − padding + a·dilation, j·stride − padding + b·dilation, c]: x [N,H,W,Cin] and
 * w [kh,kw,Cin/groups,Cout] give [N,Ho,Wo,Cout], f32. Throws TensorError for shapes that do not fit.
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}): Tensor {
  const g = geometry(x, w, options);
  const y = empty(x.gpu, outputShape(g), 'conv2d');
  convForward(x.gpu, g, x.slice, w.slice, y.slice);
  return record('conv2d', y, [x, w], (gradient, sink) => {
    sink.write(0, (out) => convDataGradient(x.gpu, g, gradient.slice, w.slice, out.slice));
    sink.write(1, (out) => convWeightGradient(x.gpu, g, x.slice, gradient.slice, out.slice));
  });
}

function geometry(
  x: Tensor,
  w: Tensor,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions,
): ConvGeometry {
  const given = `conv2d: ${x.label} ${shapeText(x.shape)} with ${w.label} ${shapeText(w.shape)}`;
  if (x.shape.length !== 4 || w.shape.length !== 4)
    throw new TensorError(`${given}: takes an input [N,H,W,Cin] and a weight [kh,kw,Cin/groups,Cout]`);
  const [n, h, wide, ci] = x.shape;
  const [kh, kw, depth, co] = w.shape;
  const [sh, sw] = checked(given, 'stride', stride, 1);
  const [ph, pw] = checked(given, 'padding', padding, 0);
  const [dh, dw] = checked(given, 'dilation', dilation, 1);
  checked(given, 'groups', groups, 1);
  if (ci % groups !== 0 || co % groups !== 0 || depth !== ci / groups)
    throw new TensorError(
      `${given}: with groups ${groups} the weight takes ${depth * groups} input channels, the input has ${ci}` +
        (co % groups !== 0 ? `, and ${co} output channels do not divide` : ''),
    );
  const ho = extent(h, kh, sh, ph, dh);
  const wo = extent(wide, kw, sw, pw, dw);
  if (ho < 1 || wo < 1)
    throw new TensorError(
      `${given}: the kernel does not fit the padded input (padding ${ph},${pw}, dilation ${dh},${dw})`,
    );
  return { n, h, w: wide, ci, ho, wo, co, kh, kw, sh, sw, ph, pw, dh, dw, groups };
}

/** Both axes of an option. Throws TensorError below `low`. */
export function checked(given: string, name: string, value: Pair, low: number): readonly [number, number] {
  const both = pair(value);
  for (const n of both)
    if (!Number.isInteger(n) || n < low)
      throw new TensorError(`${given}: ${name} ${both.join(',')} must be whole numbers from ${low}`);
  return both;
}
