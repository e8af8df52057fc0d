// A tensor: a shape and a dtype over a counted piece of GPU memory. Activations are NHWC; nothing here knows how values are made.
import { type Allocation, AstroError, fromHalf, type Gpu, type Slice, toHalf } from '../gpu/index.ts';
import type { Node } from './autograd.ts';
import { convert } from './convert.ts';
import { catchDropped, wasReleased } from './dropped.ts';
import { enter } from './scope.ts';

/** Element types. Kernels compute in f32 whatever floats are stored as; u32 holds labels and indices, u8 images. */
export type DType = 'f32' | 'f16' | 'u32' | 'u8';
/** Whole sides from 1, outermost first; activations are [N, H, W, C]. */
export type Shape = readonly number[];

/** Bytes of one element. u8 is packed four to a word, f16 two. */
export const BYTES: Record<DType, number> = { f32: 4, f16: 2, u32: 4, u8: 1 };

/** A tensor with a wrong shape, dtype or state. Names the op and the tensor. */
export class TensorError extends AstroError {}

interface Storage {
  allocation: Allocation;
  references: number;
}

/** Number of elements of a shape. */
export const count = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
/** A shape for messages: `[2×3]`. */
export const shapeText = (shape: Shape): string => `[${shape.join('×')}]`;

/**
 * A shape and a dtype over a counted piece of GPU memory. Ops make new ones; whoever keeps a tensor beyond its
 * scope() releases it. The memory of one that is dropped instead goes back when the collector gets to it, which may be late: `onDrop` of Gpu.open() names those.
 * Values live on the GPU: `floats()`, `data()` and `item()` wait for the kernels before them and copy.
 *
 * @example
 * const x = tensor(gpu, [1, 2, 3, 4], [2, 2]);
 * const [[first]] = [await x.floats()]; // 1
 * x.release();
 */
export class Tensor {
  readonly gpu: Gpu;
  readonly shape: Shape;
  readonly dtype: DType;
  label: string;
  /** Set on parameters; set on results by the op that recorded them. */
  requiresGrad = false;
  /** Of a parameter, after backward(). */
  grad?: Tensor;
  /** Of an f32 tensor, where there is one: the same values in f16. Whoever writes the tensor writes it too; it is released with the tensor. */
  half?: Tensor;
  /** How it was made, while a backward pass may still need that. */
  node?: Node;
  private storage?: Storage;
  private readonly view: Slice;

  constructor(gpu: Gpu, shape: Shape, dtype: DType, label: string, storage: Storage, offset = 0) {
    this.gpu = gpu;
    this.shape = shape;
    this.dtype = dtype;
    this.label = label;
    this.storage = storage;
    storage.references++;
    const size = Math.max(16, Math.ceil((count(shape) * BYTES[dtype]) / 16) * 16);
    this.view = { buffer: storage.allocation.buffer, offset: storage.allocation.offset + offset, size };
    enter(this);
  }

  /** Number of elements. */
  get size(): number {
    return count(this.shape);
  }

  get bytes(): number {
    return this.size * BYTES[this.dtype];
  }

  get released(): boolean {
    return this.storage === undefined;
  }

  /** Is its memory also another tensor's? */
  get shared(): boolean {
    return this.storage !== undefined && this.storage.references > 1;
  }

  /** Its memory, as a kernel binds it: a multiple of 16 bytes, what lies behind the last element is undefined. Throws TensorError once released. */
  get slice(): Slice {
    if (!this.storage)
      throw new TensorError(`${this.label} ${shapeText(this.shape)} was used after its memory was released`);
    return this.view;
  }

