// What moves only words takes f32, f16 and u32, and moves them by the bits: as many at a time as lie side by side.
import { toHalf } from '../../../gpu/index.ts';
import { type DType, needTensors, shapeText, type Tensor, TensorError } from '../../../tensor/index.ts';

/** Throws TensorError naming the op and the first tensor that is not f32, f16 or u32, or not stored as the first. */
export function needWords(op: string, first: Tensor, ...others: Tensor[]): void {
  needTensors(op, first, ...others);
  if (!['f32', 'f16', 'u32'].includes(first.dtype))
    throw new TensorError(
      `${op}: ${first.label} ${shapeText(first.shape)} is ${first.dtype}, it must be f32, f16 or u32`,
    );
  for (const { label, shape, dtype } of others)
    if (dtype !== first.dtype)
      throw new TensorError(`${op}: ${label} ${shapeText(shape)} is ${dtype}, it must be ${first.dtype}`);
}

/** WGSL's type for so many values side by side, as words or as numbers. */
const ELEMS: Record<'word' | 'half' | 'f32' | 'f16', Record<number, string>> = {
  word: { 4: 'vec4u', 2: 'vec2u', 1: 'u32' },
  half: { 8: 'vec4u', 4: 'vec2u', 2: 'u32', 1: 'f16' },
  f32: { 4: 'vec4f', 2: 'vec2f', 1: 'f32' },
  f16: { 4: 'vec4h', 2: 'vec2h', 1: 'f16' },
};

/** How many values a kernel takes at a time where all these counts are whole numbers of such, and the types and includes of shaders/shape that it needs then. */
export function elemOf(dtype: DType, counts: readonly number[], as: 'words' | 'numbers' = 'words') {
  const half = dtype === 'f16';
  const elems = ELEMS[as === 'numbers' ? (half ? 'f16' : 'f32') : half ? 'half' : 'word'];
  const width = [8, 4, 2, 1].find((k) => elems[k] && counts.every((n) => n % k === 0))!;
  return {
    width,
    types: { Elem: elems[width] },
    includes: {
      'shape/fill': as === 'numbers' ? 'shape/fill_zero' : elems[width] === 'f16' ? 'shape/fill_f16' : 'shape/fill',
    },
  };
}

/** The f32 in which as many values are added up. */
export const sumOf = (elem: string): string => (elem.startsWith('vec') ? `${elem.slice(0, -1)}f` : 'f32');

/** The words of a value as it is stored, f16 twice. */
export function bitsOf(value: number, dtype: DType): number {
  if (dtype === 'u32') return value >>> 0;
  return dtype === 'f16' ? (toHalf([value])[0] * 0x10001) >>> 0 : new Uint32Array(Float32Array.of(value).buffer)[0];
}
