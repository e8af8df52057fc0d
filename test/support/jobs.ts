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

/** The smallest registered model on 16 images: three search steps, and four guide steps an arm. What is not said here is a default of the table. */
export const config = (change: Partial<JobConfig> = {}): JobConfig => ({
  ...configure({}, { software: true, available: { train: 16, test: 10 } }),
  model: 'resnet-small',
  width: 1,
  precision: 'f32',
  seed: 1,
  images: 16,
  testImages: 10,
  loss: 'cross-entropy',
  batch: 4,
  lr: 0.05,
  warmup: 0,
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0,
  noAugment: false,
  an: 'unet',
  gate: 'filter',
  noGate: [],
  g: 'avg',
  input: 'weights',
  absolute: false,
  logitSkipScale: 0,
  u: 'sigmoid',
  shift: 0,
  T: 1,
  mode: 'replace',
  norm: 'mean',
  searchEpochs: 1,
  heldOut: 0.25,
  anLr: 1e-3,
  lambda: 1e-3,
  sparsityWeight: 0,
  alternate: 'iteration',
  updates: 'each',
  backpropThroughGates: false,
  epochs: 1,
  guideEvery: 2,
  settle: 0.5,
  phase: ['search', 'guide'],
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
