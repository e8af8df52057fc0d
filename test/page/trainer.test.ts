// The page's trainer on drawn images: what it tells while it trains, that pausing leaves no trace, and that it computes what the library's own job does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settings } from '../../page/protocol.ts';
import { configOf } from '../../page/worker/settings.ts';
import { drawStandIn } from '../../src/data/synthetic/stand-in.ts';
import { metricsPath, readMetrics } from '../../src/train/run/run-folder.ts';
import { gpu } from '../support/gpu.ts';
import { job, newFolder, removeFolders } from '../support/jobs.ts';
import { DRAWN, EPOCHS, lossesOf, settings, testTrainer } from './trainers.ts';

const trainer = testTrainer();
const { call, events } = trainer;
afterAll(() => trainer.close());
afterAll(removeFolders);

async function train(of: Settings) {
  events.length = 0;
  const ends = trainer.state('done');
  const started = await call('start', of);
  await ends;
  return { started, losses: lossesOf(events) };
}

it('says what there is before anything is trained', async () => {
  await expect(call('start', settings())).rejects.toThrow('there are no images to train on: choose some first');
  await expect(call('data', DRAWN)).resolves.toMatchObject({ train: 24, test: 16, height: 32, width: 32, leftOut: [] });
  await expect(call('start', settings())).rejects.toThrow(
    'there is no GPU to work on: reload the page to look for one',
  );
  const { adapter, choices, defaults } = await call('open');
  expect(adapter?.description).toBe(gpu.adapter.description);
  for (const of of Object.values(defaults)) {
    expect(() => configOf(of, { software: adapter!.software, available: { train: 9, test: 9 } })).not.toThrow();
    expect(choices.models).toContain(of.model);
    expect(choices.astrocytes).toContain(of.an);
  }
});

it('shows images as they are', async () => {
  const { samples, labels, classes } = await call('data', DRAWN);
  const { images, labels: own } = drawStandIn(DRAWN).train;
  expect(samples.pixels).toHaveLength(samples.count * 32 * 32 * 4);
  const size = 32 * 32 * 3;
  const among = (picture: number): number[] =>
    [...own.keys()].filter((at) =>
      [0, 500, 1023].every((p) =>
        [0, 1, 2].every((c) => images[at * size + p * 3 + c] === samples.pixels[(picture * 1024 + p) * 4 + c]),
      ),
    );
  for (const [picture, label] of labels.entries()) {
    expect(among(picture).map((at) => own[at])).toContain(label);
    expect(samples.pixels[picture * 4096 + 3]).toBe(255);
  }
  expect(classes).toHaveLength(10);
});

describe('a training', () => {
  let straight: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    straight = await train(settings());
  });

  it('begins with what it will take', () => {
    const { settings: own, ...started } = straight.started;
    expect(started).toEqual({
      arms: [
        { id: 'plain', name: 'plain NN', gated: false },
        { id: 'trained', name: 'trained AN', gated: true },
      ],
      searchSteps: 3,
      guideSteps: 6,
      searchStepsPerEpoch: 3,
      guideStepsPerEpoch: 3,
      parameters: 78042,
      flops: 25003264,
    });
    expect(own).toEqual(settings());
  });

  it('has each step of the search, then those of the arms in turns', () => {
    const steps = trainer.of('progress').map(({ arm, phase, step }) => `${phase} ${arm} ${step}`);
    const guide = [1, 2, 3, 4, 5, 6].flatMap((step) => [`guide plain ${step}`, `guide trained ${step}`]);
    expect(steps).toEqual([1, 2, 3].map((step) => `search trained ${step}`).concat(guide));
    const done = trainer.of('progress').map(({ done }) => done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(1);
    for (const { phase, anLoss, imagesPerSecond } of trainer.of('progress')) {
      expect(typeof anLoss).toBe(phase === 'search' ? 'number' : 'undefined');
      expect(imagesPerSecond).toBeGreaterThan(0);
    }
    expect(trainer.of('epoch').map(({ phase, arm, epoch }) => `${phase} ${arm} ${epoch}`)).toEqual(EPOCHS);
    expect(trainer.of('state').map(({ state }) => state)).toEqual(['training', 'done']);
  });

  it('shows the gates, and what a cut leaves, which it has left in the end', () => {
    const gates = trainer.of('gates');
    for (const { arm, layers, differences, mean } of gates) {
      expect(arm).toBe('trained');
      expect(differences).toHaveLength(1);
      expect(layers.length).toBeGreaterThan(4);
      for (const { rows, columns, height, width, values } of layers) {
        expect([rows, height, width]).toEqual([1, 1, Math.min(64, columns)]);
        expect(values).toHaveLength(width);
      }
      const cells = layers.flatMap(({ values }) => [...values]);
      expect(cells.reduce((a, b) => a + b, 0) / cells.length / 255).toBeCloseTo(mean, 2);
    }
    const [first, last] = [gates[0], gates.at(-1)!];
    expect([first.final, last.final]).toEqual([false, true]);
    const closed = (of: typeof last): number =>
      of.layers.flatMap(({ values }) => [...values]).filter((p) => p === 0).length;
    const cells = last.layers.reduce((sum, { width }) => sum + width, 0);
    expect(closed(first)).toBe(0);
    expect(closed(last)).toBe(Math.round(cells / 2));
    for (const { parameters, flops } of gates) {
      expect(parameters / straight.started.parameters).toBeGreaterThan(0.3);
      expect(parameters / straight.started.parameters).toBeLessThan(0.7);
      expect(flops / straight.started.flops).toBeLessThan(0.8);
    }
  });

  it('has the losses of the same job of the library', async () => {
    const available = { train: 24, test: 16 };
    const config = configOf(settings(), { software: gpu.adapter.software, available });
    const folder = newFolder();
    await job(folder, config, { logEvery: 1, compaction: false, ...drawStandIn(DRAWN) }).job.run();
    const rows = readMetrics(metricsPath(folder));
    const own = new Map(
      rows.flatMap(({ level, phase, arm, epoch, loss, accuracy, evalLoss }): [string, number][] =>
        level === 'step'
          ? [[`${phase} ${arm} ${epoch.toFixed(3)}`, loss!]]
          : [
              [`${phase} ${arm} after epoch ${epoch}`, accuracy!],
              [`${phase} ${arm} loss after epoch ${epoch}`, evalLoss as number],
            ],
      ),
    );
    const names: Record<string, string> = { plain: 'plain NN', trained: 'trained AN' };
    const seen = events.flatMap((event): [string, number][] =>
      event.type === 'progress'
        ? [[`${event.phase} ${names[event.arm]} ${event.epoch.toFixed(3)}`, event.loss]]
        : event.type === 'epoch'
          ? [
              [`${event.phase} ${names[event.arm]} after epoch ${event.epoch}`, event.accuracy!],
              [`${event.phase} ${names[event.arm]} loss after epoch ${event.epoch}`, event.loss!],
            ]
          : [],
    );
    expect(seen).toHaveLength(own.size);
    // The same kernels on the same adapter: the same bits.
    for (const [key, value] of seen) expect(value, key).toBe(own.get(key));
  });

  it('that is paused and goes on has the same losses, to the bit', async () => {
    events.length = 0;
    const ends = trainer.state('done');
    await call('start', settings());
    for (const [phase, at] of [
      ['search', 2],
      ['guide', 4],
    ] as const) {
      await trainer.until((event) => event.type === 'progress' && event.phase === phase && event.step === at);
      await call('pause');
      expect(events.at(-1)).toEqual({ type: 'state', state: 'paused' });
      const before = events.length;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(events.slice(before)).toEqual([]);
      await call('pause');
      await call('resume');
      await call('resume');
    }
    await ends;
    expect(lossesOf(events)).toEqual(straight.losses);
    expect(trainer.of('state').map(({ state }) => state)).toEqual([
      'idle',
      'training',
      'paused',
      'training',
      'paused',
      'training',
      'done',
    ]);
  });

  it('can be begun anew at any time, and ended', async () => {
    events.length = 0;
    await call('start', settings({ seed: 2 }));
    await trainer.until(({ type }) => type === 'progress');
    const again = await train(settings());
    expect(again.losses).toEqual(straight.losses);
    await call('start', settings());
    await trainer.until((event) => event.type === 'progress');
    await call('reset');
    const before = events.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(events.slice(before)).toEqual([]);
    expect(events.at(-1)).toEqual({ type: 'state', state: 'idle' });
    for (const asked of ['pause', 'resume'] as const) await expect(call(asked)).rejects.toThrow(/^no training is/);
  });
});

