// Arrays in memory as they lie on the GPU: items of any shape, and with each its label, target or whatever belongs to it. Batches read nothing else.
import { type Gpu, needArguments } from '../../gpu/index.ts';
import { type Shape, shapeText } from '../../tensor/index.ts';
import { ArrayDataError } from '../errors.ts';
import { type ArrayForm, type Numbers, readArray } from './array-form.ts';
import { StoredArray } from './stored-array.ts';

/** An array of items, and how its numbers are read. */
export interface ItemArray extends ArrayForm {
  /** The items one behind the other. */
  data: Numbers;
  /** Of one item; [] where each is one number. */
  shape: Shape;
}

/**
 * Arrays of equally many items on the GPU, by name. Owns GPU memory; release() it. Bytes stay bytes there.
 *
 * @example
 * const data = new DeviceArrays(gpu, {
 *   x: { data: pixels, shape: [28, 28, 1] }, // a Uint8Array: f32 from 0 to 1 in batches
 *   y: { data: labels, shape: [] }, // a Uint8Array or Uint32Array: u32
 * });
 */
export class DeviceArrays<K extends string = string> {
  /** Where they lie. */
  readonly gpu: Gpu;
  /** Items of each array. */
  readonly count: number;
  /** Each array in GPU memory, by the name that it was given. */
  readonly arrays: Readonly<Record<K, StoredArray>>;

  /** `itemsPerBuffer`: default as many as the device allows. Throws ArrayDataError naming the array whose length or form does not fit. */
  constructor(gpu: Gpu, arrays: Readonly<Record<K, ItemArray>>, { itemsPerBuffer }: { itemsPerBuffer?: number } = {}) {
    needArguments('DeviceArrays', 'a Gpu', { gpu });
    needArguments('DeviceArrays', 'an object', { arrays });
    const entries = Object.entries(arrays) as [K, ItemArray][];
    if (entries.length === 0) throw new ArrayDataError('no arrays were given: there is nothing to make batches of');
    const counts = entries.map(([name, array]) => countOf(name, array));
    const [count] = counts;
    for (const [i, [name]] of entries.entries())
      if (counts[i] !== count)
        throw new ArrayDataError(
          `array ${name} has ${counts[i]} items and array ${entries[0][0]} ${count}; they must have equally many`,
        );
    const read = entries.map(([name, { data, shape, ...form }]) => readArray(name, data, shape, form));
    this.gpu = gpu;
    this.count = count;
    this.arrays = Object.fromEntries(
      entries.map(([name, { shape }], i) => [name, new StoredArray(gpu, name, read[i], shape, itemsPerBuffer)]),
    ) as Record<K, StoredArray>;
  }

  /** Gives back the memory of all arrays; batches of them must not be drawn any more. */
  release(): void {
    for (const array of Object.values<StoredArray>(this.arrays)) array.release();
  }
}

function countOf(name: string, { data, shape }: ItemArray): number {
  if (!data || !Array.isArray(shape))
    throw new ArrayDataError(`array ${name}: takes data, and the shape of one item ([] for a number each)`);
  const size = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((side) => Number.isInteger(side) && side >= 1))
    throw new ArrayDataError(`array ${name}: items ${shapeText(shape)}; every side must be a whole number from 1`);
  if (data.length === 0 || data.length % size !== 0)
    throw new ArrayDataError(
      `array ${name}: ${data.length} values are no whole number of items ${shapeText(shape)}, ${size} values each`,
    );
  return data.length / size;
}
