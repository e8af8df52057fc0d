// Launches the convolution kernels for GPUs: implicit matrix multiplication in tiles, without groups. Channels are padded to fours where they must be.
import { type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { applyEpilogue, type Epilogue, finishing, finishTypes, sumPlanes } from '../../matmul/kernels/epilogue.ts';
import { pieceOf } from '../../matmul/kernels/long-sums.ts';
import { cropped, padded, roundUp } from '../../matmul/kernels/relayout.ts';
import {
  type Extent,
  partsFor,
  STEP,
  TILES,
  type TileName,
  type TileSize,
  tileConstants,
  tileIncludes,
  tileNames,
  tileOf,
  tileSizes,
} from '../../matmul/kernels/vector-tiles.ts';
import { type ConvGeometry, convCost, elementBytes, sizeWords, storageOf } from './geometry.ts';
import type { ConvJob, ConvLaunches } from './job.ts';
import { convSum } from './sum.ts';
import { dataWindows, forwardWindow, type Window, windowWords } from './window.ts';

export const tiledFits = (g: ConvGeometry): boolean => g.groups === 1;

const load = (g: ConvGeometry): string => (g.half ? 'vec4h' : 'vec4f');

/** The product that a window is, channels padded. */
const windowExtent = (g: ConvGeometry, v: Window): Extent => ({
  rows: g.n * v.ho * v.wo,
  columns: roundUp(v.co, 4),
  planes: 1,
  steps: Math.ceil((v.kh * v.kw * roundUp(v.ci, 4)) / STEP),
});

const weightExtent = (g: ConvGeometry): Extent => ({
  rows: g.kh * g.kw * roundUp(g.ci, 4),
  columns: roundUp(g.co, 4),
  planes: 1,
  steps: Math.ceil((g.n * g.ho * g.wo) / STEP),
});

/** The window of a data gradient with the most to do: its tile serves all. A gradient that gets nothing has none. */
const largest = ([first, ...rest]: Window[]): Window | undefined =>
  rest.reduce((most, v) => (v.kh * v.kw > most.kh * most.kw ? v : most), first);

/** The tiles that a direction can take, best guess first. */
export const tiledForwardNames = (gpu: Gpu, g: ConvGeometry): TileName[] =>
  tileNames(gpu, windowExtent(g, forwardWindow(g)));
export function tiledDataNames(gpu: Gpu, g: ConvGeometry): TileName[] {
  const widest = largest(dataWindows(g).windows);
  return widest ? tileNames(gpu, windowExtent(g, widest)) : ['small'];
}
export const tiledWeightNames = (gpu: Gpu, g: ConvGeometry): TileSize[] => tileSizes(gpu, weightExtent(g));

/** The tiles of a job, best guess first. They are made for GPUs: a machine with kernels of its own offers one, to compare with. */
export function tiledForms({ gpu, g, direction }: ConvJob): TileName[] {
  const namesOf = { forward: tiledForwardNames, dataGradient: tiledDataNames, weightGradient: tiledWeightNames };
  const names: TileName[] = namesOf[direction](gpu, g);
  return gpu.machine.matmul.stationary ? names.filter((name) => name === 'small') : names;
}

/** y ← x ∗ w, and what the epilogue makes of it. */
export function tiledForward(
  gpu: Gpu,
  g: ConvGeometry,
  x: Slice,
  w: Slice,
  y: Slice,
  name: TileName,
  epilogue: Epilogue = {},
): void {
  const fused = g.co % 4 === 0;
  run(gpu, g, [forwardWindow(g)], true, [x, w, y], name, fused ? epilogue : {});
  if (!fused) applyEpilogue(gpu, y, g.n * g.ho * g.wo, g.co, epilogue, storageOf(g));
}

/** dx ← the gradient of the input. */
export function tiledData(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice, name: TileName): void {
  const { windows, covered } = dataWindows(g);
  run(gpu, g, windows, covered, [dy, w, dx], name, {});
}

/** All windows of a direction, which have their sizes but for the taps in common. `covered`: they write every element. */
function run(
  gpu: Gpu,
  g: ConvGeometry,
  windows: Window[],
  covered: boolean,
  [x, w, y]: Slice[],
  name: TileName,
  epilogue: Epilogue,
): void {
  const widest = largest(windows);
  if (!widest) {
    gpu.fill(y, 0);
    return;
  }
  const [ci, co] = [roundUp(widest.ci, 4), roundUp(widest.co, 4)];
  const pixels = g.n * widest.yn;
  const { tile, parts } = tileOf(gpu, name, windowExtent(g, widest));
  const out = (to: Slice): void => {
    const partial = parts > 1 ? gpu.allocate('conv, partial', parts * pixels * co * 4) : undefined;
    if (!covered) gpu.fill(partial ?? to, 0);
    padded(
      gpu,
      x,
      g.n * widest.h * widest.w,
      widest.ci,
      ci,
      (from) => {
        for (const v of windows)
          denseWeights(gpu, g, v, ci, co, w, (weight) => {
            const rows = g.n * v.ho * v.wo;
            const steps = Math.ceil((v.kh * v.kw * ci) / STEP);
            const { constants, bindings } = finishing(partial ? {} : epilogue, weight);
            gpu.run({
              shader: 'conv/tiled',
              constants: { ...tileConstants(tile, true, false), ...constants },
              includes: tileIncludes(gpu),
              types: { Load: load(g), ...finishTypes(partial ? 'f32' : storageOf(g), 4) },
              bindings: [...bindings, from, weight, partial ?? to],
              params: params(
                ...windowWords({ ...v, ci, co }),
                ...[rows, Math.ceil(steps / parts), (pixels * co) / 4, STEP],
              ),
              grid: [...grid1d(Math.ceil(rows / tile.m) * Math.ceil(co / tile.n)), parts],
              cost: {
                flops: 2 * rows * v.kh * v.kw * g.ci * g.co,
                bytes:
                  elementBytes(g) * (g.n * v.h * v.w * ci + v.kh * v.kw * ci * co) +
                  rows * co * (partial ? 4 * parts : elementBytes(g)),
              },
              label: `conv/tiled ${name}`,
            });
          });
      },
      storageOf(g),
    );
    if (!partial) return;
    sumPlanes(gpu, partial, parts, to, pixels, co, storageOf(g), epilogue);
    gpu.release(partial);
  };
  cropped(gpu, y, pixels, widest.co, co, out, storageOf(g));
}

/** Calls `use` with the weights of a window as a dense matrix [taps, ci, co]: with the tensor itself where that is one. */
function denseWeights(
  gpu: Gpu,
  g: ConvGeometry,
  v: Window,
  ci: number,
  co: number,
  weight: Slice,
  use: (weight: Slice) => void,
): void {
  if (v.wk === v.co && v.wc === 1 && v.ci === ci && v.co === co) {
    use(weight);
    return;
  }
  const elements = v.kh * v.kw * ci * co;
  const made = gpu.allocate('conv weight', elements * elementBytes(g));
  gpu.run({
    shader: 'conv/window_weights',
    types: { Elem: storageOf(g) },
    bindings: [weight, made],
    params: params(v.kh * v.kw, ci, co, v.kw, v.ci, v.co, v.w0, v.wy, v.wx, v.wk, v.wc),
    grid: grid1d(Math.ceil(elements / 64)),
    cost: { flops: 0, bytes: elementBytes(g) * elements * 2 },
    label: 'conv/window weights',
  });
  use(made);
  gpu.release(made);
}

/** dw ← the gradient of the weight, in f32. */
export function tiledWeight(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice, size: TileSize): void {
  const [ci, co] = [roundUp(g.ci, 4), roundUp(g.co, 4)];
  const pixels = g.n * g.ho * g.wo;
  const extent = weightExtent(g);
  const tile = TILES[size];
  const longest = pieceOf(pixels, extent.rows * co * 4) / 4; // runs of 1024 pixels, where their sums have room
  const share = STEP * Math.ceil(extent.steps / Math.max(partsFor(gpu, size, extent), Math.ceil(pixels / longest)));
  const parts = Math.ceil(pixels / share);
  const direct = parts === 1 && ci === g.ci && co === g.co;
  const partial = direct ? undefined : gpu.allocate('conv weight gradient, partial', parts * extent.rows * co * 4);
  const launch = (from: Slice, gradient: Slice): void =>
    gpu.run({
      shader: 'conv/tiled_weight',
      constants: tileConstants(tile, false, false),
      includes: tileIncludes(gpu),
      types: { Load: load(g) },
      bindings: [from, gradient, partial ?? dw],
      params: params(...sizeWords({ ...g, ci, co }), ...[pixels, share, STEP]),
      grid: [Math.ceil(extent.rows / tile.m), Math.ceil(co / tile.n), parts],
      cost: convCost(g),
      label: `conv/tiled weight ${size}`,
    });
  padded(
    gpu,
    x,
    g.n * g.h * g.w,
    g.ci,
    ci,
    (from) => padded(gpu, dy, pixels, g.co, co, (gradient) => launch(from, gradient), storageOf(g)),
    storageOf(g),
  );
  if (!partial) return;
  convSum(gpu, g, { ci, co, planes: parts }, partial, dw);
  gpu.release(partial);
}

export const tiled: ConvLaunches<TileName> = {
  forward: tiledForward,
  dataGradient: tiledData,
  // Its forms are sizes alone: the depth, which is long, is always shared out.
  weightGradient: (gpu, g, x, dy, dw, size) => tiledWeight(gpu, g, x, dy, dw, size as TileSize),
};
