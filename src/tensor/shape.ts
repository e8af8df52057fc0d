// What tensors are spoken of in: dtypes, shapes, and the error that names them.
import { AstroError } from '../gpu/index.ts';

/** Element types. Kernels compute in f32 whatever floats are stored as; u32 holds labels and indices, u8 images. */
export type DType = 'f32' | 'f16' | 'u32' | 'u8';
/** Whole sides, outermost first; activations are [N, H, W, C]. With a side of 0 there are no elements, and ops have nothing to do. */
export type Shape = readonly number[];

/** Bytes of one element. u8 is packed four to a word, f16 two. */
export const BYTES: Record<DType, number> = { f32: 4, f16: 2, u32: 4, u8: 1 };

/** A tensor with a wrong shape, dtype or state. Names the op and the tensor. */
export class TensorError extends AstroError {}

/** Number of elements of a shape. */
export const count = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
/** A shape for messages: `[2×3]`. */
export const shapeText = (shape: Shape): string => `[${shape.join('×')}]`;