it('varies images unless it was told not to', async () => {
  const one = settings({ arms: ['plain'], epochs: 1 });
  const [asTheyAre, varied] = [await train(one), await train({ ...one, noAugment: false })];
  expect([...varied.losses.keys()]).toEqual([...asTheyAre.losses.keys()]);
  expect([...varied.losses.values()]).not.toEqual([...asTheyAre.losses.values()]);
});

it('learns', async () => {
  const { losses } = await train(settings({ arms: ['plain'], epochs: 10, batch: 12 }));
  const values = [...losses.values()];
  const mean = (some: number[]): number => some.reduce((a, b) => a + b, 0) / some.length;
  expect(mean(values.slice(-4))).toBeLessThan(0.8 * mean(values.slice(0, 4)));
});

it('refuses what cannot be in one line, and what goes on goes on', async () => {
  const ends = trainer.state('done');
  events.length = 0;
  await call('start', settings({ arms: ['plain'] }));
  const refused: [Partial<Settings> | Record<string, unknown>, RegExp][] = [
    [{ T: 11 }, /^T 11: takes a whole number from 1 to 10$/],
    [{ lr: 0 }, /^lr 0: takes a number above 0 to 100$/],
    [{ model: 'resnet' }, /^model resnet: takes one of /],
    [{ arms: [] }, /^arms: takes some of plain, random, magnitude, trained$/],
    [{ arms: ['narrow'] }, /^arms narrow: takes some of plain, random, magnitude, trained$/],
    [
      { recipe: 'paper', keep: undefined, arms: ['magnitude'] },
      /^arms magnitude: the arm magnitude keeps a part of the gates, and none was given/,
    ],
    [{ depth: 0.5 }, /^there is no setting "depth"$/],
    [{ images: 2, arms: ['trained'] }, /^heldOut 0.2: of 2 images that leaves none for the astrocyte/],
  ];
  for (const [change, message] of refused.slice(0, -1))
    await expect(call('start', settings(change as Partial<Settings>)), String(message)).rejects.toThrow(message);
  await ends;
  expect(trainer.of('progress')).toHaveLength(6);
  // This one shows when it is made; nothing is left of it.
  const [change, message] = refused.at(-1)!;
  await expect(call('start', settings(change as Partial<Settings>))).rejects.toThrow(message);
  expect(events.at(-1)).toEqual({ type: 'state', state: 'idle' });
  await expect(call('predict', { arm: 'plain', images: [0] })).rejects.toThrow(/^the arm "plain" is not there/);
  await expect(call('data', { kind: 'drawn', train: 0 })).rejects.toThrow(
    'train 0: takes a whole number from 1 to 50000',
  );
  await expect(call('none' as 'pause')).rejects.toThrow('there is no call "none"');
});
