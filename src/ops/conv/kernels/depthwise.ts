// Launches the depthwise convolution kernels, in which every channel has a filter of its own: bound by memory, so they reuse what they load along a row.
import { type Gpu, params, type Slice } from '../../../gpu/index.ts';
import {
  type ConvGeometry,
  convCost,
  elementBytes,
  inputCount,
  outputCount,
  storageOf,
  weightCount,
} from './geometry.ts';
import type { ConvLaunches } from './job.ts';
import { convSum } from './sum.ts';
import { dataWindows, forwardWindow, type Window, windowWords } from './window.ts';

/** Neighboring outputs of a row that a thread makes, or takes for the weight, together. */
const OUTPUTS = 4;
/** Pixels from a kernel's first tap to its last, and strides, beyond which the unrolled kernels grow out of a compiler's hands. */
const WIDEST = 12;
const FASTEST = 3;
/** Planes of partial weight gradients at most: their sum must stay cheap. */
const PLANES = 512;

export const depthwiseFits = (g: ConvGeometry): boolean =>
  g.groups === g.ci && g.co === g.ci && (g.kw - 1) * g.dw <= WIDEST && g.sw <= FASTEST;

const TYPES = {
  f32: { 4: ['vec4f', 'vec4f'], 1: ['f32', 'f32'] },
  f16: { 4: ['vec2u', 'vec4h'], 1: ['f16', 'f16'] },
} as const;

/** What a launch works with: four channels at a time where they come in fours. */
function sizes(gpu: Gpu, g: ConvGeometry) {
  const width = g.ci % 4 === 0 ? 4 : 1;
  const { group, most, threads } = gpu.machine.conv.depthwise;
  const [In, InH] = TYPES[storageOf(g)][width];
  return { group, most, threads, channels: g.ci / width, V: TYPES.f32[width][0], In, InH };
}

/** Items in contiguous chunks, one a workgroup. */
function chunked(items: number, group: number, most: number): { chunk: number; grid: [number] } {
  const chunk = group * Math.ceil(items / (group * Math.min(most, Math.ceil(items / group))));
  return { chunk, grid: [Math.ceil(items / chunk)] };
}

/** y ← x ∗ w, x [n,h,w,c], w [kh,kw,1,c]. */
export function depthwiseForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice): void {
  slide(gpu, g, forwardWindow(g), [x, w, y]);
}

/** dx ← the gradient of the input. */
export function depthwiseData(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice): void {
  const { windows, covered } = dataWindows(g);
  if (!covered) gpu.fill(dx, 0);
  for (const v of windows) slide(gpu, g, v, [dy, w, dx]);
}

/** The same window with its taps along a row in an order in which they move right. */
const rightward = (v: Window): Window =>
  v.dw >= 0 ? v : { ...v, pw: v.pw - (v.kw - 1) * v.dw, dw: -v.dw, w0: v.w0 + (v.kw - 1) * v.wx, wx: -v.wx };

function slide(gpu: Gpu, g: ConvGeometry, window: Window, bindings: Slice[]): void {
  const { group, most, channels, V, In, InH } = sizes(gpu, g);
  const v = rightward(window);
  const rows = g.n * v.ho;
  const items = rows * Math.ceil(v.wo / OUTPUTS) * channels;
  const { chunk, grid } = chunked(items, group, most);
  const tap = g.ci * g.co; // what windows count a tap as
  const words = windowWords({ ...v, ci: channels, co: channels, w0: v.w0 / tap, wy: v.wy / tap, wx: v.wx / tap });
  gpu.run({
    shader: 'conv/depthwise',
    entry: 'slide',
    constants: { GROUP: group, T: OUTPUTS, KW: v.kw, S: v.sw, D: Math.max(1, v.dw) },
    types: { V, In, InH, Out: In, OutH: InH },
    bindings,
    params: params(...words, rows, items, chunk, 0),
    grid,
    cost: {
      flops: 2 * rows * v.wo * g.ci * v.kh * v.kw,
      bytes: elementBytes(g) * g.ci * (g.n * v.h * v.w + rows * v.wo + v.kh * v.kw),
    },
    label: 'conv/depthwise',
  });
}

/** dw ← the gradient of the weight, in f32. */
export function depthwiseWeight(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice): void {
  const { group, most, threads, channels, V, In, InH } = sizes(gpu, g);
  const rows = g.n * g.ho;
  const wanted = Math.max(1, Math.min(rows, PLANES, Math.ceil(threads / (channels * g.kh))));
  const share = Math.ceil(rows / wanted);
  const planes = Math.ceil(rows / share);
  const items = planes * g.kh * channels;
  const { chunk, grid } = chunked(items, group, most);
  const partial = planes > 1 ? gpu.allocate('conv weight gradient, partial', planes * weightCount(g) * 4) : undefined;
  gpu.run({
    shader: 'conv/depthwise',
    entry: 'weightGradient',
    constants: { GROUP: group, T: OUTPUTS, KW: g.kw, S: g.sw, D: g.dw },
    types: { V, In, InH, Out: V, OutH: V },
    bindings: [x, dy, partial ?? dw],
    params: params(...windowWords({ ...forwardWindow(g), ci: channels, co: channels }), rows, items, chunk, share),
    grid,
    cost: {
      flops: convCost(g).flops,
      bytes: elementBytes(g) * (inputCount(g) + outputCount(g)) + 4 * planes * weightCount(g),
    },
    label: 'conv/depthwise weight',
  });
  if (!partial) return;
  convSum(gpu, g, { ci: 1, co: g.co, planes }, partial, dw);
  gpu.release(partial);
}

export const depthwise: ConvLaunches = {
  forward: depthwiseForward,
  dataGradient: depthwiseData,
  weightGradient: depthwiseWeight,
};
