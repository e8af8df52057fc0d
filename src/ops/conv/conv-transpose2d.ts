// Transposed convolution: the data gradient of a convolution, used forwards, to make images larger.
import { empty, needTensors, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { type Conv2dOptions, checked, weightFor } from './conv2d.ts';
import { type ConvGeometry, inputShape } from './kernels/geometry.ts';
import { convDataGradient, convForward, convWeightGradient } from './kernels/launch.ts';

/** Those of the convolution that it transposes, and how much of its size that leaves open. */
export interface ConvTranspose2dOptions extends Omit<Conv2dOptions, 'bias'> {
  /** Rows and columns added at the far side, below the larger of stride and dilation: several input sizes of the convolution give one output size. */
  outputPadding?: Conv2dOptions['padding'];
}

/**
 * x [N,H,W,Cin] and w [kh,kw,Cout/groups,Cin] give [N,(H−1)·stride − 2·padding + dilation·(kh−1) + outputPadding + 1,…,Cout]: what conv2d
 * with this weight and these options would pull back to its input, with its dtypes. Throws TensorError for shapes and dtypes that do not fit.
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTranspose2dOptions = {}): Tensor {
  const g = geometry(x, w, options);
  const { stored, made } = weightFor('convTranspose2d', x, w);
  const y = empty(x.gpu, inputShape(g), 'convTranspose2d', x.dtype);
  convDataGradient(x.gpu, g, x.slice, stored.slice, y.slice);
  return record(
    'convTranspose2d',
    y,
    [x, w],
    (gradient, sink) => {
      sink.write(0, (out) => convForward(x.gpu, g, gradient.slice, stored.slice, out.slice));
      sink.write(1, (out) => convWeightGradient(x.gpu, g, gradient.slice, x.slice, out.slice));
    },
    made,
  );
}

/** The convolution whose data gradient this is: its input is our output. */
function geometry(
  x: Tensor,
  w: Tensor,
  { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 }: ConvTranspose2dOptions,
): ConvGeometry {
  needTensors('convTranspose2d', x, w);
  const given = `convTranspose2d: ${x.label} ${shapeText(x.shape)} with ${w.label} ${shapeText(w.shape)}`;
  if (x.shape.length !== 4 || w.shape.length !== 4)
    throw new TensorError(`${given}: takes an input [N,H,W,Cin] and a weight [kh,kw,Cout/groups,Cin]`);
  const [n, ho, wo, co] = x.shape;
  const [kh, kw, width, channels] = w.shape;
  const [sh, sw] = checked(given, 'stride', stride, 1);
  const [ph, pw] = checked(given, 'padding', padding, 0);
  const [eh, ew] = checked(given, 'outputPadding', outputPadding, 0);
  const [dh, dw] = checked(given, 'dilation', dilation, 1);
  checked(given, 'groups', groups, 1);
  if (channels !== co || co % groups !== 0)
    throw new TensorError(
      `${given}: the weight takes ${channels} input channels in ${groups} groups, the input has ${co}`,
    );
  if (eh >= Math.max(sh, dh) || ew >= Math.max(sw, dw))
    throw new TensorError(`${given}: outputPadding ${eh},${ew} must be below the larger of stride and dilation`);
  const h = (ho - 1) * sh - 2 * ph + dh * (kh - 1) + eh + 1;
  const wide = (wo - 1) * sw - 2 * pw + dw * (kw - 1) + ew + 1;
  if (h < 1 || wide < 1) throw new TensorError(`${given}: padding ${ph},${pw} leaves nothing of the output`);
  return {
    n,
    h,
    w: wide,
    ci: width * groups,
    ho,
    wo,
    co,
    kh,
    kw,
    sh,
    sw,
    ph,
    pw,
    dh,
    dw,
    groups,
    half: x.dtype === 'f16',
  };
}
