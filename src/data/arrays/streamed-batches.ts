// Batches that others make: whatever yields arrays, one batch after the other. Each is uploaded into the same tensors between two steps, while the next one is
// being made, so that captured steps go on as with any other batches.
import type { Gpu } from '../../gpu/index.ts';
import { empty, keep, type Shape, shapeText, type Tensor, tensor, zeros } from '../../tensor/index.ts';
import { ArrayDataError } from '../errors.ts';
import { type ArrayForm, type Numbers, type ReadArray, readArray } from './array-form.ts';
import type { BatchSource } from './batch-source.ts';
import { StoredArray } from './stored-array.ts';

/** An array of a batch, and how its numbers are read. */
export interface CpuArray extends ArrayForm {
  data: Numbers;
  /** With the batch as its first side. */
  shape: Shape;
}

/** The arrays of one batch by name. */
export type CpuBatch<K extends string = string> = Readonly<Record<K, CpuArray>>;

/** What a for loop, or one that awaits, goes through. */
export type Yields<T> = AsyncIterable<T> | Iterable<T>;

/** Where an array of each batch goes. */
interface Place {
  shape: Shape;
  x: Tensor;
  /** Bytes, before they become floats. */
  bytes?: StoredArray;
}

/**
 * Batches from an iterator, async or not: awaited one ahead, uploaded between steps. All have the shapes of the first; a smaller last one is left out. Owns GPU memory;
 * release() it.
 *
 * @example
 * const batches = await StreamedBatches.open(gpu, () => readBatches('tokens.bin'));
 * await batches.prepare();
 * batches.next(); // batches.batch.x, batches.batch.y
 */
export class StreamedBatches<K extends string = string> implements BatchSource<Readonly<Record<K, Tensor>>> {
  readonly batch: Readonly<Record<K, Tensor>>;
  private readonly source: () => Yields<CpuBatch<K>>;
  private readonly places: ReadonlyMap<K, Place>;
  /** Position in each batch of its own items: 0, 1, 2, … */
  private readonly plan: Tensor;
  private readonly draws: Tensor;
  private iterator: AsyncIterator<CpuBatch<K>> | Iterator<CpuBatch<K>>;
  private ahead: Promise<IteratorResult<CpuBatch<K>>>;
  private yielded = 0;

  /** Takes the first batch to know shapes. `source` makes an iterator for each epoch; an iterator alone is one epoch. Throws ArrayDataError where it yields nothing. */
  static async open<K extends string>(
    gpu: Gpu,
    source: Yields<CpuBatch<K>> | (() => Yields<CpuBatch<K>>),
  ): Promise<StreamedBatches<K>> {
    const anew = typeof source === 'function' ? source : () => source;
    const iterator = iteratorOf(anew());
    const first = await iterator.next();
    if (first.done) throw new ArrayDataError('the iterator of batches yields none');
    return new StreamedBatches(gpu, anew, iterator, first.value);
  }

  private constructor(
    gpu: Gpu,
    source: () => Yields<CpuBatch<K>>,
    iterator: StreamedBatches<K>['iterator'],
    first: CpuBatch<K>,
  ) {
    this.source = source;
    this.iterator = iterator;
    this.ahead = Promise.resolve({ value: first, done: false });
    const entries = Object.entries(first) as [K, CpuArray][];
    const sizes = new Set(entries.map(([name, array]) => batchOf(name, array)));
    if (sizes.size !== 1)
      throw new ArrayDataError(`the arrays of a batch must have one first side; given are ${[...sizes].join(', ')}`);
    const [size] = sizes;
    this.places = new Map(
      entries.map(([name, array]): [K, Place] => {
        const { shape } = array;
        const read = readItems(name, array);
        const x = keep(empty(gpu, shape, `batch of ${name}`, read.as));
        const bytes = read.stored === 'u8' ? new StoredArray(gpu, name, read, shape.slice(1), size) : undefined;
        return [name, { shape, x, bytes }];
      }),
    );
    this.batch = Object.fromEntries([...this.places].map(([name, { x }]) => [name, x])) as Record<K, Tensor>;
    this.plan = keep(
      tensor(
        gpu,
        Array.from({ length: size }, (_, i) => i),
        [size],
        'plan of the batch',
        'u32',
      ),
    );
    this.draws = keep(zeros(gpu, [1], 'draws', 'u32'));
  }

  /** Waits for the next batch and uploads it; after the last one a new epoch begins. Throws ArrayDataError for other arrays or shapes than the first batch's, and where nothing more comes. */
  async prepare(): Promise<void> {
    let { value, done } = await this.ahead;
    if (done || this.isRest(value)) {
      this.iterator = iteratorOf(this.source());
      ({ value, done } = await this.iterator.next());
      if (done)
        throw new ArrayDataError(
          `the iterator of batches ended after ${this.yielded} and cannot begin anew: give a function that makes one`,
        );
    }
    this.upload(value);
    this.yielded++;
    // Made while the step runs, in memory that may be this batch's own; an error of it shows when it is asked for.
    this.ahead = Promise.resolve(this.iterator.next());
    this.ahead.catch(() => {});
  }

  /** Records what unpacks bytes; other arrays lie in the batch already. */
  next(): void {
    const { plan: items, draws } = this;
    for (const { x, bytes } of this.places.values()) bytes?.gather(x, { items, draws, advance: false });
  }

  /** Gives back the batch and the memory that bytes are uploaded into. */
  release(): void {
    for (const { x, bytes } of this.places.values()) for (const owned of [x, bytes]) owned?.release();
    this.plan.release();
    this.draws.release();
  }

  /** Is it a smaller batch that ends an epoch? */
  private isRest(batch: CpuBatch<K>): boolean {
    const [[name, { shape }]] = this.places;
    return batch[name]?.shape?.[0] < shape[0];
  }

  private upload(batch: CpuBatch<K>): void {
    for (const [name, { shape, x, bytes }] of this.places) {
      const array = batch[name];
      if (!array) throw new ArrayDataError(`batch ${this.yielded}: array ${name} is missing`);
      batchOf(name, array);
      if (shapeText(array.shape) !== shapeText(shape))
        throw new ArrayDataError(
          `batch ${this.yielded}: array ${name} is ${shapeText(array.shape)}, that of the first was ${shapeText(shape)}`,
        );
      const { values, stored, as } = readItems(name, array);
      if (as !== x.dtype || (stored === 'u8') !== (bytes !== undefined))
        throw new ArrayDataError(
          `batch ${this.yielded}: array ${name} has numbers of another type than that of the first`,
        );
      (bytes ?? x).set(values);
    }
  }
}

const readItems = (name: string, { data, shape, ...form }: CpuArray): ReadArray =>
  readArray(name, data, shape.slice(1), form);

function iteratorOf<T>(source: Yields<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

/** Items of an array of a batch. Throws ArrayDataError where its shape is not that of its values. */
function batchOf(name: string, { data, shape }: CpuArray): number {
  if (!data || !Array.isArray(shape) || shape.length === 0 || shape.reduce((a, b) => a * b, 1) !== data.length)
    throw new ArrayDataError(
      `array ${name} of a batch: takes data and its shape, the batch first, with as many values as that has`,
    );
  return shape[0];
}
