// Evaluation counts every image of a set once, whatever is left after the last whole batch; and what a short guide learned holds for other images.
import { afterAll, describe, expect, it } from 'vitest';
import { ImageDecodeError } from '../../../src/data/errors.ts';
import type { ImageSet } from '../../../src/data/image/image-set.ts';
import { NORMALIZATIONS } from '../../../src/data/image/normalization.ts';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { DiskImages } from '../../../src/data/loader/disk-images.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { drawStandIn } from '../../../src/data/synthetic/stand-in.ts';
import { globalAvgPool } from '../../../src/ops/pool/global-pool.ts';
import { keep } from '../../../src/tensor/scope.ts';
import { type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { Evaluator, recalibrate } from '../../../src/train/stages/evaluate.ts';
import { png } from '../../data/folder/image-files.ts';
import { put } from '../../data/sources/sets.ts';
import { gpu } from '../../support/gpu.ts';
import { guideStage, quarter, runSteps, trainImages } from '../../support/training.ts';

/** Names one class, whatever it sees. */
class Constant {
  private readonly answer: number;
  constructor(answer: number) {
    this.answer = answer;
  }
  forward(x: Tensor): Tensor {
    const row = Array.from({ length: 10 }, (_, c) => (c === this.answer ? 1 : 0));
    return tensor(gpu, Array.from({ length: x.shape[0] }, () => row).flat(), [x.shape[0], 10]);
  }
}

/** Reads the class off the picture: channel c of an image of class c is the brightest. Only for ten channels. */
class Reader extends Constant {
  override forward(x: Tensor): Tensor {
    return globalAvgPool(x);
  }
}

/** Images of one value each, with the labels given; image i shows label i in its channel, unless it lies. */
function labeled(labels: number[], lies: readonly number[] = []): DeviceData {
  const images = new Uint8Array(labels.length * 4 * 10);
  for (const [i, label] of labels.entries())
    for (let p = 0; p < 4; p++) images[(i * 4 + p) * 10 + (lies.includes(i) ? (label + 1) % 10 : label)] = 200;
  const mean = Array(10).fill(0);
  return new DeviceData(
    gpu,
    {
      name: 'test',
      images,
      labels: Uint8Array.from(labels),
      count: labels.length,
      height: 2,
      width: 2,
      channels: 10,
      classes: mean.map(String),
    },
    { mean, std: Array(10).fill(1) },
  );
}

it('on images from a disk counts nowhere what cannot be decoded, and says how many', async () => {
  const files: Record<string, Buffer> = {};
  // Eight of class 0, four of class 1; of each the first two are none.
  for (let i = 0; i < 12; i++)
    files[`${i < 8 ? 0 : 1}/${10 + i}.png`] = i % 8 < 2 ? Buffer.from('none') : await png(i, 12, 10);
  const { train: source } = await openImageSource(await put(files), { cache: false });
  const options = { training: { size: 4 }, evaluation: { size: 4 }, normalization: NORMALIZATIONS.imagenet };
  const evaluator = new Evaluator(new DiskImages(gpu, source, { ...options, workers: 1 }), 5);
  const zero = await evaluator.score(new Constant(0));
  expect(zero).toMatchObject({ accuracy: 6 / 8, leftOut: 4 });
  const one = await evaluator.score(new Constant(1));
  expect(one).toMatchObject({ accuracy: 2 / 8, leftOut: 4 });
  const own = (right: number) => Math.log(1 * Math.E + 9) - right;
  expect(zero.loss).toBeCloseTo((6 * own(1) + 2 * own(0)) / 8, 5);
  expect([...(await evaluator.answers(new Constant(0)))]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
  evaluator.release();
  const none = await openImageSource(await put({ '0/a.png': Buffer.from('x'), '1/b.png': Buffer.from('y') }), {
    cache: false,
  });
  const empty = new Evaluator(new DiskImages(gpu, none.train, { ...options, workers: 1 }), 5);
  await expect(empty.score(new Constant(0))).rejects.toThrow(/a\.png: .*; none of the 2 images can be decoded$/);
  empty.release();
  const refusing = new Evaluator(new DiskImages(gpu, source, { ...options, odd: 'refuse', workers: 1 }), 5);
  await expect(refusing.score(new Constant(0))).rejects.toThrow(ImageDecodeError);
  refusing.release();
});

describe('accuracy', () => {
  const labels = [5, 1, 4, 5, 3, 5, 2, 4, 5, 5, 3, 4, 5, 0, 2, 5, 3, 4, 5, 1, 5, 2, 3, 4, 5];
  const made: { release(): void }[] = [];
  afterAll(() => {
    for (const part of made) part.release();
  });

  it.each([25, 40, 10, 8, 1])('counts each of 25 images once in batches of %i', async (batch) => {
    const data = labeled(labels);
    const evaluator = new Evaluator(data, batch);
    made.push(data, evaluator);
    for (const answer of [0, 1, 2, 3, 4, 5, 6]) {
      const share = labels.filter((label) => label === answer).length / 25;
      expect(await evaluator.accuracy(new Constant(answer))).toBeCloseTo(share, 10);
    }
  });

  it('has with it the mean loss over all images, also where the last batch is smaller', async () => {
    const data = labeled(labels);
    const evaluator = new Evaluator(data, 8);
    made.push(data, evaluator);
    // Logits 1 for one class and 0 for nine: ln(e + 9), less 1 where it is the right one.
    const share = labels.filter((label) => label === 5).length / 25;
    const { accuracy, loss } = await evaluator.score(new Constant(5));
    expect(accuracy).toBeCloseTo(share, 10);
    expect(loss).toBeCloseTo(Math.log(Math.E + 9) - share, 5);
  });

  it('of a few images says what each is taken for, in the order asked for', async () => {
    const data = labeled(labels, [3]);
    const evaluator = new Evaluator(data, 8);
    made.push(data, evaluator);
    const predictions = await evaluator.predict(new Reader(0), [24, 3, 0]);
    expect(predictions.map(({ image, label }) => [image, label])).toEqual([
      [24, 5],
      [3, 6],
      [0, 5],
    ]);
    // One channel of 200 / 255, nine of 0.
    const probability = Math.exp(200 / 255) / (Math.exp(200 / 255) + 9);
    for (const prediction of predictions) expect(prediction.probability).toBeCloseTo(probability, 5);
    expect(
      await evaluator.predict(
        new Reader(0),
        Array.from({ length: 25 }, (_, i) => i),
      ),
    ).toHaveLength(8);
  });

  it('says of each image whether it is told right, in their order', async () => {
    const wrong = [3, 24];
    const data = labeled(labels, wrong);
    const evaluator = new Evaluator(data, 8);
    made.push(data, evaluator);
    expect([...(await evaluator.answers(new Reader(0)))]).toEqual(labels.map((_, i) => (wrong.includes(i) ? 0 : 1)));
    const fives = await evaluator.answers(new Constant(5));
    expect([...fives]).toEqual(labels.map((label) => (label === 5 ? 1 : 0)));
  });

  it('finds the one image that is wrong, wherever it lies, again and again', async () => {
    for (const wrong of [0, 9, 23, 24]) {
      const data = labeled(labels, [wrong]);
      const evaluator = new Evaluator(data, 8);
      for (let again = 0; again < 2; again++) expect(await evaluator.accuracy(new Reader(0))).toBeCloseTo(24 / 25, 10);
      evaluator.release();
      data.release();
    }
  });
});

it('recalibrates on images of the whole set, which may lie class by class', async () => {
  const data = labeled(Array.from({ length: 400 }, (_, i) => Math.floor(i / 40)));
  const seen = async (seed: number): Promise<number[]> => {
    const batches: Tensor[] = [];
    const forward = (x: Tensor): Tensor => {
      const mean = keep(globalAvgPool(x));
      batches.push(mean);
      return mean;
    };
    await recalibrate({ forward }, data, { batch: 10, seed, augment: false });
    const rows: number[] = [];
    for (const batch of batches) {
      const floats = await batch.floats();
      for (let i = 0; i < floats.length; i += 10) rows.push(floats.subarray(i, i + 10).findIndex((value) => value > 0));
      batch.release();
    }
    return rows;
  };
  const first = await seen(1);
  expect(first).toHaveLength(80);
  expect(new Set(first).size).toBe(10);
  expect(await seen(1)).toEqual(first);
  expect(await seen(2)).not.toEqual(first);
  data.release();
});

it('recalibrates on images varied as in training, where it is told to', async () => {
  const data = labeled(Array.from({ length: 40 }, (_, i) => i % 10));
  const meansOf = async (augment: boolean): Promise<Set<number>> => {
    const batches: Tensor[] = [];
    const forward = (x: Tensor): Tensor => {
      batches.push(keep(globalAvgPool(x)));
      return x;
    };
    await recalibrate({ forward }, data, { batch: 10, seed: 1, augment });
    const values = await Promise.all(batches.map((batch) => batch.floats()));
    for (const batch of batches) batch.release();
    return new Set(values.flatMap((batch) => [...batch]).filter((value) => value > 0));
  };
  expect(await meansOf(false)).toEqual(new Set([Math.fround(200 / 255)]));
  // A crop of 2×2 from 10×10 has none, one, two or all four of an image's pixels.
  const parts = [1, 2, 4].map((pixels) => Math.fround(pixels / 4) * Math.fround(200 / 255));
  const varied = await meansOf(true);
  for (const mean of varied) expect(parts.some((part) => Math.abs(part - mean) < 1e-6)).toBe(true);
  expect(varied.size).toBeGreaterThan(1);
  data.release();
});

it.each([true, false])(
  'a guide leaves statistics of images as it trained on them, varied or not (%s)',
  async (noAugment) => {
    const { stage, release } = guideStage({ recipe: { noAugment }, epochs: 1 });
    await runSteps(stage, 0, stage.stepsPerEpoch - 1);
    await stage.step(stage.stepsPerEpoch - 1);
    await stage.endEpoch(0);
    const { network } = stage;
    const left = [...(await network.bufferArena!.values.floats())];
    const data = new DeviceData(gpu, trainImages(32));
    const after = async (augment: boolean): Promise<number[]> => {
      await recalibrate(network, data, { batch: stage.imagesPerStep, seed: 1, augment });
      return [...(await network.bufferArena!.values.floats())];
    };
    expect(await after(!noAugment)).toEqual(left);
    expect(await after(noAugment)).not.toEqual(left);
    data.release();
    release();
  },
);

it('three epochs on 240 drawn images of rows and columns tell others apart', async () => {
  const drawn = drawStandIn({ train: 1200, test: 1000, seed: 5 });
  const bars = (set: ImageSet): ImageSet => {
    const wanted = ['rows', 'columns'].map((name) => set.classes.indexOf(name));
    return quarter(
      set,
      [...set.labels.keys()].filter((i) => wanted.includes(set.labels[i])),
    );
  };
  const sets = { train: bars(drawn.train), test: bars(drawn.test) };
  expect([sets.train.count, sets.test.count]).toEqual([240, 200]);
  const { stage, release } = guideStage({
    sets,
    epochs: 3,
    widths: [8, 16],
    recipe: { lr: 0.05, labelSmoothing: 0, noAugment: true },
  });
  await runSteps(stage, 0, 2 * stage.stepsPerEpoch);
  const first = await stage.read();
  expect(first.nn).toEqual({ loss: 0, correct: 0, steps: 0, badStep: 0 });
  await runSteps(stage, 2 * stage.stepsPerEpoch, 3 * stage.stepsPerEpoch - 1);
  await stage.step(3 * stage.stepsPerEpoch - 1);
  const { nn } = await stage.read();
  expect(nn.steps).toBe(30);
  // Half of the images are of each class, so chance reaches 0.5 with a standard deviation of 0.035.
  expect(nn.correct / 240).toBeGreaterThan(0.7);
  expect((await stage.endEpoch(2)).accuracy).toBeGreaterThan(0.7);
  release();
});
