// A whole job on images that are read from the disk: cut in mid-epoch and gone on with, whatever the number of workers, it leaves the networks of a run that was not cut.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { diskSet } from '../../../src/data/loader/task-images.ts';
import { openImageSource } from '../../../src/data/sources/open-image-source.ts';
import { readNetwork } from '../../../src/train/files/network-file.ts';
import { diskOptions } from '../../../src/train/options/disk-options.ts';
import { InterruptedError } from '../../../src/train/run/job.ts';
import { picture } from '../../data/folder/image-files.ts';
import { put } from '../../data/sources/sets.ts';
import { config, job, newFolder, removeFolders, stopAfter } from '../../support/jobs.ts';

afterAll(removeFolders);

const CONFIG = config({
  optimizer: 'adamw',
  lr: 1e-3,
  decay: 'matrices',
  microBatch: 2,
  arms: ['trained'],
  images: 16,
  testImages: 5,
  mixup: 0.8,
  cutmix: 1,
  erasing: 0.5,
  randAugment: 'rand-m9-mstd0.5-inc1',
  repeats: 2,
  odd: 'skip',
});

/** Sixteen images to train on and five to test with, of two classes, and in each part a file that is no image. */
async function images() {
  const files: Record<string, Buffer | string> = {
    'train/a/broken.png': 'no image',
    'val/b/broken.png': 'no image',
  };
  for (let i = 0; i < 21; i++) {
    const place = i < 16 ? 'train' : 'val';
    const at = (x: number, y: number): [number, number, number] => [(x * 17 + i * 40) & 255, (y * 29) & 255, i * 12];
    files[`${place}/${'ab'[i % 2]}/${i}.png`] = await picture(20 + i, 24, at)
      .png()
      .toBuffer();
  }
  return openImageSource(await put(files, newFolder()), { cache: false });
}

const source = await images();
afterAll(() => source.close());

/** A job on them. */
function diskJob(folder: string, workers: number, stop?: AbortSignal) {
  const set = (part: 'train' | 'test') =>
    diskSet('pictures', source[part]!, source.classes, diskOptions(CONFIG, part, { size: 8, workers }));
  const [train, test] = [set('train'), set('test')];
  return job(
    folder,
    { ...CONFIG, images: train.count, testImages: test.count },
    { train, test, signal: stop, compaction: false },
  );
}

it('says what was left out, keeps how images are read in the networks, and goes on to the same bits', async () => {
  const whole = newFolder();
  const { job: straight, lines } = diskJob(whole, 1);
  const { examples, arms, leftOut, series } = await straight.run();
  expect(examples).toHaveLength(5);
  expect(examples[0].pixels).toHaveLength(8 * 8 * 3);
  expect(lines.join('')).toMatch(/data: left out .*broken\.png: .*\n/);
  // Of six test images five count.
  expect(leftOut).toBe(1);
  expect(arms[0].note).toContain('1 of the test images cannot be decoded and counts nowhere');
  expect(lines.join('')).toContain('data: 1 of the test images cannot be decoded and counts nowhere');
  expect(5 * arms[0].accuracy).toBeCloseTo(Math.round(5 * arms[0].accuracy), 9);
  expect(series.findLast(({ phase, level }) => phase === 'guide' && level === 'epoch')!.leftOut).toBe(1);
  expect(lines.join('')).toMatch(/(steps wait|loader waits) \d+ %/);
  const file = (folder: string): string => join(folder, 'trained-AN.safetensors');
  expect(readNetwork(file(whole))).toMatchObject({ resize: 9, interpolation: 'bicubic', classes: ['a', 'b'] });

  // Of the search's three steps the second, and of the guide's steps one within its only epoch.
  const cut = newFolder();
  for (const [steps, workers] of [
    [2, 2],
    [3, 1],
  ])
    await expect(diskJob(cut, workers, stopAfter(steps)).job.run({ resume: true })).rejects.toThrow(InterruptedError);
  await diskJob(cut, 2).job.run({ resume: true });
  expect(readFileSync(file(cut)).equals(readFileSync(file(whole)))).toBe(true);
}, 180_000);
