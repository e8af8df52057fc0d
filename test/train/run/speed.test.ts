// A network's time beside another's, which a budget of time goes by: what is measured, and that nothing is left of it.
import { expect, it } from 'vitest';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { resnet } from '../../../src/models/zoo/resnet.ts';
import { timeShare } from '../../../src/train/run/speed.ts';
import { gpu } from '../../support/gpu.ts';
import { testImages } from '../../support/training.ts';

it('a network of far fewer channels takes less of the time, and both go', async () => {
  const graphOf = (width: number) =>
    resnet({ model: 'tiny', blocks: [1, 1], widths: [width, 2 * width], classes: 10, stem: 'cifar' });
  const data = new DeviceData(gpu, testImages(20));
  const before = gpu.memory.stats().current;
  const share = await timeShare(graphOf(48), graphOf(4), data, 20);
  expect(share).toBeGreaterThan(0);
  expect(share).toBeLessThan(0.9);
  expect(gpu.memory.stats().current).toBe(before);
  data.release();
});
