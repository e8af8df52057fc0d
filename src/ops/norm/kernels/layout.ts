// How the normalization kernels walk through memory. Channels lie last, so one walk serves all of them, four values at a time wherever there is a
// multiple of four; each workgroup takes a contiguous chunk.
import type { Gpu } from '../../../gpu/index.ts';
import { BYTES, type Storage, type Tensor } from '../../../tensor/index.ts';
import type { FloatType } from '../../elementwise/floor-types.ts';

/** x seen as positions × channels, the first of `rowStride` that lie at each position. */
export interface Layout {
  positions: number;
  channels: number;
  rowStride: number;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

export const isStrided = ({ channels, rowStride }: Layout): boolean => channels < rowStride;

interface ChannelLayout {
  width: 1 | 2 | 4;
  length: number;
  period: number;
  gap: number;
}

/**
 * `length` values of `width` elements, of which a period holds each channel equally often. Where x is row-strided a period is a row, `gap` values
 * of x lie behind it, and all rows begin at a whole value.
 */
export function channelLayout(layout: Layout): ChannelLayout {
  const { positions, channels, rowStride } = layout;
  const elements = positions * channels;
  if (isStrided(layout)) {
    const width = gcd(gcd(channels, rowStride), 4) as 1 | 2 | 4;
    return { width, length: elements / width, period: channels / width, gap: (rowStride - channels) / width };
  }
  const width = elements % 4 === 0 ? 4 : 1;
  return { width, length: elements / width, period: channels / gcd(channels, width), gap: 0 };
}

/** Elements and bytes that the walk meets in x. */
export function trafficOf(x: Tensor, { positions, channels }: Layout): { elements: number; bytes: number } {
  const elements = positions * channels;
  return { elements, bytes: elements * BYTES[x.dtype] };
}

/**
 * S as stored, H as that reads, V as kernels compute. Four halves are stored as two words: llvmpipe, which loads every component by itself,
 * reads them 1.4× as fast as a vec4h; to a GPU they are the same.
 */
const TYPES = {
  f32: {
    4: { S: 'vec4f', H: 'vec4f', V: 'vec4f' },
    2: { S: 'vec2f', H: 'vec2f', V: 'vec2f' },
    1: { S: 'f32', H: 'f32', V: 'f32' },
  },
  f16: {
    4: { S: 'vec2u', H: 'vec4h', V: 'vec4f' },
    2: { S: 'u32', H: 'vec2h', V: 'vec2f' },
    1: { S: 'f16', H: 'f16', V: 'f32' },
  },
} as const;

/** The kernels' types for x, so many elements at a time. */
export const typesOfWidth = (x: Tensor, width: 1 | 2 | 4): { S: string; H: string; V: FloatType } =>
  TYPES[x.dtype as Storage][width];

/** The kernels' types for x. */
export const typesFor = (x: Tensor, layout: Layout) => typesOfWidth(x, channelLayout(layout).width);

/** Chunks of `chunk` values each, a multiple of `step`; a thread walks one in steps, which keep it on its channels. */
export interface MapLaunch {
  constants: { GROUP: number; BLOCKS: number; ROW_STRIDED: boolean };
  chunk: number;
  step: number;
  count: number;
  grid: [number];
}

/** How many chunks: `most`, unless threads would meet fewer than `least` values, or more than `longest`. */
interface Share {
  step: number;
  most: number;
  least: number;
  longest: number;
}

function chunksOf(layout: Layout, constants: MapLaunch['constants'], { step, most, least, longest }: Share): MapLaunch {
  const { length } = channelLayout(layout);
  const wanted = Math.max(1, Math.min(most, length / (least * step)), length / (longest * step));
  const chunk = step * Math.max(1, Math.ceil(length / (step * Math.round(wanted))));
  const count = Math.ceil(length / chunk);
  return { constants, chunk, step, count, grid: [count] };
}

/** The fewest periods that keep 9 of 10 threads busy when `threads` walk them together. */
function periods(period: number, threads: number): number {
  let n = 1;
  while ((n * period) / threads < 0.9 * Math.ceil((n * period) / threads)) n++;
  return n;
}

const constantsOf = (layout: Layout, { group, blocks }: { group: number; blocks: number }): MapLaunch['constants'] => ({
  GROUP: group,
  BLOCKS: channelLayout(layout).period > group ? blocks : 1,
  ROW_STRIDED: isStrided(layout),
});

/** For kernels that map values. */
export function mapLaunch(gpu: Gpu, layout: Layout): MapLaunch {
  const { period } = channelLayout(layout);
  const { most, least, ...sizes } = gpu.machine.norm.map;
  const constants = constantsOf(layout, sizes);
  const step = period * periods(period, constants.GROUP * constants.BLOCKS);
  return chunksOf(layout, constants, { step, most, least, longest: Number.POSITIVE_INFINITY });
}

/** Chunks that give `partials` partial results each. */
export interface ReduceLaunch extends MapLaunch {
  entry: 'perThread' | 'perWorkgroup';
  partials: number;
}

/** No thread adds up more values than this before the tree takes over: what f32 loses grows with it. */
const LONGEST = 512;

/**
 * For kernels that add up. Where the machine has cheap barriers, the threads of a workgroup that meet the same channels add up theirs, if the channels
 * leave room for several; elsewhere every thread writes its own.
 */
export function reduceLaunch(gpu: Gpu, layout: Layout): ReduceLaunch {
  const { period } = channelLayout(layout);
  const { most, least, shared, ...sizes } = gpu.machine.norm.reduce;
  const constants = constantsOf(layout, sizes);
  const together = shared && period <= constants.GROUP;
  const step =
    period * (together ? Math.floor(constants.GROUP / period) : periods(period, constants.GROUP * constants.BLOCKS));
  return {
    ...chunksOf(layout, constants, { step, most, least, longest: LONGEST }),
    entry: together ? 'perWorkgroup' : 'perThread',
    partials: together ? period : step,
  };
}

/** How a workgroup is shared among channels when `parts` partial sums each are added up. */
export function split(gpu: Gpu, parts: number): { CHANNELS: number; LANES: number } {
  const { threads, shared } = gpu.machine.norm.finish;
  const LANES = !shared || parts <= 16 ? 1 : parts <= 256 ? 8 : 64;
  return { CHANNELS: threads / LANES, LANES };
}
