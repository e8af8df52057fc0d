// What the page does with a trained network: predictions, Grad-CAM and kernel times that leave no trace, files that Node reads, and a file that is loaded back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawStandIn } from '../../src/data/synthetic/stand-in.ts';
import { packNetwork, unpackNetwork } from '../../src/train/files/network-tensors.ts';
import { gpu } from '../support/gpu.ts';
import { logitsError, networkLogits, normalized, onnxLogits } from '../support/onnx.ts';
import { DRAWN, lossesOf, settings, testTrainer } from './trainers.ts';

const trainer = testTrainer();
const { call, events } = trainer;
afterAll(() => trainer.close());

const images = [3, 1, 15, 8];
const { test } = drawStandIn(DRAWN);
const pixels = {
  values: Float32Array.from(
    images.flatMap((image) => [...test.images.subarray(image * 3072, (image + 1) * 3072)]),
    (byte) => byte / 255,
  ),
  shape: [images.length, 32, 32, 3],
};
const predicted = async (arm: 'plain' | 'trained' | 'loaded'): Promise<Float32Array> =>
  (await call('predict', { arm, images })).logits;
/** What Node computes by the file that the page saves. */
async function byFile(arm: 'plain' | 'trained'): Promise<Float32Array> {
  const { name, bytes } = await call('save', { arm, format: 'safetensors' });
  const { graph, dict } = await unpackNetwork(name, bytes);
  return networkLogits(graph, dict, normalized(pixels));
}
let straight: Map<string, number>;

beforeAll(async () => {
  await call('open');
  await call('data', DRAWN);
  const ends = trainer.state('done');
  await call('start', settings());
  await ends;
  straight = lossesOf(events);
});

it('saves what Node computes the same by, while gates move and when they are final, and leaves no trace in the training', async () => {
  events.length = 0;
  const ends = trainer.state('done');
  await call('start', settings());
  await trainer.until((event) => event.type === 'progress' && event.phase === 'guide' && event.step === 2);
  await call('pause');
  expect(logitsError(await byFile('trained'), await predicted('trained'))).toBeLessThan(1e-4);
  await call('explain', { arm: 'trained', images });
  if (gpu.capabilities.timestamps)
    for (const arm of ['plain', 'trained'] as const) {
      const { steps, kernels, wall, rows } = await call('profile', { arm });
      expect(steps).toBeGreaterThan(0);
      expect(wall).toBeGreaterThan(0);
      expect(rows.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(kernels, 3);
      expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5);
    }
  await call('resume');
  await ends;
  expect(lossesOf(events)).toEqual(straight);
  for (const arm of ['plain', 'trained'] as const)
    expect(logitsError(await byFile(arm), await predicted(arm)), arm).toBeLessThan(1e-4);
  if (gpu.capabilities.timestamps) {
    const before = await predicted('trained');
    await call('profile', { arm: 'trained' });
    expect(await predicted('trained')).toEqual(before);
  }
});

it('saves ONNX that another runtime computes the same by', async () => {
  const { name, bytes } = await call('save', { arm: 'trained', format: 'onnx' });
  expect(name).toBe('trained-AN.onnx');
  expect(logitsError(await onnxLogits(bytes, pixels), await predicted('trained'))).toBeLessThan(1e-4);
  await expect(call('save', { arm: 'plain', format: 'zip' as 'onnx' })).rejects.toThrow(/^format "zip": takes/);
});

it('loads what it saved, and refuses what is no network', async () => {
  const { name, bytes } = await call('save', { arm: 'trained', format: 'safetensors' });
  const damaged = bytes.slice();
  damaged[damaged.length - 5] ^= 1;
  const { accuracy } = trainer.of('epoch').findLast(({ arm }) => arm === 'trained')!;
  const loaded = await call('load', { name, bytes: bytes.buffer.slice(0) });
  expect(loaded).toEqual({ model: 'resnet-small', classes: [...test.classes], parameters: 78042, accuracy });
  expect(logitsError(await predicted('loaded'), await predicted('trained'))).toBeLessThan(1e-5);
  await expect(call('load', { name: 'a.safetensors', bytes: damaged.buffer })).rejects.toThrow(
    /^Checkpoint a\.safetensors: its bytes do not match/,
  );
  await expect(call('load', { name: 'b.bin', bytes: new ArrayBuffer(40) })).rejects.toThrow(/^Checkpoint b\.bin: /);
  expect(logitsError(await predicted('loaded'), await predicted('trained'))).toBeLessThan(1e-5);
  expect((await call('save', { arm: 'loaded', format: 'safetensors' })).bytes).toEqual(bytes);
});

it('shows where a network looked, of the class that it predicts or another one', async () => {
  const logits = await predicted('trained');
  const found = await call('explain', { arm: 'trained', images });
  expect(found.heat).toHaveLength(4 * 1024);
  expect(found.pictures).toMatchObject({ count: 4, height: 32, width: 32 });
  for (const [i, { image, label, predicted, probability, explained }] of found.images.entries()) {
    const own = [...logits.subarray(i * 10, (i + 1) * 10)];
    expect([image, label]).toEqual([images[i], test.labels[images[i]]]);
    expect([predicted, explained]).toEqual([own.indexOf(Math.max(...own)), predicted]);
    const parts = own.map((logit) => Math.exp(logit - own[predicted]));
    expect(probability).toBeCloseTo(1 / parts.reduce((a, b) => a + b), 5);
    const most = Math.max(...found.heat.subarray(i * 1024, (i + 1) * 1024));
    expect([0, 255]).toContain(most);
  }
  const other = await call('explain', { arm: 'plain', images: [0], class: 7 });
  expect(other.images[0].explained).toBe(7);
  const refused: [Parameters<typeof call<'explain'>>[1], RegExp][] = [
    [{ arm: 'plain', images: [16] }, /^image 16: there are 16 test images, from 0$/],
    [{ arm: 'plain', images: [] }, /^images: takes 1 to 64 of the test images$/],
    [{ arm: 'plain', images: [0], class: 10 }, /^class 10: there are 10 classes, 0 to 9$/],
    [{ arm: 'random', images: [0] }, /^the arm "random" is not there/],
  ];
  for (const [given, message] of refused) await expect(call('explain', given)).rejects.toThrow(message);
});

it('says of a network that gives no numbers that it looks nowhere', async () => {
  const { name, bytes } = await call('save', { arm: 'trained', format: 'safetensors' });
  const file = await unpackNetwork(name, bytes);
  const none = [...file.dict].map(([key, { shape, data }]) => [key, { shape, data: data.map(() => NaN) }] as const);
  const broken = await packNetwork({ ...file, dict: new Map(none) });
  await call('load', { name, bytes: broken.buffer });
  await expect(call('explain', { arm: 'loaded', images })).rejects.toThrow(/is no number, so .*: load another one$/);
});
