// Launches the stationary convolution kernels: for software adapters with 8-lane subgroups, without groups. Channels are padded where they must be.
import { type Gpu, params, type Slice } from '../../../gpu/index.ts';
import { pieceOf } from '../../matmul/kernels/long-sums.ts';
import { cropped, padded, roundUp } from '../../matmul/kernels/relayout.ts';
import { type ConvGeometry, convCost, sizeWords } from './geometry.ts';
import type { ConvLaunches } from './job.ts';
import { convSum } from './sum.ts';
import { dataWindows, forwardWindow, type Window, windowWords } from './window.ts';

/** Kernels that go from input to output: of the usual widths, so that few pipelines are made. Wider ones would need more sums than a lane has registers. */
const scatters = (kw: number, stride: number): boolean => (kw === 3 && stride <= 2) || (kw === 2 && stride === 2);

/** Rows of weights that a patch kernel holds. */
const PATCH = 32;
/**
 * The rows that all taps of few input channels take as one block: 27 of 32 for an image's stem, where channels padded to 16 at each tap would take 144.
 * Undefined where channels fill blocks of their own.
 */
const patched = (taps: number, channels: number): number | undefined =>
  channels % 16 !== 0 && taps * channels <= PATCH ? roundUp(taps * channels, 16) : undefined;

/** The kernels are f32 and written for 8 lanes. llvmpipe on two Zen 4 cores, 3×3, 64 → 64 channels: 60-75 GFLOP/s, weight gradient 45-70; tiled 5, plain 1.3. */
export const stationaryFits = (gpu: Gpu, g: ConvGeometry): boolean =>
  !g.half &&
  g.groups === 1 &&
  gpu.machine.matmul.stationary &&
  gpu.capabilities.subgroups &&
  gpu.adapter.subgroupMinSize === 8;

const vector = (n: number): string => `vec${n}f`;

/**
 * Columns a lane, and channels a lane loads: 64 → 64 channels reach 80 GFLOP/s with four and four, 57 with two columns, 52 with two channels, 42 with
 * two of both; 16 → 16 channels want two columns, or half of the lanes have nothing to do (56 against 29).
 */
const tile = (ci: number, co: number): { V: number; W: number } => ({
  V: co % 4 === 0 && co > 16 ? 4 : 2,
  W: ci % 32 === 0 ? 4 : 2,
});

function stationaryForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice): void {
  const co = roundUp(g.co, 2);
  const patches = patched(g.kh * g.kw, g.ci) !== undefined;
  const ci = patches ? g.ci : roundUp(g.ci, 16);
  const window = { ...forwardWindow(g), ci, co };
  padded(gpu, x, g.n * g.h * g.w, g.ci, ci, (from) =>
    cropped(gpu, y, g.n * g.ho * g.wo, g.co, co, (to) => {
      if (patches) patch(gpu, g, window, true, [from, w, to]);
      else if (g.sw === 1 && g.dw === 1 && scatters(g.kw, 1) && g.pw < g.kw)
        scatter(gpu, g, reversed(window), 1, g.ci, true, [from, w, to]);
      else gather(gpu, g, window, g.ci, true, [from, w, to]);
    }),
  );
}

function stationaryData(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice): void {
  const co = roundUp(g.ci, 2);
  const patches = patched(g.kh * g.kw, g.co) !== undefined;
  const ci = patches ? g.co : roundUp(g.co, 16);
  const rows = !patches && g.dw === 1 && scatters(g.kw, g.sw);
  const { windows, covered } = dataWindows(g, rows);
  // Along a row, outputs from −pw to the last input's are written.
  const fresh = covered && (!rows || g.wo * g.sw - g.pw + g.kw - g.sw >= g.w);
  padded(gpu, dy, g.n * g.ho * g.wo, g.co, ci, (from) =>
    cropped(gpu, dx, g.n * g.h * g.w, g.ci, co, (to) => {
      if (!fresh) gpu.fill(to, 0);
      for (const window of windows)
        if (patches) patch(gpu, g, { ...window, ci, co }, fresh, [from, w, to]);
        else if (rows) scatter(gpu, g, { ...window, ci, co }, g.sw, g.co, fresh, [from, w, to]);
        else gather(gpu, g, { ...window, ci, co }, g.co, fresh, [from, w, to]);
    }),
  );
}

/** A forward window with stride 1 as a scatter: its taps from the last to the first. */
const reversed = (v: Window): Window => ({ ...v, pw: v.kw - 1 - v.pw, w0: v.w0 + (v.kw - 1) * v.wx, wx: -v.wx });

