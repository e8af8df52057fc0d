// Launches the convolution kernels for GPUs: implicit matrix multiplication in tiles, without groups. Channels are padded to fours where they must be.
import { type Gpu, grid1d, params, type Slice } from '../../gpu/index.ts';
import { type ConvGeometry, convCost } from './conv-geometry.ts';
import { cropped, padded, relaid, roundUp } from './conv-layout.ts';
import { convSum } from './conv-sum.ts';
import { dataWindows, forwardWindow, type Window, windowWords } from './conv-window.ts';

/** Tile of pixels × channels. Not measured on a GPU yet: sizes that others report as best for f32 there (128×64, 8×4 a thread). */
const WIDE = { BM: 128, BN: 64 };
const SMALL = { BM: 64, BN: 32 };
/** Below this many workgroups of wide tiles a GPU has idle processors, and smaller tiles do better. */
const WIDE_FROM = 128;
/** Workgroups that a weight gradient is split into, and the fewest pixels worth a split. */
const WEIGHT_WORKGROUPS = 512;
const WEIGHT_PIXELS = 256;

export const tiledFits = (g: ConvGeometry): boolean => g.groups === 1;

export function tiledForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice): void {
  const [ci, co] = [roundUp(g.ci, 4), roundUp(g.co, 4)];
  const window = { ...forwardWindow(g), ci, co, wy: g.kw * ci * co, wx: ci * co };
  padded(gpu, x, g.n * g.h * g.w, g.ci, ci, (from) =>
    cropped(gpu, y, g.n * g.ho * g.wo, g.co, co, (to) => {
      if (ci === g.ci && co === g.co) launch(gpu, g, window, [from, w, to]);
      else
        relaid(gpu, g, { b: ci, c: co, sb: g.co, sc: 1, jn: g.ci, kn: g.co }, w, (weight) =>
          launch(gpu, g, window, [from, weight, to]),
        );
    }),
  );
}

export function tiledData(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice): void {
  const [ci, co] = [roundUp(g.co, 4), roundUp(g.ci, 4)];
  const { windows, covered } = dataWindows(g);
  padded(gpu, dy, g.n * g.ho * g.wo, g.co, ci, (from) =>
    cropped(gpu, dx, g.n * g.h * g.w, g.ci, co, (to) =>
      relaid(gpu, g, { b: ci, c: co, sb: 1, sc: g.co, jn: g.co, kn: g.ci }, w, (weight) => {
        if (!covered) gpu.fill(to, 0);
        const taps = (offset: number): number => (offset / (g.ci * g.co)) * ci * co;
        for (const v of windows)
          launch(gpu, g, { ...v, ci, co, w0: taps(v.w0), wy: taps(v.wy), wx: taps(v.wx) }, [from, weight, to]);
      }),
    ),
  );
}

function launch(gpu: Gpu, g: ConvGeometry, v: Window, bindings: Slice[]): void {
  const pixels = g.n * v.ho * v.wo;
  const groups = ({ BM, BN }: typeof WIDE): number => Math.ceil(pixels / BM) * Math.ceil(v.co / BN);
  const tile = groups(WIDE) >= WIDE_FROM && v.co > SMALL.BN ? WIDE : SMALL;
  const taps = v.kh * v.kw * g.ci * g.co;
  gpu.run({
    shader: 'conv_tiled',
    constants: { ...tile, THREADS: (tile.BM * tile.BN) / 32 },
    bindings,
    params: params(...windowWords(v), pixels),
    grid: [...grid1d(Math.ceil(pixels / tile.BM)), Math.ceil(v.co / tile.BN)],
    cost: { flops: 2 * pixels * taps, bytes: 4 * (g.n * v.h * v.w * v.ci + taps + pixels * v.co) },
    label: 'conv/tiled',
  });
}

export function tiledWeight(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice): void {
  const [ci, co] = [roundUp(g.ci, 4), roundUp(g.co, 4)];
  const pixels = g.n * g.ho * g.wo;
  const tiles = [Math.ceil((g.kh * g.kw * ci) / 64), Math.ceil(co / 64)];
  const splits = Math.max(
    1,
    Math.min(Math.ceil(WEIGHT_WORKGROUPS / (tiles[0] * tiles[1])), Math.ceil(pixels / WEIGHT_PIXELS)),
  );
  const direct = splits === 1 && ci === g.ci && co === g.co;
  const partial = direct
    ? undefined
    : gpu.allocate('conv weight gradient, partial', splits * g.kh * g.kw * ci * co * 4);
  padded(gpu, x, g.n * g.h * g.w, g.ci, ci, (from) =>
    padded(gpu, dy, pixels, g.co, co, (slope) =>
      gpu.run({
        shader: 'conv_tiled_weight',
        bindings: [from, slope, partial ?? dw],
        params: params(
          ...[g.h, g.w, ci, g.ho, g.wo, co, g.kh, g.kw, g.sh, g.sw, g.ph, g.pw, g.dh, g.dw],
          ...[pixels, splits],
        ),
        grid: [tiles[0], tiles[1], splits],
        cost: convCost(g),
        label: 'conv/tiled weight',
      }),
    ),
  );
  if (!partial) return;
  convSum(gpu, g, { ci, co, planes: splits }, partial, dw);
  gpu.release(partial);
}
