// What a run leaves: checkpoint, configuration, metrics, kernel choices, result and lock.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readOutcome } from '../../../bench/common/runs/outcome.ts';
import { readSaved } from '../../../src/cli/train/saved.ts';
import { checked } from '../../../src/gpu/checked.ts';
import { choicesOf } from '../../../src/gpu/tune/table-file.ts';
import { readTuningTable } from '../../../src/gpu/tune/tuning-tables.ts';
import { CheckpointError, writeSafetensors } from '../../../src/io/safetensors.ts';
import { readCheckpoint } from '../../../src/train/run/checkpoint.ts';
import { lockFolder } from '../../../src/train/run/folder-lock.ts';
import { JOB_STATE } from '../../../src/train/run/job-state.ts';
import { readMetrics, truncateMetrics } from '../../../src/train/run/run-folder.ts';
import { config } from '../../support/jobs.ts';
import { changed, damaged } from '../mutate.ts';
import { floats } from './networks.ts';
import { jsonReader, put, type Reader } from './reader.ts';

const of = { ...config(), data: '/pictures' };
const state = {
  stage: 1,
  step: 3,
  steps: 9,
  seconds: 1.5,
  arms: [
    {
      arm: 'plain NN',
      accuracy: 0.5,
      parametersTotal: 9,
      parametersKept: 9,
      parametersStructural: 9,
      updates: 4,
      seconds: 1,
    },
  ],
  regulation: [{ arm: 'trained AN, search', e: [0.1, 0.2], label: 'epoch 1' }],
  logged: { nn: { loss: 1, correct: 2, steps: 3, badStep: 0 } },
};

const checkpointReader: Reader = {
  name: 'checkpoint',
  write(folder, random) {
    const path = join(folder, 'checkpoint-000000009.safetensors');
    const metadata = {
      format: 'astrogpu checkpoint 1',
      config: JSON.stringify(of),
      progress: JSON.stringify(random() < 0.7 ? changed(random, state) : state) ?? '',
    };
    writeSafetensors(path, new Map([['nn.fc.bias', floats([3])]]), metadata);
    const bytes = readFileSync(path);
    return random() < 0.3 ? put(path, damaged(random, bytes, [bytes])) : bytes.length;
  },
  read(folder) {
    const path = join(folder, 'checkpoint-000000009.safetensors');
    return checked(JOB_STATE, readCheckpoint(path, of).progress, (reason) => new CheckpointError(path, reason));
  },
};

const saved = {
  config: of,
  command: 'npx astrogpu train',
  adapter: 'llvmpipe',
  standIn: false,
  folder: { size: 32, classes: ['a', 'b'], train: 16, test: 10 },
  date: '2026-11-28T00:00:00.000Z',
};
const choices = { key: { 'conv2d 1': { name: 'tiled', ms: { tiled: 1, plain: 2.5 } } } };
const table = { adapter: 'key', measured: [{ on: 'key', command: 'tune', date: 'today' }], choices: choices.key };
const finished = { config: of, arm: state.arms[0], e: { search: [0.1, null] }, seconds: 3, date: 'today' };
const rows = [
  {
    level: 'step',
    arm: 'plain NN',
    phase: 'guide',
    epoch: 0.5,
    step: 2,
    loss: 2.3,
    lr: 0.1,
    time: '2026-11-28T00:00:00Z',
  },
  { level: 'epoch', arm: 'plain NN', phase: 'guide', epoch: 1, step: 4, loss: 2.1, accuracy: 0.2, seconds: 1, e1: 0.5 },
];

const metricsReader: Reader = {
  name: 'metrics.jsonl',
  write(folder, random) {
    const lines = rows.map((row) => JSON.stringify(random() < 0.4 ? changed(random, row) : row) ?? '');
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    return put(join(folder, 'metrics.jsonl'), random() < 0.5 ? damaged(random, bytes, [bytes]) : bytes);
  },
  read(folder) {
    const path = join(folder, 'metrics.jsonl');
    readMetrics(path);
    return truncateMetrics(path, (row) => row.epoch <= 1);
  },
};

export const runReaders: Reader[] = [
  checkpointReader,
  jsonReader('config.json', 'config.json', [saved], (path) => readSaved({ resume: join(path, '..') })),
  metricsReader,
  jsonReader('kernel choices', 'tuning.json', [choices], (path) => choicesOf(path, readFileSync(path, 'utf8'))),
  jsonReader('tuning table', 'table.json', [table], readTuningTable),
  jsonReader('result of a run', 'result.json', [finished, { failed: 'a loss' }], (path) =>
    readOutcome(join(path, '..')),
  ),
];

export const lockReader: Reader = jsonReader(
  'run.lock',
  'run.lock',
  [
    { pid: 4194999, host: hostname(), began: 'boot 7' },
    { pid: 1, host: 'elsewhere' },
  ],
  (path) => lockFolder(join(path, '..'), 'resume')(),
);
