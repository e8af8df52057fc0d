// Launches the convolution kernels on matrix units: f16 tensors, f32 sums, weight gradients in f32. Without groups; channels are padded to fours where they must be.
import { type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import {
  type MatrixTile,
  matrixFits,
  matrixPrelude,
  matrixTiles,
  sizesOf,
} from '../../matmul/kernels/matrix-config.ts';
import { cropped, padded, relayoutWeights, roundUp } from '../../matmul/kernels/relayout.ts';
import { type ConvGeometry, convCost, inputCount, outputCount, sizeWords, weightCount } from './geometry.ts';
import type { ConvJob, ConvLaunches } from './job.ts';
import { convSum } from './sum.ts';
import { dataWindows, forwardWindow, type Window, windowWords } from './window.ts';

/** Can matrix units do this convolution on this device? */
export const matrixConvFits = (gpu: Gpu, g: ConvGeometry): boolean => g.groups === 1 && matrixFits(gpu);

/** The tiles of a job, best guess first. */
export function matrixForms({ gpu, g, direction }: ConvJob): MatrixTile[] {
  const [rows, columns] = {
    forward: [g.n * g.ho * g.wo, g.co],
    dataGradient: [g.n * g.h * g.w, g.ci],
    weightGradient: [g.kh * g.kw * g.ci, g.co],
  }[direction];
  return matrixTiles(gpu, rows, columns);
}

/** y ← x ∗ w, all three in f16. */
export function matrixForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice, tile?: MatrixTile): void {
  const [ci, co] = [roundUp(g.ci, 4), roundUp(g.co, 4)];
  const window = { ...forwardWindow(g), ci, co };
  half(gpu, x, g.n * g.h * g.w, g.ci, ci, (from) =>
    cropped(
      gpu,
      y,
      g.n * g.ho * g.wo,
      g.co,
      co,
      (to) => weightOf(gpu, g, ci, co, w, (weight) => launch(gpu, g, window, false, [from, weight, to], tile)),
      'f16',
    ),
  );
}

/** dx ← the gradient of the input from the output's, all in f16. */
export function matrixData(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice, tile?: MatrixTile): void {
  const [ci, co] = [roundUp(g.ci, 4), roundUp(g.co, 4)];
  const { windows, covered } = dataWindows(g);
  const taps = (offset: number): number => (offset / (g.ci * g.co)) * ci * co;
  const scaled = (v: Window): Window => ({
    ...v,
    ci: co,
    co: ci,
    w0: taps(v.w0),
    wy: taps(v.wy),
    wx: taps(v.wx),
    wc: co,
  });
  half(gpu, dy, g.n * g.ho * g.wo, g.co, co, (from) =>
    cropped(
      gpu,
      dx,
      g.n * g.h * g.w,
      g.ci,
      ci,
      (to) =>
        weightOf(gpu, g, ci, co, w, (weight) => {
          if (!covered) gpu.fill(to, 0);
          for (const v of windows) launch(gpu, g, scaled(v), true, [from, weight, to], tile);
        }),
      'f16',
    ),
  );
}

const half = (gpu: Gpu, slice: Slice, pixels: number, have: number, to: number, use: (slice: Slice) => void): void =>
  padded(gpu, slice, pixels, have, to, use, 'f16');

/** Calls `use` with the weight as [taps, ci, co] of these sizes, zeros beyond its own. */
function weightOf(gpu: Gpu, g: ConvGeometry, ci: number, co: number, w: Slice, use: (weight: Slice) => void): void {
  if (ci === g.ci && co === g.co) use(w);
  else relayoutWeights(gpu, g, { b: ci, c: co, sb: g.co, sc: 1, jn: g.ci, kn: g.co }, w, use, 'f16');
}

const widthOf = (ci: number, co: number): 4 | 8 => (ci % 8 === 0 && co % 8 === 0 ? 8 : 4);

/** `deep`: input channels are what lies side by side in the weight. */
function launch(gpu: Gpu, g: ConvGeometry, v: Window, deep: boolean, bindings: Slice[], given?: MatrixTile): void {
  const pixels = g.n * v.ho * v.wo;
  const tile = given ?? matrixTiles(gpu, pixels, v.co)[0];
  const { BM, BN } = sizesOf(gpu.capabilities.matrix!, tile);
  const taps = v.kh * v.kw * g.ci * g.co;
  gpu.run({
    shader: 'conv/matrix',
    ...matrixPrelude(gpu, tile, { leftDeep: true, rightDeep: deep, width: widthOf(v.ci, v.co) }, 'f16'),
    bindings,
    params: params(...windowWords(v), pixels),
    grid: grid1d(Math.ceil(pixels / BM) * Math.ceil(v.co / BN)),
    cost: { flops: 2 * pixels * taps, bytes: 2 * (g.n * v.h * v.w * v.ci + taps + pixels * v.co), unit: 'matrix' },
    label: `conv/matrix ${tile.name}`,
  });
}

/** dw, f32, ← the gradient of the weight from x and dy in f16. */
export function matrixWeight(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice, given?: MatrixTile): void {
  const [ci, co] = [roundUp(g.ci, 4), roundUp(g.co, 4)];
  const [pixels, rows] = [g.n * g.ho * g.wo, g.kh * g.kw * ci];
  const split = gpu.machine.conv.matrixWeight;
  const most = Math.ceil(pixels / split.pixels);
  const tile = given ?? matrixTiles(gpu, rows, co, most)[0];
  const { BM, BN } = sizesOf(gpu.capabilities.matrix!, tile);
  const tiles = Math.ceil(rows / BM) * Math.ceil(co / BN);
  const wanted = Math.max(1, Math.min(Math.ceil(split.workgroups / tiles), most));
  const share = roundUp(Math.ceil(pixels / wanted), tile.BK);
  const splits = Math.ceil(pixels / share);
  const direct = splits === 1 && ci === g.ci && co === g.co;
  const partial = direct ? undefined : gpu.allocate('conv weight gradient, partial', splits * rows * co * 4);
  // BK pixels further: so many images, rows and columns.
  const further = [Math.floor(tile.BK / (g.ho * g.wo)), Math.floor(tile.BK / g.wo) % g.ho, tile.BK % g.wo];
  half(gpu, x, g.n * g.h * g.w, g.ci, ci, (from) =>
    half(gpu, dy, pixels, g.co, co, (gradient) =>
      gpu.run({
        shader: 'conv/matrix_weight',
        ...matrixPrelude(gpu, tile, { leftDeep: false, rightDeep: false, width: widthOf(ci, co) }, 'f32'),
        bindings: [from, gradient, partial ?? dw],
        params: params(...sizeWords({ ...g, ci, co }), ...[pixels, share, ...further]),
        grid: [...grid1d(tiles), splits],
        cost: {
          flops: convCost(g).flops,
          bytes: 2 * (inputCount(g) + outputCount(g)) + 4 * splits * weightCount(g),
          unit: 'matrix',
        },
        label: `conv/matrix weight ${tile.name}`,
      }),
    ),
  );
  if (!partial) return;
  convSum(gpu, g, { ci, co, planes: splits }, partial, dw);
  gpu.release(partial);
}

export const matrix: ConvLaunches<MatrixTile> = {
  forward: matrixForward,
  dataGradient: matrixData,
  weightGradient: matrixWeight,
};
