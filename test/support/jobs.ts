// Whole jobs on a handful of drawn images, in folders that go when the tests are over.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawStandIn } from '../../src/data/synthetic/stand-in.ts';
import { configure, type JobConfig } from '../../src/train/config.ts';
import { Job, type JobOptions } from '../../src/train/run/job.ts';
import { Progress } from '../../src/train/run/progress.ts';
import { gpu } from './gpu.ts';

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'astrogpu-'));
  folders.push(folder);
  return folder;
}

/** For afterAll. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The smallest registered model on 16 images, by the paper's readings: three search steps, and four guide steps an arm. */
export const config = (change: Partial<JobConfig> = {}): JobConfig => ({
  ...configure({ recipe: 'paper' }, { software: true, available: { train: 16, test: 10 } }),
  evaluateEvery: 1,
  batch: 4,
  lr: 0.05,
  warmup: 0,
  gate: 'filter',
  g: 'avg',
  T: 1,
  heldOut: 0.25,
  epochs: 1,
  guideEvery: 2,
  settle: 0.5,
  arms: ['plain', 'random', 'trained'],
  ...change,
});

/** What the plain network alone needs. */
export const plainConfig = (change: Partial<JobConfig> = {}): JobConfig =>
  config({ phase: ['guide'], arms: ['plain'], ...change });

/** A job in a folder; `lines` gathers what its display says. */
export function job(folder: string, of: JobConfig, options: Partial<JobOptions> = {}): { job: Job; lines: string[] } {
  const lines: string[] = [];
  const sets = drawStandIn({ train: of.images, test: of.testImages, seed: 9 });
  const stream = { write: (text: string) => lines.push(text) };
  const progress = new Progress({ stream, every: 0 });
  return { job: new Job({ gpu, config: of, ...sets, folder, progress, checkpointEvery: 1e6, ...options }), lines };
}

/** A signal that says stop when it is asked for the `steps`th time: the job asks once a step. */
export function stopAfter(steps: number): AbortSignal {
  let asked = 0;
  return {
    get aborted() {
      return ++asked >= steps;
    },
  } as AbortSignal;
}
