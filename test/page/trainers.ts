// The page's trainer behind a MessageChannel, as a worker has it: what tests in place of the page ask it, and what it tells them.

import { type Call, connect, type Port } from '../../page/client.ts';
import type { Settings, State, TrainerEvent } from '../../page/protocol.ts';
import { type ServerPort, serve } from '../../page/worker/serve.ts';
import { Trainer, type TrainerOptions } from '../../page/worker/trainer.ts';
import { Gpu } from '../../src/gpu/gpu.ts';

export interface TestTrainer {
  call: Call;
  events: TrainerEvent[];
  /** The events of one type. */
  of<T extends TrainerEvent['type']>(type: T): Extract<TrainerEvent, { type: T }>[];
  /** Resolves when an event fits, one of those that came already, too. */
  until(fits: (event: TrainerEvent) => boolean): Promise<TrainerEvent>;
  /** Resolves at the next such state. */
  state(state: State): Promise<unknown>;
  close(): Promise<void>;
}

/** Each step has its turn, and each turn its event. */
const EACH_STEP = { turn: 0, progress: 0, gates: 0 };

export function testTrainer(options: Partial<TrainerOptions> = {}): TestTrainer {
  const { port1, port2 } = new MessageChannel();
  const events: TrainerEvent[] = [];
  let waiting: { fits(event: TrainerEvent): boolean; resolve(event: TrainerEvent): void }[] = [];
  const call = connect(port1 as unknown as Port, (event) => {
    events.push(event);
    const [met, left] = [waiting.filter(({ fits }) => fits(event)), waiting.filter(({ fits }) => !fits(event))];
    waiting = left;
    for (const { resolve } of met) resolve(event);
  });
  const open = (): Promise<Gpu> => Gpu.open({ poison: true });
  const trainer = serve(
    port2 as unknown as ServerPort,
    (emit) => new Trainer({ emit, open, pace: EACH_STEP, ...options }),
  );
  const next = (fits: (event: TrainerEvent) => boolean): Promise<TrainerEvent> =>
    new Promise((resolve) => waiting.push({ fits, resolve }));
  return {
    call,
    events,
    of: <T extends TrainerEvent['type']>(type: T) =>
      events.filter((event): event is Extract<TrainerEvent, { type: T }> => event.type === type),
    until: async (fits) => events.find(fits) ?? (await next(fits)),
    state: (state) => next((event) => event.type === 'state' && event.state === state),
    async close() {
      await trainer.close();
      port1.close();
      port2.close();
    },
  };
}

/** The smallest model on 24 drawn images: one epoch of a search and two of each arm, of three steps each. */
export const settings = (change: Partial<Settings> = {}): Settings => ({
  recipe: 'astrogpu',
  arms: ['plain', 'trained'],
  model: 'resnet-small',
  width: 1,
  an: 'fcn',
  gate: 'filter',
  T: 1,
  lambda: 1e-3,
  keep: 0.5,
  searchEpochs: 1,
  epochs: 2,
  batch: 8,
  lr: 0.05,
  images: 24,
  testImages: 16,
  noAugment: true,
  seed: 1,
  ...change,
});

export const DRAWN = { kind: 'drawn', train: 24, test: 16, seed: 9 } as const;

/** The loss of each event of progress, by phase, arm and step. */
export const lossesOf = (events: readonly TrainerEvent[]): Map<string, number> =>
  new Map(
    events.flatMap((event) =>
      event.type === 'progress' ? [[`${event.phase} ${event.arm} ${event.step}`, event.loss]] : [],
    ),
  );

/** What ends in a training by settings(), in its order. */
export const EPOCHS = ['search trained 1', 'guide plain 1', 'guide trained 1', 'guide plain 2', 'guide trained 2'];
