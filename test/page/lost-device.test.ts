// A device that is lost while the page's trainer trains, pauses or has done: it has another one opened, and goes on to the same bits.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TrainerEvent } from '../../page/protocol.ts';
import { Trainer } from '../../page/worker/trainer.ts';
import { NoAdapterError } from '../../src/gpu/device/errors.ts';
import { Gpu } from '../../src/gpu/gpu.ts';
import { DRAWN, EPOCHS, lossesOf, settings, type TestTrainer, testTrainer } from './trainers.ts';

const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

async function openTrainer(options: Parameters<typeof testTrainer>[0] = {}): Promise<TestTrainer> {
  const trainer = testTrainer(options);
  opened.push(trainer);
  await trainer.call('open');
  await trainer.call('data', DRAWN);
  trainer.events.length = 0;
  return trainer;
}

const statesOf = ({ of }: TestTrainer): string[] => of('state').map(({ state }) => state);

const trainer = await openTrainer();
const { call, events } = trainer;
const images = [0, 1, 2, 3];
let straight: { losses: Map<string, number>; logits: Float32Array };

beforeAll(async () => {
  const ends = trainer.state('done');
  await call('start', settings());
  await ends;
  straight = { losses: lossesOf(events), logits: (await call('predict', { arm: 'trained', images })).logits };
});

it('comes back in the search, paused in a guide, and after the end, and the losses are those of a straight run', async () => {
  await call('reset');
  events.length = 0;
  const ends = trainer.state('done');
  await call('start', settings());
  await trainer.until((event) => event.type === 'progress' && event.phase === 'search' && event.step === 2);
  await call('loseDevice');
  await trainer.until((event) => event.type === 'progress' && event.phase === 'guide' && event.step === 5);
  await call('pause');
  const back = trainer.state('paused');
  await call('loseDevice');
  await back;
  const before = events.length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(events.slice(before)).toEqual([]);
  await call('resume');
  await ends;
  expect(lossesOf(events)).toEqual(straight.losses);
  expect(trainer.of('epoch').map(({ phase, arm, epoch }) => `${phase} ${arm} ${epoch}`)).toEqual(EPOCHS);
  expect(statesOf(trainer)).toEqual(['training', 'lost', 'training', 'paused', 'lost', 'paused', 'training', 'done']);
  const goesOn = /^The GPU was lost and is back; the training goes on from (where it was|\d+ steps before)\.$/;
  expect(trainer.of('note')).toEqual(
    Array(2).fill({ type: 'note', level: 'info', message: expect.stringMatching(goesOn) }),
  );

  await call('loseDevice');
  // What is asked meanwhile waits for the new one.
  const { logits } = await call('predict', { arm: 'trained', images });
  expect(logits).toEqual(straight.logits);
  expect(statesOf(trainer).slice(-2)).toEqual(['lost', 'done']);
});

it('comes back where an epoch has just ended: after the search the guide begins, and the last gates are told', async () => {
  let gpu: Gpu | undefined;
  const events: TrainerEvent[] = [];
  let end: () => void;
  const ends = new Promise<void>((resolve) => {
    end = resolve;
  });
  const one = new Trainer({
    open: async () => {
      gpu = await Gpu.open();
      return gpu;
    },
    pace: { turn: 0, progress: 0, gates: 0 },
    // Within the turn, before it goes on.
    emit(event) {
      events.push(event);
      if (event.type === 'epoch' && event.arm === 'trained' && event.epoch === (event.phase === 'search' ? 1 : 2))
        gpu!.device.destroy();
      if (event.type === 'state' && event.state === 'done') end();
    },
  });
  opened.push(one);
  await one.open();
  await one.data(DRAWN);
  await one.start(settings());
  await ends;
  expect(lossesOf(events)).toEqual(straight.losses);
  expect(events.filter(({ type }) => type === 'note')).toHaveLength(2);
  expect(events.findLast(({ type }) => type === 'gates')).toMatchObject({ phase: 'guide', step: 6, final: true });
});

it('is told where it does not come back, and another try may find one', async () => {
  let there = true;
  const open = async (): Promise<Gpu> => {
    if (!there) throw new NoAdapterError('none');
    return Gpu.open();
  };
  const around = () => ({ secure: true, webgpu: true, userAgent: 'Firefox/150' });
  // Kept after each step, the training goes on from the last one that was done.
  const pace = { turn: 0, progress: 0, gates: 1e9, keep: 0 };
  const one = await openTrainer({ open, around, pace, tries: [0, 1] });
  await one.call('start', settings({ arms: ['plain'] }));
  await one.until(({ type }) => type === 'progress');
  there = false;
  const idle = one.state('idle');
  await one.call('loseDevice');
  await idle;
  expect(one.of('note')).toEqual([
    {
      type: 'note',
      level: 'error',
      message: 'The GPU was lost and does not come back. Reload the page, or restart the browser.',
    },
  ]);
  await expect(one.call('start', settings())).rejects.toThrow(
    'there is no GPU to work on: reload the page to look for one',
  );
  expect(await one.call('open')).toMatchObject({
    advice: expect.stringMatching(/^This browser has WebGPU and found no GPU/),
  });
  there = true;
  expect((await one.call('open')).adapter).toBeDefined();
  const ends = one.state('done');
  await one.call('start', settings({ arms: ['plain'], epochs: 1 }));
  await ends;
});

it('ends a training that loses it again and again', async () => {
  let lasts = true;
  const open = async (): Promise<Gpu> => {
    const gpu = await Gpu.open();
    if (!lasts) gpu.device.destroy();
    return gpu;
  };
  const one = await openTrainer({ open });
  const idle = one.state('idle');
  await one.call('start', settings({ arms: ['plain'] }));
  lasts = false;
  await one.call('loseDevice');
  await idle;
  await one.until(
    ({ type, message }: { type: string; message?: string }) => type === 'note' && /does not come back/.test(message!),
  );
  const reasons = one.of('note').filter(({ level }) => level === 'error');
  expect(reasons.map(({ message }) => message.slice(0, 40))).toEqual([
    'The GPU was lost again and again at the ',
    'The GPU was lost and does not come back.',
  ]);
  lasts = true;
  expect((await one.call('open')).adapter).toBeDefined();
});