/** `depth`: channels that the weight has, of the window's; `fresh`: overwrite the output rather than add to it. */
function scatter(gpu: Gpu, g: ConvGeometry, v: Window, S: number, depth: number, fresh: boolean, b: Slice[]): void {
  const { V, W } = tile(v.ci, v.co);
  // 16 → 16 channels: 56 GFLOP/s with three rows at once, 37 with one. With four columns or 32 channels a lane it gains little and compiles for seconds.
  const TY = V === 2 && W === 2 && v.kh === 3 ? 3 : 1;
  launch(gpu, g, 'conv/scatter', v, { V, W, TX: v.kw, TY, S }, v.w, depth, fresh, b);
}

function gather(gpu: Gpu, g: ConvGeometry, v: Window, depth: number, fresh: boolean, b: Slice[]): void {
  const constants = { ...tile(v.ci, v.co), TX: v.kw === 3 ? 3 : 1, TY: 1 };
  launch(gpu, g, 'conv/gather', v, constants, v.wo, depth, fresh, b);
}

function patch(gpu: Gpu, g: ConvGeometry, v: Window, fresh: boolean, b: Slice[]): void {
  const { V, W } = tile(patched(v.kh * v.kw, v.ci)!, v.co);
  launch(gpu, g, 'conv/patch', v, { V, W, TX: 1, TY: 1 }, v.wo, v.ci, fresh, b);
}

/** `across`: pixels of a row that the kernel takes one by one, each with all of the window's horizontal taps. */
function launch(
  gpu: Gpu,
  g: ConvGeometry,
  shader: 'conv/scatter' | 'conv/gather' | 'conv/patch',
  v: Window,
  constants: { V: number; W: number; TX: number; TY: number; S?: number },
  across: number,
  depth: number,
  fresh: boolean,
  bindings: Slice[],
): void {
  const { V, W, TX, TY } = constants;
  const rows = g.n * v.ho;
  const columns = Math.ceil(v.co / (8 * V));
  const splits = Math.min(rows, Math.max(1, Math.round(gpu.machine.conv.stationaryWorkgroups / columns)));
  const taps = v.kh * v.kw * g.ci * g.co;
  gpu.run({
    shader,
    constants,
    types: { In: vector(W), Stored: shader === 'conv/patch' ? 'f32' : vector(W), Col: vector(V) },
    bindings,
    params: params(...windowWords(v), rows, splits, depth, fresh ? 1 : 0, TY * TX * 8 * W, 1),
    grid: [columns, splits],
    cost: { flops: 2 * rows * across * taps, bytes: 4 * (g.n * v.h * v.w * v.ci + taps + rows * v.wo * v.co) },
    label: shader,
  });
}

function stationaryWeight(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice): void {
  const rows = g.n * g.ho;
  const co = roundUp(g.co, 2);
  const deep = patched(g.kh * g.kw, g.ci);
  const ci = deep ?? roundUp(g.ci, 16);
  const { V, W } = tile(ci, co);
  const slides = g.kw === 3 && g.sw <= 2 && g.dw === 1;
  const TX = slides && !deep ? 3 : 1;
  const shader = deep ? 'conv/patch_weight' : slides && g.sw === 2 ? 'conv/outer_strided' : 'conv/outer';
  const [columns, channels, taps] = [Math.ceil(co / (8 * V)), ci / (8 * W), deep ? 1 : (g.kh * g.kw) / TX];
  const wanted = Math.max(
    Math.round(gpu.machine.conv.stationaryWorkgroups / (columns * channels * taps)),
    Math.ceil((rows * g.wo) / pieceOf(rows * g.wo, taps * TX * ci * co * 4)),
  );
  const splits = Math.min(rows, Math.max(1, wanted));
  const direct = splits === 1 && ci === g.ci && co === g.co;
  const partial = direct ? undefined : gpu.allocate('conv weight gradient, partial', splits * taps * TX * ci * co * 4);
  padded(gpu, x, g.n * g.h * g.w, g.ci, deep ? g.ci : ci, (from) =>
    padded(gpu, dy, rows * g.wo, g.co, co, (gradient) =>
      gpu.run({
        shader,
        constants: { V, W, TX },
        types: { In: vector(W), Stored: deep ? 'f32' : vector(W), Col: vector(V) },
        bindings: [from, gradient, partial ?? dw],
        params: params(...sizeWords({ ...g, ci, co }), ...[rows, splits, g.ci, 8 * W, 1]),
        grid: [columns, channels, taps * splits],
        cost: convCost(g),
        label: shader,
      }),
    ),
  );
  if (!partial) return;
  const given = deep ? { ...g, kh: 1, kw: 1, ci: g.kh * g.kw * g.ci } : g;
  convSum(gpu, given, { ci, co, planes: splits }, partial, dw);
  gpu.release(partial);
}

export const stationary: ConvLaunches = {
  forward: stationaryForward,
  dataGradient: stationaryData,
  weightGradient: stationaryWeight,
};
