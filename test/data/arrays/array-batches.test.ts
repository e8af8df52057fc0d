// Batches of arrays in memory against the arrays: every form of numbers, orders by seed and epoch, the last batch, several buffers, replays and resuming.
import { describe, expect, it } from 'vitest';
import { ArrayBatches, type ArrayBatchOptions } from '../../../src/data/arrays/array-batches.ts';
import { DeviceArrays, type ItemArray } from '../../../src/data/arrays/device-arrays.ts';
import { shuffledOrder } from '../../../src/data/arrays/shuffle.ts';
import { ArrayDataError } from '../../../src/data/errors.ts';
import { fromHalf, toHalf } from '../../../src/gpu/device/half.ts';
import { gpu } from '../../support/gpu.ts';
import { generator, whole } from '../../support/random.ts';

const bytes = (length: number, seed: number): Uint8Array => {
  const next = generator(seed);
  return Uint8Array.from({ length }, () => whole(next, 0, 255));
};

/** Draws `count` batches: of each its arrays, and which items are fresh. */
async function drawn(batches: ArrayBatches, count: number): Promise<Record<string, number[]>[]> {
  const found: Record<string, number[]>[] = [];
  for (let i = 0; i < count; i++) {
    batches.next();
    const read: [string, number[]][] = [];
    for (const [name, tensor] of Object.entries({ ...batches.batch, fresh: batches.fresh }))
      read.push([name, [...(tensor.dtype === 'u32' ? await tensor.data() : await tensor.floats())]]);
    found.push(Object.fromEntries(read));
  }
  return found;
}

async function draw(
  arrays: Record<string, ItemArray>,
  options: ArrayBatchOptions,
  count: number,
  itemsPerBuffer?: number,
): Promise<Record<string, number[]>[]> {
  const data = new DeviceArrays(gpu, arrays, { itemsPerBuffer });
  const batches = new ArrayBatches(data, options);
  const found = await drawn(batches, count);
  batches.release();
  data.release();
  return found;
}

describe('orders', () => {
  it.each([1, 2, 3, 5, 8, 9, 64, 100, 1000])(
    'of %d items hold every item once, and differ by seed and epoch',
    (count) => {
      const orders = [
        [1, 0],
        [1, 1],
        [2, 0],
      ].map(([seed, epoch]) => shuffledOrder(count, seed, epoch));
      for (const order of orders)
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      if (count >= 8) expect(new Set(orders.map((order) => order.join())).size).toBe(3);
    },
  );

  it('put every item everywhere equally often', () => {
    const [count, epochs] = [7, 2100];
    const seen = new Float64Array(count * count);
    for (let epoch = 0; epoch < epochs; epoch++)
      for (const [place, item] of shuffledOrder(count, 3, epoch).entries()) seen[place * count + item]++;
    // Each cell is binomial with mean 300 and deviation 16.
    for (const times of seen) expect(Math.abs(times - epochs / count)).toBeLessThan(6 * 16);
  });

  it('are those that the GPU draws, epoch after epoch, under replay, from any draw on, in any number of buffers', async () => {
    const count = 11;
    const x = Float32Array.from({ length: count * 2 }, (_, i) => i);
    const arrays = {
      x: { data: x, shape: [2] },
      y: { data: Uint32Array.from({ length: count }, (_, i) => i), shape: [] },
    };
    for (const itemsPerBuffer of [undefined, 4, 1]) {
      const data = new DeviceArrays(gpu, arrays, { itemsPerBuffer });
      const batches = new ArrayBatches(data, { batch: 3, seed: 5 });
      expect(batches.batches).toBe(3);
      const expected = [0, 1, 2].flatMap((epoch) => [...batches.order(epoch).subarray(0, 9)]);
      const program = gpu.capture('batch', () => batches.next());
      const found: number[] = [];
      for (let i = 0; i < 9; i++) {
        if (i > 0) program.replay();
        const items = [...(await batches.batch.y.data())];
        found.push(...items);
        expect([...(await batches.batch.x.floats())]).toEqual(items.flatMap((item) => [2 * item, 2 * item + 1]));
      }
      expect(found).toEqual(expected);
      batches.draws.set([4]);
      program.replay();
      expect([...(await batches.batch.y.data())]).toEqual(expected.slice(12, 15));
      for (const part of [program.dispose.bind(program), () => batches.release(), () => data.release()]) part();
    }
  });
});

describe('the last batch', () => {
  const y = { data: Uint32Array.of(10, 11, 12, 13, 14), shape: [] };

  it('is left out, or filled up with the first items, which are not fresh', async () => {
    expect(await draw({ y }, { batch: 2, shuffle: false }, 3)).toEqual([
      { y: [10, 11], fresh: [1, 1] },
      { y: [12, 13], fresh: [1, 1] },
      { y: [10, 11], fresh: [1, 1] },
    ]);
    expect(await draw({ y }, { batch: 2, shuffle: false, last: 'fill' }, 4)).toEqual([
      { y: [10, 11], fresh: [1, 1] },
      { y: [12, 13], fresh: [1, 1] },
      { y: [14, 10], fresh: [1, 0] },
      { y: [10, 11], fresh: [1, 1] },
    ]);
  });

  it('counts the items that were chosen', async () => {
    const options: ArrayBatchOptions = { batch: 2, shuffle: false, last: 'fill', items: [4, 0, 3] };
    expect((await draw({ y }, options, 2)).map(({ y }) => y)).toEqual([
      [14, 10],
      [13, 14],
    ]);
  });
});

