// Batches that an iterator yields: what is uploaded, epochs, a smaller last batch, bytes, and iterators that end, change their shapes or fail.
import { expect, it } from 'vitest';
import { type CpuBatch, StreamedBatches } from '../../../src/data/arrays/streamed-batches.ts';
import { ArrayDataError } from '../../../src/data/errors.ts';
import { gpu } from '../../support/gpu.ts';

const batch = (start: number, size = 2): CpuBatch<'x' | 'y'> => ({
  x: { data: Float32Array.from({ length: size * 3 }, (_, i) => start + i), shape: [size, 3] },
  y: { data: Uint8Array.from({ length: size }, (_, i) => start + i), shape: [size] },
});

async function* yields(...starts: number[]): AsyncGenerator<CpuBatch<'x' | 'y'>> {
  for (const start of starts) yield batch(start);
}

async function labels(batches: StreamedBatches<'x' | 'y'>, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    await batches.prepare();
    batches.next();
    found.push((await batches.batch.y.data())[0]);
    expect((await batches.batch.x.floats())[5]).toBe(found[i] + 5);
  }
  return found;
}

it('batches come in order, and epochs anew, from a function, an iterable, or once from an iterator', async () => {
  const again = await StreamedBatches.open(gpu, () => yields(1, 5));
  expect(await labels(again, 5)).toEqual([1, 5, 1, 5, 1]);
  const list = await StreamedBatches.open(gpu, [batch(3), batch(7), batch(9, 1)]);
  expect(await labels(list, 3)).toEqual([3, 7, 3]);
  const once = await StreamedBatches.open(gpu, yields(1, 2));
  expect(await labels(once, 2)).toEqual([1, 2]);
  await expect(once.prepare()).rejects.toThrow(ArrayDataError);
  for (const made of [again, list, once]) made.release();
});

it('bytes of pixels become floats on the GPU, in a captured step too, and memory may be used again for the next batch', async () => {
  const pixels = new Uint8Array(4);
  function* source(): Generator<CpuBatch<'x'>> {
    for (let i = 1; ; i++) {
      pixels.fill(i);
      yield { x: { data: pixels, shape: [2, 2, 1] } };
    }
  }
  const batches = await StreamedBatches.open(gpu, source);
  expect(batches.batch.x.dtype).toBe('f32');
  await batches.prepare();
  const program = gpu.capture('unpack', () => batches.next());
  for (let i = 1; i < 4; i++) {
    expect([...(await batches.batch.x.floats())]).toEqual(Array(4).fill(Math.fround(i / 255)));
    await batches.prepare();
    program.replay();
  }
  program.dispose();
  batches.release();
});

it('what does not fit the first batch is named', async () => {
  await expect(StreamedBatches.open(gpu, [])).rejects.toThrow('yields none');
  await expect(StreamedBatches.open(gpu, [{ x: { data: [1], shape: [2] } }])).rejects.toThrow('array x of a batch');
  await expect(
    StreamedBatches.open(gpu, [{ x: { data: [1], shape: [1] }, y: { data: [1, 2], shape: [2] } }]),
  ).rejects.toThrow('one first side; given are 1, 2');
  const second = async (next: unknown, message: string): Promise<void> => {
    const batches = await StreamedBatches.open(gpu, [batch(1), next as CpuBatch<'x' | 'y'>]);
    await batches.prepare();
    await expect(batches.prepare()).rejects.toThrow(message);
    batches.release();
  };
  await second({ x: batch(1).x }, 'batch 1: array y is missing');
  await second(
    { ...batch(1), x: { data: [1, 2, 3, 4], shape: [2, 2] } },
    'array x is [2×2], that of the first was [2×3]',
  );
  await second({ ...batch(1), y: { data: [0.5, 1], shape: [2] } }, 'array y has numbers of another type');
  async function* fails(): AsyncGenerator<CpuBatch<'x' | 'y'>> {
    yield batch(1);
    throw new Error('the disk is gone');
  }
  const failing = await StreamedBatches.open(gpu, fails);
  await failing.prepare();
  await expect(failing.prepare()).rejects.toThrow('the disk is gone');
  failing.release();
});
