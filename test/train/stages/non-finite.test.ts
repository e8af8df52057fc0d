// A loss that is not finite: the optimizers keep the weights of that moment, and the error names step, phase and the first bad tensor.
import { afterAll, describe, expect, it } from 'vitest';
import { BatchStream } from '../../../src/data/loader/batch-stream.ts';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { newestCheckpoints } from '../../../src/train/run/run-folder.ts';
import { NonFiniteLossError, replayBatch } from '../../../src/train/stages/diagnose.ts';
import { gpu } from '../../support/gpu.ts';
import { job, newFolder, plainConfig, removeFolders } from '../../support/jobs.ts';
import { fingerprint, guideStage, searchStage, trainImages } from '../../support/training.ts';

afterAll(removeFolders);

const arenas = async (stage: Parameters<typeof fingerprint>[0]): Promise<unknown> => {
  const { nn, an, ...rest } = await fingerprint(stage);
  return { nn, an, optimizer: Object.entries(rest).filter(([name]) => name.includes('optimizer')) };
};

it('a poisoned weight is found at the step that met it, and nothing is updated from then on', async () => {
  const { stage, release } = guideStage({ regulated: true });
  for (let i = 0; i < 2; i++) await stage.step(i);
  expect((await stage.read()).nn.badStep).toBe(0);
  const weight = stage.network.arena.tensors.get('layer2.0.conv1.weight')!;
  const values = await weight.floats();
  values[7] = Number.NaN;
  weight.set(values);
  const before = await arenas(stage);
  for (let i = 2; i < 4; i++) await stage.step(i);
  const reading = await stage.read();
  expect(reading.nn).toMatchObject({ badStep: 3, steps: 2 });
  expect(Number.isFinite(reading.nn.loss)).toBe(true);
  expect(await arenas(stage)).toEqual(before);
  expect(await stage.diagnose(reading)).toBe('parameter layer2.0.conv1.weight [3×3×4×8], element 7');
  release();
});

it('the batch of an earlier step comes back, as it was cropped and flipped then', async () => {
  const data = new DeviceData(gpu, trainImages(32));
  const stream = new BatchStream(data, { batch: 8, seed: 3, augment: true });
  stream.next();
  stream.next();
  const second = await stream.x.floats();
  stream.next();
  expect(await stream.x.floats()).not.toEqual(second);
  await replayBatch(stream, 1);
  expect(await stream.x.floats()).toEqual(second);
  stream.release();
  data.release();
});

it('a weight that overflows on the way is found in the forward pass, op by op', async () => {
  const { stage, release } = guideStage();
  const weight = stage.network.arena.tensors.get('fc.weight')!;
  weight.set(new Float32Array(weight.size).fill(3e38));
  await stage.step(0);
  const reading = await stage.read();
  expect(reading.nn.badStep).toBe(1);
  expect(await stage.diagnose(reading)).toMatch(
    /^result \d+ of the forward pass, matmul with fc\.weight \[8×10\], element 0$/,
  );
  release();
});

describe.skipIf(!gpu.capabilities.f16)('in f16', () => {
  const weights = (stage: Parameters<typeof fingerprint>[0]) => stage.network.arena.values.data();

  it('gradients that only their scale makes overflow stop nothing: steps are left out until the scale fits', async () => {
    const { stage, release } = guideStage({ precision: 'f16', images: 256 });
    const scale = stage.tensors().get('optimizer.loss-scale')!;
    const clock = stage.tensors().get('optimizer.clock')!;
    scale.set([2 ** 40, 0]);
    const before = await weights(stage);
    await stage.step(0);
    expect(await scale.floats()).toEqual(Float32Array.of(2 ** 39, 0));
    expect(await weights(stage)).toEqual(before);
    let steps = 1;
    while (steps < 32 && (await clock.item()) === 0) await stage.step(steps++);
    const [now, good] = await scale.floats();
    expect(now).toBe(2 ** (40 - (steps - 1)));
    expect(now).toBeLessThan(2 ** 40);
    expect([good, await clock.item()]).toEqual([1, 1]);
    expect(await weights(stage)).not.toEqual(before);
    expect((await stage.read()).nn).toMatchObject({ badStep: 0, steps });
    release();
  });

  it('a poisoned weight is found, and the scale stays', async () => {
    const { stage, release } = guideStage({ precision: 'f16' });
    await stage.step(0);
    const weight = stage.network.arena.tensors.get('layer2.0.conv1.weight')!;
    const values = await weight.floats();
    values[7] = Number.NaN;
    weight.set(values);
    const before = await arenas(stage);
    await stage.step(1);
    const reading = await stage.read();
    expect(reading.nn.badStep).toBe(2);
    expect(await arenas(stage)).toEqual(before);
    expect(await stage.diagnose(reading)).toBe('parameter layer2.0.conv1.weight [3×3×4×8], element 7');
    release();
  });

  it('an activation beyond f16 is found in the forward pass', async () => {
    const { stage, release } = guideStage({ precision: 'f16' });
    const weight = stage.network.arena.tensors.get('conv1.weight')!;
    weight.set(new Float32Array(weight.size).fill(6e4));
    await stage.step(0);
    const reading = await stage.read();
    expect(reading.nn.badStep).toBe(1);
    expect(await stage.diagnose(reading)).toMatch(
      /^result 1 of the forward pass, conv2d with conv1\.weight \[8×16×16×4\], element \d+$/,
    );
    release();
  });
});

it('in the search, a poisoned astrocyte is found and both networks stay', async () => {
  const { stage, release } = searchStage();
  const weight = stage.regulator.astrocyte.arena.tensors.get('network.score.bias')!;
  weight.set([Number.POSITIVE_INFINITY]);
  const before = await arenas(stage);
  await stage.step(0);
  const reading = await stage.read();
  expect(reading.nn.badStep).toBe(1);
  expect(reading.an!.badStep).toBe(1);
  expect(await arenas(stage)).toEqual(before);
  expect(await stage.diagnose(reading)).toBe('parameter of the astrocyte, network.score.bias [1], element 0');
  release();
});

it('a job stops with the step, the phase and the tensor, and saves nothing of it', async () => {
  const folder = newFolder();
  const made = job(folder, plainConfig({ lr: 1e30 }), { checkpointEvery: 0 });
  const error = await made.job.run().catch((error) => error);
  expect(error).toBeInstanceOf(NonFiniteLossError);
  expect(error.message).toMatch(
    /^the loss of the network is not finite at update [234] of the guide phase \(plain NN\); first bad tensor: (result \d+ of the forward pass,|parameter) .*, element \d+; try a lower lr$/,
  );
  const [, update] = /update (\d)/.exec(error.message)!;
  expect(newestCheckpoints(folder)[0]).toMatch(new RegExp(`checkpoint-00000000${Number(update) - 1}\\.safetensors$`));
});
