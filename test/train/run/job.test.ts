// The whole job in one process: its table, its display, interruptions at any step, and memory, which it gives back to the last byte.
import { readdirSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/io/safetensors.ts';
import { eventFiles } from '../../../src/io/tensorboard/event-file.ts';
import { pairedShares } from '../../../src/report/tables/paired.ts';
import type { ImageCost } from '../../../src/report/types.ts';
import { readNetwork } from '../../../src/train/files/network-file.ts';
import { armFile } from '../../../src/train/run/arm-result.ts';
import { InterruptedError, type JobResult } from '../../../src/train/run/job.ts';
import { tensorboardPath } from '../../../src/train/run/metrics-log.ts';
import { metricsPath, newestCheckpoints, readMetrics } from '../../../src/train/run/run-folder.ts';
import type { Stage } from '../../../src/train/stages/stage.ts';
import { decodeEventFile } from '../../io/tensorboard/decode.ts';
import { gpu } from '../../support/gpu.ts';
import { config, job, newFolder, plainConfig, removeFolders, stopAfter } from '../../support/jobs.ts';
import { products } from '../../support/products.ts';
import { guideStage, type MadeStage, runSteps, searchStage } from '../../support/training.ts';

afterAll(removeFolders);

describe('a search and all arms', () => {
  const straight = newFolder();
  const before = gpu.memory.stats().current;
  const of = config({ arms: ['plain', 'random', 'trained', 'narrow'] });
  let result: JobResult;
  let lines: string[];

  it('end with rows of the same number of updates, and release all memory', async () => {
    const made = job(straight, of, { checkpointEvery: 0 });
    lines = made.lines;
    result = await made.job.run();
    expect(result.arms.map(({ arm, updates }) => [arm, updates])).toEqual([
      ['plain NN', 4],
      ['random AN', 4],
      ['trained AN', 4],
      ['narrower NN', 4],
    ]);
    const [plain, random, trained, narrow] = result.arms;
    expect(plain.parametersKept).toBe(plain.parametersTotal);
    for (const arm of [random, trained]) {
      expect(arm.parametersKept).toBeLessThan(arm.parametersTotal);
      const { before, after, accuracy } = arm.compact as { before: ImageCost; after: ImageCost; accuracy: number };
      expect(before.parameters).toBe(arm.parametersTotal);
      expect(after.parameters).toBeGreaterThanOrEqual(arm.parametersStructural);
      expect(after.flops).toBeLessThan(before.flops);
      expect(accuracy).toBe(arm.accuracy);
    }
    expect(result.arms.map(({ gate }) => gate)).toEqual([undefined, 'filter', 'filter', undefined]);
    // As large as fits into what gates of filters leave; a channel more in any layer would not.
    expect(trained.parametersStructural).toBeLessThan(trained.parametersKept);
    expect(narrow.parametersTotal).toBeLessThanOrEqual(trained.parametersStructural);
    expect(narrow.parametersTotal).toBeGreaterThan(0.9 * trained.parametersStructural);
    for (const arm of [plain, narrow]) expect(arm.compact).toBeUndefined();
    expect(result.arms.map(({ role }) => role)).toEqual(of.arms);
    // Against no answer at all, a share is the accuracy.
    for (const { answers, accuracy } of result.arms)
      expect(pairedShares(answers!, '', of.testImages).difference).toBeCloseTo(accuracy, 10);
    expect(gpu.memory.stats().current).toBe(before);
  });

  it('leave networks, gates and the astrocyte by name', () => {
    expect(Object.keys(products(straight)).sort()).toEqual([
      'astrocyte.safetensors',
      'metrics.jsonl',
      'narrower-NN.safetensors',
      'plain-NN.safetensors',
      'random-AN-compact.safetensors',
      'random-AN-folded.safetensors',
      'random-AN.safetensors',
      'trained-AN-compact.safetensors',
      'trained-AN-folded.safetensors',
      'trained-AN.safetensors',
    ]);
    expect(result.gateMaps.map(({ layer }) => layer)).toContain('layer2.0.downsample.0');
    expect(result.regulation.map(({ arm, label }) => `${arm}: ${label}`)).toEqual([
      'trained AN, search: epoch 1',
      'random AN, guide: epoch 1',
      'trained AN, guide: epoch 1',
    ]);
  });

  it('show every step once, and at an epoch its speed and whose accuracy it is', () => {
    expect(lines.map((line) => /step (\d\/\d)/.exec(line)![1])).toEqual([
      ...['1/3', '2/3', '3/3'],
      ...Array.from({ length: 4 }, () => ['1/4', '2/4', '3/4', '4/4']).flat(),
    ]);
    expect(lines[2]).toMatch(
      / [1-9][\d.]* images\/s .* AN loss .* {2}train accuracy \S+ % {2}held-out accuracy \S+ % /,
    );
    expect(lines[6]).toMatch(/^plain NN .* [1-9][\d.]* images\/s .* {2}train accuracy \S+ % {2}test accuracy \S+ % /);
    expect(lines.at(-1)).toMatch(/ 0\.0 s left\n$/);
  });

  it('stopped five times and resumed, end with the same bytes, metrics included', async () => {
    const cut = newFolder();
    const said: string[] = [];
    for (const steps of [2, 3, 4, 2, 2]) {
      const error = await job(cut, of, { signal: stopAfter(steps) })
        .job.run({ resume: said.length > 0 })
        .catch((error) => error);
      expect(error).toBeInstanceOf(InterruptedError);
      said.push(error.message.replace('interrupted and saved after step ', ''));
    }
    expect(said).toEqual([
      '2 of the search phase (trained AN)',
      '2 of the guide phase (plain NN)',
      '2 of the guide phase (random AN)',
      '1 of the guide phase (trained AN)',
      '3 of the guide phase (trained AN)',
    ]);
    await job(cut, of).job.run({ resume: true });
    expect(products(cut)).toEqual(products(straight));
    expect(gpu.memory.stats().current).toBe(before);
  });

  it('pass over a checkpoint that cannot be read, say so, and end with the same bytes from the one before it', async () => {
    const cut = newFolder();
    const stopped = job(cut, of, { signal: stopAfter(6), checkpointEvery: 0 });
    await expect(stopped.job.run()).rejects.toThrow(InterruptedError);
    const [newest, before] = newestCheckpoints(cut);
    truncateSync(newest, 1000);
    const { job: resumed, lines } = job(cut, of);
    await resumed.run({ resume: true });
    const name = basename(newest);
    expect(lines[0].replaceAll(cut, '')).toMatch(
      new RegExp(
        `^Checkpoint /${name}: .* The run goes on from the one before it, ${basename(before)}; this one is kept as ${name}\\.unreadable\\n$`,
      ),
    );
    expect(products(cut)).toEqual(products(straight));
  });

  it('resumed once more when all is done, give the same result without a step', async () => {
    const again = await job(straight, of).job.run({ resume: true });
    expect(again).toEqual(result);
  });
});

it('the paper’s arm has a search, an astrocyte and gates of its own, also where it was stopped', async () => {
  const own = { recipe: 'astrogpu', gated: 'inner', keep: 0.5, shift: 2, an: 'axial' } as const;
  const of = config({ ...own, arms: ['paper', 'magnitude', 'trained'], epochs: 1 });
  const [straight, cut] = [newFolder(), newFolder()];
  const { arms } = await job(straight, of, { compaction: false }).job.run();
  expect(arms.map(({ arm, role }) => `${arm}: ${role}`)).toEqual([
    'paper AN: paper',
    'largest weights: magnitude',
    'trained AN: trained',
  ]);
  const gated = (arm: string) => [...readNetwork(armFile(straight, arm)).gates!.maps.keys()];
  expect(gated('paper AN')).toContain('conv1');
  expect(gated('trained AN')).not.toContain('conv1');
  expect(gated('largest weights')).toEqual(gated('trained AN'));
  const made = products(straight);
  const networks = ['paper-astrocyte', 'astrocyte'].map(
    (name) => readSafetensors(join(straight, `${name}.safetensors`)).metadata.network,
  );
  expect(networks).toEqual(['unet', 'axial']);
  // In the middle of the paper arm's guide, behind both searches.
  await expect(job(cut, of, { compaction: false, signal: stopAfter(8) }).job.run()).rejects.toThrow(InterruptedError);
  await job(cut, of, { compaction: false }).job.run({ resume: true });
  expect(products(cut)).toEqual(made);
});

it.skipIf(!gpu.capabilities.f16)('in f16, search and arms, stopped and resumed, end with the same bytes', async () => {
  const before = gpu.memory.stats().current;
  const of = config({ precision: 'f16', arms: ['plain', 'trained'] });
  const [straight, cut] = [newFolder(), newFolder()];
  await job(straight, of).job.run();
  for (const steps of [2, 3]) {
    const { job: stopped } = job(cut, of, { signal: stopAfter(steps) });
    await expect(stopped.run({ resume: steps > 2 })).rejects.toThrow(InterruptedError);
  }
  await job(cut, of).job.run({ resume: true });
  expect(products(cut)).toEqual(products(straight));
  expect(gpu.memory.stats().current).toBe(before);
});

describe('metrics', () => {
  const of = config({ arms: ['plain', 'trained'], epochs: 2 });
  const options = { logEvery: 2, tensorboard: true };
  const [straight, cut] = [newFolder(), newFolder()];
  const rows = (folder: string) => readMetrics(metricsPath(folder));

  it('have rows by step and by epoch, with rates, speed and time', async () => {
    await job(straight, of, options).job.run();
    const guide = rows(straight).filter(({ arm, phase }) => phase === 'guide' && arm === 'trained AN');
    expect(guide.map(({ level, step, epoch }) => [level, step, epoch])).toEqual([
      ['step', 2, 0.5],
      ['step', 4, 1],
      ['epoch', 4, 1],
      ['step', 6, 1.5],
      ['step', 8, 2],
      ['epoch', 8, 2],
    ]);
    for (const row of guide) {
      for (const name of ['loss', 'trainAccuracy', 'lr', 'imagesPerSecond', 'seconds'])
        expect(row[name], name).toBeTypeOf('number');
      expect(Date.parse(row.time!)).toBeGreaterThan(Date.now() - 600_000);
      for (const name of ['accuracy', 'evalLoss', 'gateMean', 'sparsity', 'e1'])
        expect(typeof row[name], name).toBe(row.level === 'epoch' ? 'number' : 'undefined');
    }
    const [first, second, epoch] = guide;
    expect((first.loss! + second.loss!) / 2).toBeCloseTo(epoch.loss!, 5);
    expect((first.trainAccuracy! + second.trainAccuracy!) / 2).toBeCloseTo(epoch.trainAccuracy!, 10);
    // A cosine from 0.05 without warm-up, as update 2 and update 8 of 8 have it.
    expect(first.lr).toBeCloseTo((0.05 * (1 + Math.cos(Math.PI / 8))) / 2, 8);
    expect(guide.at(-1)!.lr).toBeCloseTo((0.05 * (1 + Math.cos((7 * Math.PI) / 8))) / 2, 8);
    expect(rows(straight)[0]).toMatchObject({ phase: 'search', anLr: of.anLr });
  });

  it('of a run that was stopped between two rows are those of one that was not, and so are its events', async () => {
    for (const steps of [2, 3, 3, 4]) {
      const { job: stopped } = job(cut, of, { ...options, signal: stopAfter(steps) });
      await expect(stopped.run({ resume: rows(cut).length > 0 || steps > 2 })).rejects.toThrow(InterruptedError);
    }
    await job(cut, of, options).job.run({ resume: true });
    expect(products(cut)).toEqual(products(straight));
    expect(events(cut)).toEqual(events(straight));
  });

  it('go into event files from the beginning where only the resumed run is told to write them', async () => {
    const late = newFolder();
    await expect(job(late, of, { logEvery: 2, signal: stopAfter(9) }).job.run()).rejects.toThrow(InterruptedError);
    await job(late, of, options).job.run({ resume: true });
    const scalars = (folder: string) => events(folder)['guide-plain-NN'].filter(([, tag]) => tag !== 'gates');
    expect(scalars(late)).toEqual(scalars(straight));
  });

  /** Step, tag and value of all events of each phase, but for what a clock said. */
  function events(folder: string): Record<string, [number, string, unknown][]> {
    const root = tensorboardPath(folder);
    return Object.fromEntries(
      readdirSync(root).map((name) => {
        const lines = eventFiles(join(root, name)).flatMap((file) => decodeEventFile(join(root, name, file)));
        const values = lines.flatMap(({ step, scalars, histograms }) =>
          Object.entries({ ...scalars, ...histograms }).map(([tag, value]): [number, string, unknown] => [
            step,
            tag,
            value,
          ]),
        );
        return [name, values.filter(([, tag]) => !tag.startsWith('speed/'))];
      }),
    );
  }

  it('name curves by what they are of', () => {
    expect(Object.keys(events(straight)).sort()).toEqual(['guide-plain-NN', 'guide-trained-AN', 'search-trained-AN']);
    const tags = (name: string) => [...new Set(events(straight)[name].map(([, tag]) => tag))].sort();
    expect(tags('guide-plain-NN')).toEqual([
      'accuracy/evaluation',
      'accuracy/training',
      'learning_rate/network',
      'loss/evaluation',
      'loss/training',
    ]);
    expect(tags('search-trained-AN')).toEqual([
      'accuracy/evaluation',
      'accuracy/training',
      'gates',
      'gates/mean',
      'gates/sparsity',
      'learning_rate/astrocyte',
      'learning_rate/network',
      'loss/astrocyte',
      'loss/evaluation',
      'loss/training',
      'regulation/e1',
    ]);
  });
});

it('an arm without an astrocyte keeps its largest weights, by the same fall and budget, also when it is resumed', async () => {
  const before = gpu.memory.stats().current;
  const of = config({
    ...{ phase: ['guide'], arms: ['random', 'magnitude'], gate: 'filter', fall: 0.25, ranking: 'strength' },
    ...{ settle: 0.25, targetParams: 0.6, width: 0.5 },
  });
  const [straight, cut] = [newFolder(), newFolder()];
  const options = { compaction: false };
  const { arms, regulation } = await job(straight, of, options).job.run();
  for (const { parametersStructural, parametersTotal } of arms) {
    expect(parametersStructural).toBeLessThanOrEqual(0.6 * parametersTotal);
    expect(parametersStructural).toBeGreaterThan(0.55 * parametersTotal);
  }
  expect(arms.map(({ arm, role }) => [arm, role])).toEqual([
    ['random AN', 'random'],
    ['largest weights', 'magnitude'],
  ]);
  expect(regulation.map(({ arm }) => arm)).toEqual(['random AN, guide']);
  const { job: stopped } = job(cut, of, { ...options, signal: stopAfter(7) });
  await expect(stopped.run()).rejects.toThrow('after step 3 of the guide phase (largest weights)');
  await job(cut, of, options).job.run({ resume: true });
  expect(products(cut)).toEqual(products(straight));
  expect(gpu.memory.stats().current).toBe(before);
});

it('a signal that comes at the very last step lets the job end', async () => {
  const { arms } = await job(newFolder(), plainConfig(), { signal: stopAfter(4) }).job.run();
  expect(arms).toHaveLength(1);
});

describe('memory stays the same from epoch to epoch', () => {
  it.each<[string, () => MadeStage<Stage>]>([
    ['guide', () => guideStage({ regulated: true, images: 16, epochs: 6, settle: 0.8, evaluateEvery: 1 })],
    ['search', () => searchStage({ images: 12, searchEpochs: 6, recipe: { batch: 4 } })],
  ])('%s', async (_, make) => {
    const empty = gpu.memory.stats().current;
    const { stage, release } = make();
    const after = async (epoch: number, from: number): Promise<{ current: number; reserved: number }> => {
      await runSteps(stage, from * stage.stepsPerEpoch, epoch * stage.stepsPerEpoch);
      const { current, reserved } = gpu.memory.stats();
      return { current, reserved };
    };
    const second = await after(2, 0);
    expect(await after(5, 2)).toEqual(second);
    release();
    expect(gpu.memory.stats().current).toBe(empty);
  });
});

it('evaluates every so many epochs and after the last, and trains the same', async () => {
  const [each, second] = [1, 2].map((evaluateEvery) => ({
    folder: newFolder(),
    of: plainConfig({ epochs: 3, evaluateEvery }),
  }));
  const results = [];
  for (const { folder, of } of [each, second]) results.push(await job(folder, of).job.run());
  const evaluated = readMetrics(metricsPath(second.folder)).filter(({ accuracy }) => accuracy !== undefined);
  expect(evaluated.map(({ epoch }) => epoch)).toEqual([2, 3]);
  expect(results[1].arms[0].accuracy).toBe(results[0].arms[0].accuracy);
  const network = ({ folder }: typeof each) => products(folder)['plain-NN.safetensors'];
  expect(network(second)).toEqual(network(each));
});
