// Two-dimensional convolution (cross-correlation, as in every deep-learning library).
import { empty, needChannels, needTensors, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { storedAs } from '../matmul/stored-as.ts';
import { sumInto } from '../reduce/sum-into.ts';
import { type ConvGeometry, extent, outputShape, type Pair, pair } from './kernels/geometry.ts';
import { convDataGradient, convForward, convWeightGradient } from './kernels/launch.ts';

/** Left out: stride 1, padding 0, dilation 1, one group, no bias. */
export interface Conv2dOptions {
  stride?: Pair;
  /** Zeros on each side. */
  padding?: Pair;
  /** Distance between the kernel's taps. */
  dilation?: Pair;
  /** Input and output channels in this many independent parts. */
  groups?: number;
  /** f32 [Cout], added to the result. */
  bias?: Tensor;
}

/**
 * y[n,i,j,o] = Σ w[a,b,c,o] · x[n, i·stride − padding + a·dilation, j·stride − padding + b·dilation, c]: x [N,H,W,Cin] and
 * w [kh,kw,Cin/groups,Cout] give [N,Ho,Wo,Cout]. w is f32; x, its gradient and the result are f32 or f16, where f16 multiplies w in f16 (its
 * copy if it has one) and sums in f32. Throws TensorError for shapes and dtypes that do not fit.
 *
 * @example
 * const y = conv2d(x, w, { stride: 2, padding: 1 }); // [8, 32, 32, 3] and [3, 3, 3, 16] give [8, 16, 16, 16]
 */
export function conv2d(x: Tensor, w: Tensor, { bias, ...options }: Conv2dOptions = {}): Tensor {
  const g = geometryOf('conv2d', x, w, options);
  if (bias) needChannels('conv2d', g.co, bias);
  const { stored, made } = weightFor('conv2d', x, w);
  const y = empty(x.gpu, outputShape(g), 'conv2d', x.dtype);
  convForward(x.gpu, g, x.slice, stored.slice, y.slice, { shift: bias?.slice });
  return record(
    'conv2d',
    y,
    bias ? [x, w, bias] : [x, w],
    (gradient, sink) => {
      sink.write(0, (out) => convDataGradient(x.gpu, g, gradient.slice, stored.slice, out.slice));
      sink.write(1, (out) => convWeightGradient(x.gpu, g, x.slice, gradient.slice, out.slice));
      if (bias) sink.write(2, (out) => sumInto(gradient, out));
    },
    made,
    options,
  );
}

/** The weight stored as x is: itself, its f16 copy, or one made for this op, which backward needs too. Throws TensorError for other dtypes. */
export function weightFor(op: string, x: Tensor, w: Tensor): { stored: Tensor; made: Tensor[] } {
  if (w.dtype !== 'f32' || (x.dtype !== 'f32' && x.dtype !== 'f16'))
    throw new TensorError(
      `${op}: ${x.label} is ${x.dtype} and ${w.label} ${w.dtype}; it takes an f32 or f16 input and an f32 weight`,
    );
  return storedAs(w, x.dtype);
}

/** The sizes of a convolution of x by w. Throws TensorError where they do not fit. */
export function geometryOf(
  op: string,
  x: Tensor,
  w: Tensor,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: Omit<Conv2dOptions, 'bias'>,
): ConvGeometry {
  needTensors(op, x, w);
  const given = `${op}: ${x.label} ${shapeText(x.shape)} with ${w.label} ${shapeText(w.shape)}`;
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
  return { n, h, w: wide, ci, ho, wo, co, kh, kw, sh, sw, ph, pw, dh, dw, groups, half: x.dtype === 'f16' };
}

/** Both axes of an option. Throws TensorError below `low`. */
export function checked(given: string, name: string, value: Pair, low: number): readonly [number, number] {
  const both = pair(value);
  for (const n of both)
    if (!Number.isInteger(n) || n < low)
      throw new TensorError(`${given}: ${name} ${both.join(',')} must be whole numbers from ${low}`);
  return both;
}
