// Convolution in float64, in its three directions, by the definition; and random geometries to try kernels on.
import type { ConvGeometry } from '../../src/ops/conv/kernels/geometry.ts';
import { extent, inputCount, outputCount, weightCount } from '../../src/ops/conv/kernels/geometry.ts';
import { whole } from './random.ts';

type Numbers = ArrayLike<number>;

/** Calls `visit(xIndex, wIndex, yIndex)` for every multiplication of a convolution. */
function products(g: ConvGeometry, visit: (x: number, w: number, y: number) => void): void {
  const [depth, width] = [g.ci / g.groups, g.co / g.groups];
  for (let n = 0; n < g.n; n++)
    for (let oh = 0; oh < g.ho; oh++)
      for (let ow = 0; ow < g.wo; ow++)
        for (let ky = 0; ky < g.kh; ky++)
          for (let kx = 0; kx < g.kw; kx++) {
            const [ih, iw] = [oh * g.sh - g.ph + ky * g.dh, ow * g.sw - g.pw + kx * g.dw];
            if (ih < 0 || ih >= g.h || iw < 0 || iw >= g.w) continue;
            for (let o = 0; o < g.co; o++)
              for (let k = 0; k < depth; k++)
                visit(
                  ((n * g.h + ih) * g.w + iw) * g.ci + Math.floor(o / width) * depth + k,
                  ((ky * g.kw + kx) * depth + k) * g.co + o,
                  ((n * g.ho + oh) * g.wo + ow) * g.co + o,
                );
          }
}

export function forwardReference(g: ConvGeometry, x: Numbers, w: Numbers): Float64Array {
  const y = new Float64Array(outputCount(g));
  products(g, (i, j, k) => {
    y[k] += x[i] * w[j];
  });
  return y;
}

export function dataReference(g: ConvGeometry, dy: Numbers, w: Numbers): Float64Array {
  const dx = new Float64Array(inputCount(g));
  products(g, (i, j, k) => {
    dx[i] += dy[k] * w[j];
  });
  return dx;
}

export function weightReference(g: ConvGeometry, x: Numbers, dy: Numbers): Float64Array {
  const dw = new Float64Array(weightCount(g));
  products(g, (i, j, k) => {
    dw[j] += x[i] * dy[k];
  });
  return dw;
}

/** Products that add up to one element of a direction's result, at most: errors grow with their number. */
export const terms = (g: ConvGeometry): Record<'forward' | 'data' | 'weight', number> => ({
  forward: (g.kh * g.kw * g.ci) / g.groups,
  data: (g.kh * g.kw * g.co) / g.groups,
  weight: g.n * g.ho * g.wo,
});

/** Channels cover the edges of every kernel's blocks: below, at and above 4, 8, 16, 32 and 64. */
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 20, 31, 32, 33, 36, 40, 64, 68];

/** A random geometry, small enough for the reference. */
export function randomGeometry(next: () => number): ConvGeometry {
  for (;;) {
    const groups = [1, 1, 1, 1, 2, 3][whole(next, 0, 5)];
    const channels = (): number => CHANNELS[whole(next, 0, groups === 1 ? CHANNELS.length - 1 : 6)] * groups;
    const [n, h, w, ci, co] = [whole(next, 1, 3), whole(next, 1, 13), whole(next, 1, 13), channels(), channels()];
    const [kh, kw] = next() < 0.5 ? [3, 3] : [whole(next, 1, 5), whole(next, 1, 5)];
    const [sh, sw] = next() < 0.5 ? [1, 1] : [whole(next, 1, 3), whole(next, 1, 3)];
    const [ph, pw] = next() < 0.5 ? [1, 1] : [whole(next, 0, 3), whole(next, 0, 3)];
    const [dh, dw] = next() < 0.7 ? [1, 1] : [whole(next, 1, 2), whole(next, 1, 2)];
    const [ho, wo] = [extent(h, kh, sh, ph, dh), extent(w, kw, sw, pw, dw)];
    const work = n * ho * wo * kh * kw * (ci / groups) * co;
    if (ho > 0 && wo > 0 && work < 3e6) return { n, h, w, ci, ho, wo, co, kh, kw, sh, sw, ph, pw, dh, dw, groups };
  }
}
