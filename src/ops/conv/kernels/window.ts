// A sliding window: what a forward convolution and each phase of a data gradient have in common, so that the same kernels do both.
import { type ConvGeometry, sizeWords } from './geometry.ts';

/**
 * Output pixel (q, r) collects, over taps (a, b) of kh×kw, input pixel (q·sh − ph + a·dh, r·sw − pw + b·dw) times the weight at w0 + a·wy + b·wx + k·wk + o·wc
 * (input channel k, output channel o), and lies at pixel y0 + image·yn + q·yh + r·yw of the output. Paddings and dilations may be negative.
 */
export interface Window extends Omit<ConvGeometry, 'n' | 'groups'> {
  w0: number;
  wy: number;
  wx: number;
  wk: number;
  wc: number;
  y0: number;
  yn: number;
  yh: number;
  yw: number;
}

/** The uniform's words of a window, shaders/conv/window.wgsl. */
export const windowWords = (v: Window): number[] => [
  ...sizeWords(v),
  ...[v.w0, v.wy, v.wx, v.wk, v.wc, v.y0, v.yn, v.yh, v.yw],
];

/** The convolution itself. */
export function forwardWindow(g: ConvGeometry): Window {
  const { h, w, ci, ho, wo, co, kh, kw, sh, sw, ph, pw, dh, dw } = g;
  const weights = { w0: 0, wy: kw * ci * co, wx: ci * co, wk: co, wc: 1 };
  return { h, w, ci, ho, wo, co, kh, kw, sh, sw, ph, pw, dh, dw, ...weights, y0: 0, yn: ho * wo, yh: wo, yw: 1 };
}

/** Which taps reach the positions of one residue along an axis, and from where. */
interface Phase {
  /** Positions of this residue: `start`, `start` + stride, ... */
  start: number;
  positions: number;
  /** Taps `first`, `first` + `step`, ...; position q meets input q − padding + j·dilation through the j-th. */
  taps: number;
  first: number;
  step: number;
  padding: number;
  dilation: number;
}

/**
 * Splits an axis of the input by its residue modulo the stride: position i = q·stride + start gets output o through tap a where o·stride = i + padding − a·dilation, so
 * each residue meets its own taps only, and none of the multiplications by the zeros between strides are done.
 */
function phases(size: number, kernel: number, stride: number, padding: number, dilation: number): Phase[] {
  const list: Phase[] = [];
  for (let start = 0; start < Math.min(stride, size); start++) {
    const reached: number[] = [];
    for (let tap = 0; tap < kernel; tap++) if ((start + padding - tap * dilation) % stride === 0) reached.push(tap);
    const [first = 0, second = first] = reached;
    list.push({
      start,
      positions: Math.ceil((size - start) / stride),
      taps: reached.length,
      first,
      step: second - first,
      padding: -Math.trunc((start + padding - first * dilation) / stride),
      dilation: -Math.trunc(((second - first) * dilation) / stride),
    });
  }
  return list;
}

/**
 * The data gradient as windows over dy, which together write every element of dx that gets anything; `covered` tells whether that is all of them.
 * With `rows` only the vertical axis is split, and horizontally the window is that of the convolution, for kernels that scatter along rows.
 */
export function dataWindows(g: ConvGeometry, rows = false): { windows: Window[]; covered: boolean } {
  const { h, w, ci, ho, wo, co, kh, kw } = g;
  const whole: Phase = { start: 0, positions: w, taps: kw, first: 0, step: 1, padding: g.pw, dilation: 1 };
  const windows: Window[] = [];
  let covered = true;
  for (const v of phases(h, kh, g.sh, g.ph, g.dh))
    for (const u of rows ? [whole] : phases(w, kw, g.sw, g.pw, g.dw)) {
      if (v.taps === 0 || u.taps === 0) {
        covered = false;
        continue;
      }
      windows.push({
        ...{ h: ho, w: wo, ci: co, ho: v.positions, wo: u.positions, co: ci, kh: v.taps, kw: u.taps },
        ...{ sh: 1, sw: 1, ph: v.padding, pw: u.padding, dh: v.dilation, dw: u.dilation },
        ...{ w0: (v.first * kw + u.first) * ci * co, wy: v.step * kw * ci * co, wx: u.step * ci * co, wk: 1, wc: co },
        ...{ y0: v.start * w + u.start, yn: h * w, yh: g.sh * w, yw: rows ? 1 : g.sw },
      });
    }
  return { windows, covered };
}
