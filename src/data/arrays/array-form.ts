// How an array in memory becomes a tensor: what its numbers are stored as on the GPU, and as what a batch has them.
import { type Shape, shapeText } from '../../tensor/index.ts';
import { ArrayDataError } from '../errors.ts';
import type { ChannelStats } from '../image/image-set.ts';

/** Numbers in memory. */
export type Numbers =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | Int32Array
  | readonly number[];

/** How the numbers of an array are read. */
export interface ArrayForm {
  /**
   * How a batch stores them. Default f32 for floats, and for bytes of more than one value an item (pixels); u32 for other whole numbers: labels, indices, tokens. A
   * list of plain numbers is floats unless u32 is asked for.
   */
  as?: 'f32' | 'f16' | 'u32';
  /** Of bytes as floats: mean and deviation of byte / 255 for each channel, the last axis, or one for all. Default: byte / 255 as it is. */
  normalize?: ChannelStats;
}

/** What an array is stored as, and what batches of it are. */
export interface ReadArray {
  values: Float32Array | Uint32Array | Uint8Array;
  stored: 'f32' | 'u32' | 'u8';
  as: 'f32' | 'f16' | 'u32';
  /** Of bytes: for each channel. */
  normalize?: ChannelStats;
}

/** Reads an array whose items have `shape`. Throws ArrayDataError naming it for a form that its numbers do not have. */
export function readArray(name: string, data: Numbers, shape: Shape, { as, normalize }: ArrayForm): ReadArray {
  const fail = (reason: string): never => {
    throw new ArrayDataError(`array ${name}: ${reason}`);
  };
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  const floats = data instanceof Float32Array || data instanceof Float64Array;
  const whole = as === 'u32' || (as === undefined && !floats && !Array.isArray(data) && !(bytes && shape.length > 0));
  if (normalize && (!bytes || whole)) fail('normalize is for bytes that become floats (Uint8Array)');
  if (whole) {
    if (floats) fail('it holds floats, which cannot be read as u32; give a Uint32Array or plain numbers');
    const bad = Array.isArray(data) ? data.findIndex((value) => !Number.isInteger(value)) : -1;
    if (bad >= 0) fail(`element ${bad} is ${data[bad]}, which u32 cannot hold`);
    return { values: data instanceof Uint32Array ? data : wordsOf(data), stored: 'u32', as: 'u32' };
  }
  const to = as === 'f16' ? 'f16' : 'f32';
  if (!bytes) return { values: data instanceof Float32Array ? data : Float32Array.from(data), stored: 'f32', as: to };
  const values = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { values, stored: 'u8', as: to, normalize: statsOf(fail, shape, normalize) };
}

/** Whole numbers as words; those below 0 as two's complement. */
const wordsOf = (data: Numbers): Uint32Array => Uint32Array.from(data as ArrayLike<number>);

function statsOf(
  fail: (reason: string) => never,
  shape: Shape,
  { mean, std }: ChannelStats = { mean: [0], std: [1] },
): ChannelStats {
  const channels = shape.at(-1) ?? 1;
  if (mean.length !== std.length || (mean.length !== 1 && mean.length !== channels))
    fail(
      `normalize has ${mean.length} means and ${std.length} deviations; items ${shapeText(shape)} take 1 or ${channels}`,
    );
  if (![...mean, ...std].every(Number.isFinite) || !std.every((value) => value > 0))
    fail(`normalize: mean ${mean.join(', ')} and std ${std.join(', ')}; takes numbers, std above 0`);
  return { mean, std };
}
