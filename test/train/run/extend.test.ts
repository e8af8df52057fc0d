// A finished run that is resumed with more epochs: each arm goes on with its own network under its own gates, to the same bits however often it was stopped.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cosine, warmUp } from '../../../src/nn/optim/schedule.ts';
import { readNetwork } from '../../../src/train/files/network-file.ts';
import { InterruptedError, type JobResult } from '../../../src/train/run/job.ts';
import { metricsPath, readMetrics } from '../../../src/train/run/run-folder.ts';
import { gpu } from '../../support/gpu.ts';
import { config, job, newFolder, removeFolders, stopAfter } from '../../support/jobs.ts';
import { memoryHeld } from '../../support/memory.ts';

const of = config({ phase: ['guide'], arms: ['plain', 'random', 'narrow'], epochs: 2, warmup: 0.25 });
const FILES = ['plain-NN', 'random-AN', 'narrower-NN'];
const finished = newFolder();
const folder = newFolder();
let first: JobResult;
let result: JobResult;
let lines: string[];

beforeAll(async () => {
  first = await job(finished, of).job.run();
  cpSync(finished, folder, { recursive: true });
  const before = await memoryHeld();
  const made = job(folder, of);
  lines = made.lines;
  result = await made.job.run({ resume: true, epochs: 5 });
  expect(gpu.memory.stats().current).toBe(before);
});
afterAll(removeFolders);

it('each arm goes on from its network, and its row of the table counts all updates', () => {
  expect([first.epochs, result.epochs]).toEqual([2, 5]);
  expect(result.arms.map(({ arm, updates }) => [arm, updates])).toEqual(
    first.arms.map(({ arm, updates }) => [arm, (updates * 5) / 2]),
  );
  for (const [i, { parametersTotal, parametersKept, seconds }] of result.arms.entries()) {
    expect([parametersTotal, parametersKept]).toEqual([first.arms[i].parametersTotal, first.arms[i].parametersKept]);
    expect(seconds).toBeGreaterThan(first.arms[i].seconds);
  }
  for (const name of FILES) {
    const [before, after] = [finished, folder].map((dir) => readNetwork(join(dir, `${name}.safetensors`)));
    expect(after.graph).toEqual(before.graph);
    expect(after.gates).toEqual(before.gates);
    expect(after.dict.get('fc.weight')!.data).not.toEqual(before.dict.get('fc.weight')!.data);
  }
  expect(lines.join('')).toMatch(/^extended from 2 to 5 epochs: the learning rate is that of a run of 5 epochs/);
});

it('learns at the rates of a run of that many epochs, from where that is', () => {
  const rates = warmUp(cosine(20 - 20 * of.warmup, of.lr), 20 * of.warmup);
  const rows = readMetrics(metricsPath(folder)).filter(({ level, arm }) => level === 'epoch' && arm === 'random AN');
  expect(rows.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
  expect(rows.slice(2).map(({ lr }) => lr)).toEqual([rates[11], rates[15], rates[19]]);
});

it('stopped after every few steps it ends with the same bytes, also when the option is given again', async () => {
  const cut = newFolder();
  cpSync(finished, cut, { recursive: true });
  let stops = 0;
  for (;;) {
    const ended = await job(cut, of, { signal: stopAfter(5) })
      .job.run({ resume: true, ...(stops < 2 && { epochs: 5 }) })
      .catch((error) => error);
    if (!(ended instanceof InterruptedError)) break;
    stops++;
  }
  expect(stops).toBeGreaterThan(3);
  const digest = (dir: string, name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(dir, `${name}.safetensors`)))
      .digest('hex');
  for (const name of FILES) expect(digest(cut, name)).toBe(digest(folder, name));
});

it('can be done again, with more epochs only, and not before the run is finished', async () => {
  for (const epochs of [2, 1])
    await expect(job(finished, of).job.run({ resume: true, epochs })).rejects.toThrow(
      /this run has 2 epochs; name more than that, in all$/,
    );
  const half = newFolder();
  const signal = { aborted: true } as AbortSignal;
  await job(half, of, { signal })
    .job.run()
    .catch(() => {});
  await expect(job(half, of).job.run({ resume: true, epochs: 9 })).rejects.toThrow(/this run is not finished/);
  const again = await job(folder, of).job.run({ resume: true, epochs: 6 });
  expect(again.arms.map(({ updates }) => updates)).toEqual([24, 24, 24]);
});