describe('numbers', () => {
  const pixels = bytes(6 * 2 * 3 * 3, 1);
  const one = async (array: ItemArray): Promise<number[]> =>
    (await draw({ it: array }, { batch: 6, shuffle: false }, 1))[0].it;

  it('of pixels are bytes over 255, or normalized by channel, in f32 and f16', async () => {
    const shape = [2, 3, 3];
    const plain = Float32Array.from(pixels, (byte) => byte / 255);
    expect(await one({ data: pixels, shape })).toEqual([...plain]);
    const normalize = { mean: [0.5, 0.25, 0.125], std: [0.5, 2, 0.25] };
    const normalized = Float32Array.from(
      pixels,
      (byte, i) => (byte / 255 - normalize.mean[i % 3]) / normalize.std[i % 3],
    );
    expect(await one({ data: pixels, shape, normalize })).toEqual([...normalized]);
    expect(await one({ data: pixels, shape, as: 'u32' })).toEqual([...pixels]);
    if (!gpu.capabilities.f16) return;
    expect(await one({ data: pixels, shape, as: 'f16', normalize })).toEqual([...fromHalf(toHalf(normalized))]);
    expect(await one({ data: plain, shape: [2, 9], as: 'f16' })).toEqual([...fromHalf(toHalf(plain))]);
  });

  it('of labels and tokens are u32, and floats stay as they are, NaN too', async () => {
    expect(await one({ data: Uint8Array.of(1, 0, 2, 3, 1, 9), shape: [] })).toEqual([1, 0, 2, 3, 1, 9]);
    expect(await one({ data: Uint16Array.of(7, 8, 9, 1, 2, 3, 4, 5, 6, 0, 0, 65535), shape: [2] })).toHaveLength(12);
    expect(await one({ data: Int32Array.of(0, -1, 2, 3, 4, 5), shape: [] })).toEqual([0, 0xffffffff, 2, 3, 4, 5]);
    expect(await one({ data: [0, 1, 2, 3, 4, 5], shape: [], as: 'u32' })).toEqual([0, 1, 2, 3, 4, 5]);
    const odd = [0.5, Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-40, 3];
    expect(await one({ data: odd, shape: [1] })).toEqual([...Float32Array.from(odd)]);
    expect(await one({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [1, 1] })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each<[Record<string, ItemArray>, string]>([
    [{}, 'no arrays were given'],
    [{ x: { data: [1, 2, 3], shape: [2] } }, 'array x: 3 values are no whole number of items [2], 2 values each'],
    [{ x: { data: [], shape: [] } }, 'array x: 0 values'],
    [{ x: { data: [1, 2], shape: [0] } }, 'every side must be a whole number from 1'],
    [{ x: { data: [1, 2] } as unknown as ItemArray }, 'array x: takes data, and the shape of one item'],
    [{ x: { data: [1, 2], shape: [] }, y: { data: [1], shape: [] } }, 'array y has 1 items and array x 2'],
    [{ x: { data: Float32Array.of(1), shape: [], as: 'u32' } }, 'array x: it holds floats'],
    [{ x: { data: [0.5], shape: [], as: 'u32' } }, 'array x: element 0 is 0.5, which u32 cannot hold'],
    [{ x: { data: [1], shape: [], normalize: { mean: [0], std: [1] } } }, 'normalize is for bytes'],
    [{ x: { data: pixels, shape: [3], normalize: { mean: [0, 0], std: [1, 1] } } }, 'items [3] take 1 or 3'],
    [{ x: { data: pixels, shape: [3], normalize: { mean: [0], std: [0] } } }, 'std above 0'],
  ])('that do not fit are named: %j', (arrays, message) => {
    expect(() => new DeviceArrays(gpu, arrays)).toThrow(ArrayDataError);
    expect(() => new DeviceArrays(gpu, arrays)).toThrow(message);
  });

  it('batches that cannot be drawn are named', () => {
    const data = new DeviceArrays(gpu, { y: { data: [1, 2, 3], shape: [] } });
    expect(() => new ArrayBatches(data, { batch: 4 })).toThrow('a batch of 4 cannot be drawn from 3 items');
    expect(() => new ArrayBatches(data, { batch: 2, items: [0] })).toThrow('from 1 items');
    expect(() => new ArrayBatches(data, { batch: 1, items: [1, 3] })).toThrow('item 3 (entry 1 of items)');
    expect(() => new ArrayBatches(data, { batch: 1, items: [-1] })).toThrow('item -1');
    data.release();
  });
});
