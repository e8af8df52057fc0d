// Tuning comes later than the products that ask for it: what else these were given may be gone by then, and its memory somebody else's.
import { expect, it } from 'vitest';
import { Gpu } from '../../../src/gpu/gpu.ts';
import { matmul } from '../../../src/ops/matmul/matmul.ts';
import { ones } from '../../../src/tensor/create.ts';

it('a product with a bias is tuned when the bias is gone', async () => {
  const gpu = await Gpu.open();
  const bias = ones(gpu, [4096]);
  matmul(ones(gpu, [1, 64]), ones(gpu, [64, 4096]), { bias }).release();
  bias.release(); // the memory of the next tensor of its size
  const choices = await gpu.tuner.tune();
  expect(Object.keys(choices)).toEqual([expect.stringMatching(/^matmul 1x64 64x4096/)]);
  expect((await matmul(ones(gpu, [1, 3]), ones(gpu, [3, 1])).floats())[0]).toBe(3);
  await gpu.close();
});
