// A tensor: a shape and a dtype over a counted piece of GPU memory. Activations are NHWC; nothing here knows how values are made.
/// <reference lib="esnext.disposable" preserve="true" />
import { type Allocation, fromHalf, type Gpu, type Slice, toHalf } from '../gpu/index.ts';
import type { Node } from './autograd.ts';
import { convert } from './convert.ts';
import { catchDropped, wasReleased } from './dropped.ts';
import { enter } from './scope.ts';
import { BYTES, count, type DType, type Shape, shapeText, TensorError } from './shape.ts';
import { type Nested, nested, type TextOptions, valuesText } from './text.ts';
import { flatten, integersOf, type Values } from './values.ts';

export { BYTES, count, type DType, type Shape, shapeText, TensorError } from './shape.ts';

/** The nearest value of a dtype of floats. */
const NEAREST: Partial<Record<DType, (value: number) => number>> = {
  f32: Math.fround,
  f16: (value) => fromHalf(toHalf([value]))[0],
};

interface Storage {
  allocation: Allocation;
  references: number;
}

/**
 * A shape and a dtype over a counted piece of GPU memory. Ops make new ones; whoever keeps a tensor beyond its
 * scope() releases it. The memory of one that is dropped instead goes back when the collector gets to it, which may be late: `onDrop` of Gpu.open() names those.
 * Values live on the GPU: `floats()`, `data()`, `item()`, `toArray()` and `text()` wait for the kernels before them and copy.
 *
 * @example
 * const x = tensor(gpu, [[1, 2], [3, 4]]);
 * console.log(x); // Tensor(tensor [2×2] f32, 16 bytes)
 * await x.print(); // [[1. 2.]
 *                  //  [3. 4.]]
 * const [[first]] = await x.toArray(); // 1
 * x.release();
 */
export class Tensor {
  /** Where its values lie. */
  readonly gpu: Gpu;
  /** Sizes of its axes, the outermost first; [] of a single value. */
  readonly shape: Shape;
  /** What its values are: f32, f16, u32 or u8. */
  readonly dtype: DType;
  /** What messages, profiles and memory statistics call it. */
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

  /** Bytes of its values. */
  get bytes(): number {
    return this.size * BYTES[this.dtype];
  }

  /** Whether release() gave its memory back: it then must not be used. */
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

  /** The values as lists, nested as the shape is; f16 as numbers. */
  async toArray(): Promise<Nested[]> {
    return nested(await (this.dtype === 'f16' ? this.floats() : this.data()), this.shape) as Nested[];
  }

  /** The values as NumPy prints them. */
  async text(options: TextOptions = {}): Promise<string> {
    const values = await (this.dtype === 'f16' ? this.floats() : this.data());
    return valuesText(values, this.shape, NEAREST[this.dtype], options);
  }

  /** Writes text() to the console. */
  async print(options: TextOptions = {}): Promise<void> {
    console.log(await this.text(options));
  }

  /** What it is, without its values, in a line: console.log writes that. */
  toString(): string {
    const facts = [`${this.label} ${shapeText(this.shape)} ${this.dtype}`, `${this.bytes} bytes`];
    if (this.requiresGrad) facts.push('requires a gradient');
    if (this.released) facts.push('released');
    return `Tensor(${facts.join(', ')})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /**
   * Overwrites the values, and those of `half`, from the CPU, which may be nested as in tensor(). Throws TensorError for another number of them, and for integers that
   * the dtype does not hold.
   */
  set(values: Values): this {
    const { flat } = flatten(this.label, values);
    if (flat.length !== this.size)
      throw new TensorError(`${this.label} ${shapeText(this.shape)} takes ${this.size} values, got ${flat.length}`);
    if (this.dtype === 'f16') {
      this.gpu.upload(this.slice, toHalf(flat));
      return this;
    }
    const Type = { f32: Float32Array, u32: Uint32Array, u8: Uint8Array }[this.dtype];
    const stored =
      flat instanceof Type
        ? flat
        : this.dtype === 'f32'
          ? Float32Array.from(flat)
          : integersOf(this.label, flat, this.dtype);
    this.gpu.upload(this.slice, stored);
    // Rounded by the GPU, as its kernels round.
    if (this.half) convert(this.gpu, this.slice, this.half.slice, this.size, 'f32', 'f16');
    return this;
  }
}

/**
 * A tensor with undefined contents; with `inPieces` one that may be larger than what a kernel sees, which is then given parts of it. Throws OutOfMemoryError naming `label`,
 * TensorError for a shape, or f16 where the adapter has none.
 */
export function empty(gpu: Gpu, shape: Shape, label: string, dtype: DType = 'f32', inPieces = false): Tensor {
  if (typeof gpu?.allocate !== 'function' || !Array.isArray(shape))
    throw new TensorError(
      `${label}: a tensor is made of a Gpu, as Gpu.open() gives it, and a shape, a list of sides; these are ${typeof gpu} and ${typeof shape}`,
    );
  for (const n of shape)
    if (!Number.isInteger(n) || n < 0)
      throw new TensorError(`${label} ${shapeText(shape)}: every side must be a whole number from 0`);
  if (!Object.hasOwn(BYTES, dtype))
    throw new TensorError(
      `${label} ${shapeText(shape)}: there is no dtype ${dtype}, only ${Object.keys(BYTES).join(', ')}`,
    );
  if (dtype === 'f16' && !gpu.capabilities.f16)
    throw new TensorError(`${label} ${shapeText(shape)}: this adapter has no f16 (feature shader-f16); stay with f32`);
  const storage = { allocation: gpu.allocate(label, count(shape) * BYTES[dtype], inPieces), references: 0 };
  catchDropped(storage, gpu, storage.allocation);
  return new Tensor(gpu, shape, dtype, label, storage);
}

/**
 * A tensor from values on the CPU. Lists may be nested, which gives the shape; without one, it is as long as they are. Without a dtype, Uint8Array gives u8, other arrays
 * of integers u32, all else f32. Throws TensorError that names the place where lists differ, what is no number, and integers that the dtype does not hold.
 *
 * @example
 * tensor(gpu, [[1, 2, 3], [4, 5, 6]]); // f32 [2×3]
 * tensor(gpu, Int32Array.of(3, 0, 2)); // u32 [3]
 * tensor(gpu, pixels, [1, 32, 32, 3], 'image', 'f16');
 */
export function tensor(gpu: Gpu, values: Values, shape?: Shape, label = 'tensor', dtype?: DType): Tensor {
  const given = flatten(label, values);
  return empty(gpu, shape ?? given.shape, label, dtype ?? given.dtype).set(given.flat);
}

/** A tensor of zeros, made on the GPU; `inPieces` as of empty(). */
export function zeros(gpu: Gpu, shape: Shape, label = 'zeros', dtype: DType = 'f32', inPieces = false): Tensor {
  const made = empty(gpu, shape, label, dtype, inPieces);
  gpu.fill(made.slice, 0);
  return made;
}

/** A tensor with one value everywhere, made on the GPU. Throws TensorError for one that an integer dtype does not hold. */
export function full(gpu: Gpu, shape: Shape, value: number, label = 'full', dtype: DType = 'f32'): Tensor {
  const bits = {
    f32: () => new Uint32Array(Float32Array.of(value).buffer)[0],
    f16: () => toHalf([value])[0] * 0x10001,
    u32: () => integersOf(label, [value], 'u32')[0],
    u8: () => integersOf(label, [value], 'u8')[0] * 0x1010101,
  }[dtype];
  const made = empty(gpu, shape, label, dtype);
  gpu.fill(made.slice, bits());
  return made;
}
