// Batches of the loader on the GPU: normalized in the same memory each time, in captured steps too.
import { expect, it } from 'vitest';
import { ImageBatches } from '../../../src/data/loader/image-batches.ts';
import { ImageLoader } from '../../../src/data/loader/image-loader.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { gpu } from '../../support/gpu.ts';
import { png } from '../folder/image-files.ts';
import { put } from '../sources/sets.ts';

it('are the bytes of the loader, normalized, with their labels', async () => {
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 7; i++) files[`${i % 2}/${i}.png`] = await png(i * 30, 12, 10);
  const { train } = await openImageSource(await put(files), { cache: false });
  const normalization = { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] };
  const options = { batch: 3, training: { size: 4 }, seed: 3, workers: 1 };
  const loader = new ImageLoader(train, options);
  const batches = new ImageBatches(gpu, train, { ...options, normalization });
  expect(batches.batches).toBe(2);
  await batches.prepare();
  const program = gpu.capture('batch', () => batches.next());
  for (let i = 0; i < 4; i++) {
    const { pixels, labels, items, epoch, position } = await loader.next();
    if (i > 0) await batches.prepare();
    program.replay();
    const expected = Array.from(pixels, (byte, at) => {
      const c = at % 3;
      return Math.fround((byte / 255 - normalization.mean[c]) / normalization.std[c]);
    });
    expect([...(await batches.x.floats())]).toEqual(expected);
    expect([...(await batches.y.data())]).toEqual([...labels]);
    expect(batches.current).toMatchObject({ epoch, position, fresh: 3 });
    expect([...batches.current!.items]).toEqual([...items]);
  }
  program.dispose();
  await Promise.all([loader.close(), batches.close()]);
  batches.release();
});