  /** Lets go of the memory. Safe to call twice. */
  release(): void {
    const storage = this.storage;
    if (!storage) return;
    this.storage = undefined;
    this.half?.release();
    if (--storage.references > 0) return;
    wasReleased(storage);
    this.gpu.release(storage.allocation);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Another handle on the same memory, with another shape or offset (in bytes) if given, outside of autograd. */
  alias(shape: Shape = this.shape, offset = 0, label = this.label): Tensor {
    const at = this.slice.offset - this.storage!.allocation.offset + offset;
    if (at + count(shape) * BYTES[this.dtype] > this.storage!.allocation.size)
      throw new TensorError(
        `a view ${shapeText(shape)} at byte ${offset} does not fit in ${this.label} ${shapeText(this.shape)}`,
      );
    return new Tensor(this.gpu, shape, this.dtype, label, this.storage!, at);
  }

  /** The same values as a constant: gradients do not flow through it. */
  detach(): Tensor {
    return this.alias();
  }

  /** Copies the values to the CPU, f16 as bits. */
  async data(): Promise<Float32Array | Uint32Array | Uint8Array | Uint16Array> {
    const bytes = await this.gpu.read(this.slice, this.bytes);
    if (this.dtype === 'f32') return new Float32Array(bytes);
    if (this.dtype === 'u32') return new Uint32Array(bytes);
    return this.dtype === 'u8' ? new Uint8Array(bytes) : new Uint16Array(bytes);
  }

  /** The values of an f32 or f16 tensor. Throws TensorError for other dtypes. */
  async floats(): Promise<Float32Array> {
    if (this.dtype === 'f16') return fromHalf((await this.data()) as Uint16Array);
    if (this.dtype !== 'f32') throw new TensorError(`${this.label} is ${this.dtype}, not f32 or f16`);
    return (await this.data()) as Float32Array;
  }

  /** The value of a tensor with one element. */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new TensorError(`${this.label} ${shapeText(this.shape)} has ${this.size} elements; item() takes one`);
    return (await (this.dtype === 'f16' ? this.floats() : this.data()))[0];
  }

  /** Overwrites the values, and those of `half`, from the CPU. Throws TensorError for another length. */
  set(values: ArrayLike<number>): this {
    if (values.length !== this.size)
      throw new TensorError(`${this.label} ${shapeText(this.shape)} takes ${this.size} values, got ${values.length}`);
    if (this.dtype === 'f16') {
      this.gpu.upload(this.slice, toHalf(values));
      return this;
    }
    const Type = { f32: Float32Array, u32: Uint32Array, u8: Uint8Array }[this.dtype];
    this.gpu.upload(this.slice, values instanceof Type ? values : Type.from(values));
    // Rounded by the GPU, as its kernels round.
    if (this.half) convert(this.gpu, this.slice, this.half.slice, this.size, 'f32', 'f16');
    return this;
  }
}

/** A tensor with undefined contents. Throws OutOfMemoryError naming `label`, TensorError for a shape, or f16 where the adapter has none. */
export function empty(gpu: Gpu, shape: Shape, label: string, dtype: DType = 'f32'): Tensor {
  for (const n of shape)
    if (!Number.isInteger(n) || n < 1)
      throw new TensorError(`${label} ${shapeText(shape)}: every side must be a whole number from 1`);
  if (!Object.hasOwn(BYTES, dtype))
    throw new TensorError(
      `${label} ${shapeText(shape)}: there is no dtype ${dtype}, only ${Object.keys(BYTES).join(', ')}`,
    );
  if (dtype === 'f16' && !gpu.capabilities.f16)
    throw new TensorError(`${label} ${shapeText(shape)}: this adapter has no f16 (feature shader-f16); stay with f32`);
  const storage = { allocation: gpu.allocate(label, count(shape) * BYTES[dtype]), references: 0 };
  catchDropped(storage, gpu, storage.allocation);
  return new Tensor(gpu, shape, dtype, label, storage);
}

/** A tensor from values on the CPU. */
export function tensor(
  gpu: Gpu,
  values: ArrayLike<number>,
  shape: Shape,
  label = 'tensor',
  dtype: DType = 'f32',
): Tensor {
  return empty(gpu, shape, label, dtype).set(values);
}

/** A tensor of zeros, made on the GPU. */
export function zeros(gpu: Gpu, shape: Shape, label = 'zeros', dtype: DType = 'f32'): Tensor {
  const made = empty(gpu, shape, label, dtype);
  gpu.fill(made.slice, 0);
  return made;
}

/** A tensor with one value everywhere, made on the GPU. */
export function full(gpu: Gpu, shape: Shape, value: number, label = 'full', dtype: 'f32' | 'f16' = 'f32'): Tensor {
  const made = empty(gpu, shape, label, dtype);
  const bits = dtype === 'f16' ? toHalf([value])[0] * 0x10001 : new Uint32Array(Float32Array.of(value).buffer)[0];
  gpu.fill(made.slice, bits);
  return made;
}
