// A detector's training as a whole, small: steps in steady state, resumption to the same bits, several padded sizes within a budget, and what stops it.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configureDetector, type DetectorConfig, QUICK } from '../../../src/detect/train/config.ts';
import { type DetectorRun, openDetectorRun } from '../../../src/detect/train/open.ts';
import type { DetectorGiven } from '../../../src/detect/train/options.ts';
import { DetectorTrainer } from '../../../src/detect/train/trainer.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { Progress } from '../../../src/train/run/progress.ts';
import { readMetrics } from '../../../src/train/run/run-folder.ts';
import { NonFiniteLossError } from '../../../src/train/stages/diagnose.ts';
import { calls } from '../../support/calls.ts';
import { drawCoco } from '../../support/drawn-coco.ts';
import { gpu } from '../../support/gpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-'));
const data = join(folder, 'coco');
beforeAll(async () => void (await drawCoco(data)));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL: DetectorGiven = {
  ...QUICK,
  ...{ width: 1 / 16, channels: 16, towers: 1, maskChannels: 8, short: [64], long: 64, pad: 64 },
  ...{ iterations: 3, batch: 4, microBatch: 2, perImage: 8, warmup: 1, pairwiseWarmup: 2 },
};
const configOf = (given: DetectorGiven = {}): DetectorConfig => configureDetector({ ...SMALL, data, ...given });

const open = (config: DetectorConfig, programBudget = 2 ** 30): Promise<DetectorRun> =>
  openDetectorRun({ gpu, config, data: config.data!, workers: 1, programBudget, log: () => {} });

const progress = () => new Progress({ stream: { write: () => {} } });

/** Of all values by their names: what lies between tensors in an arena is nobody's. */
async function digest({ detector }: DetectorRun): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, { data }] of await stateDict(detector))
    hash.update(name).update(new Uint8Array(data.slice().buffer));
  return hash.digest('hex');
}

/** Runs a job in a folder to its end. */
async function train(
  path: string,
  {
    resume = false,
    config = configOf(),
    signal,
  }: { resume?: boolean; config?: DetectorConfig; signal?: AbortSignal } = {},
) {
  mkdirSync(path, { recursive: true });
  const run = await open(config);
  const job = run.job({ folder: path, progress: progress(), checkpointEvery: 0, logEvery: 1, signal });
  try {
    const result = await job.run({ resume });
    return { ...result, digest: await digest(run), rows: readMetrics(join(path, 'metrics.jsonl')) };
  } finally {
    job.release();
    run.release();
  }
}

/** A signal that comes while the network is measured. */
function whileMeasured(): AbortSignal {
  const signal = {
    aborted: false,
    throwIfAborted: () => {
      signal.aborted = true;
      throw new Error('stopped');
    },
  };
  return signal as unknown as AbortSignal;
}

it('gives the same bits when it is resumed, also from its last evaluation, and the same rows', async () => {
  const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')];
  const first = await train(whole);
  const [second] = readdirSync(whole).filter((name) => name.startsWith('checkpoint'));
  expect(second).toBe('checkpoint-000000002.safetensors');
  mkdirSync(cut);
  for (const name of [second, 'metrics.jsonl']) cpSync(join(whole, name), join(cut, name));
  await expect(train(cut, { resume: true, signal: whileMeasured() })).rejects.toThrow(
    'interrupted and saved after iteration 3 of 3',
  );
  const again = await train(cut, { resume: true });
  expect(again.digest).toBe(first.digest);
  const losses = ({ rows }: typeof first) =>
    rows.map(({ step, loss, projection, pairwise, lr }) => ({ step, loss, projection, pairwise, lr }));
  expect(losses(again)).toEqual(losses(first));
  expect(first.rows.map(({ level }) => level)).toEqual(['step', 'step', 'step', 'epoch']);
  expect(again.evaluations).toEqual(first.evaluations);
});

it('makes a step of several micro-batches in one submit, allocates nothing and reads nothing back', async () => {
  const config = configOf();
  const run = await open(config);
  const trainer = new DetectorTrainer({ gpu, config, model: run.detector, feed: run.feed, programBudget: 2 ** 30 });
  await trainer.step();
  await trainer.step();
  const { writeBuffer, ...others } = await calls(async () => {
    for (let i = 0; i < 3; i++) await trainer.step();
  });
  expect(others).toMatchObject({
    submit: 3,
    createBuffer: 0,
    createBindGroup: 0,
    createComputePipeline: 0,
    mapAsync: 0,
  });
  // What comes from the disk.
  expect(writeBuffer).toBeLessThanOrEqual(6 * 5);
  await gpu.idle();
  trainer.release();
  run.release();
});

it('names the loss that is not finite, and its iteration', async () => {
  const run = await open(configOf());
  const job = run.job({ folder, progress: progress(), checkpointEvery: 1e6, logEvery: 1 });
  run.detector.arena.tensors.get('fcos_head.cls_logits.bias')!.set(new Float32Array(2).fill(Number.NaN));
  const failed = await job.run().catch((error) => error);
  expect(failed).toBeInstanceOf(NonFiniteLossError);
  expect(failed.message).toMatch(/the classification loss.* not finite at iteration 1; try a lower lr/);
  job.release();
  run.release();
});
