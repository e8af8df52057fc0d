// A worker that speaks the page's protocol and trains nothing: made numbers of a plausible shape, so that the page is tested without a GPU and at any speed. `FAKE`, which a test
// puts before this program, says how it is to be.
import type {
  ArmId,
  CallName,
  Calls,
  Explanations,
  GatesEvent,
  Message,
  Opened,
  Phase,
  Request,
  Settings,
  Started,
  State,
  TrainerEvent,
} from '../../page/protocol.ts';

export interface FakeOptions {
  /** Default `gpu`. */
  adapter?: 'gpu' | 'software' | 'none';
  /** Milliseconds between turns of all arms. Without it the test makes them, by `fake.turn` in this worker. */
  interval?: number;
  /** Turns of each epoch; default 8. */
  turns?: number;
  /** Fails where it is asked for these, with this reason. */
  failing?: Partial<Record<CallName, string>>;
}

const { adapter = 'gpu', interval, turns = 8, failing = {} } = (globalThis as { FAKE?: FakeOptions }).FAKE ?? {};

const SHAPES: [name: string, rows: number, columns: number][] = [
  ['conv1', 16, 3],
  ['layer1.0.conv1', 16, 16],
  ['layer1.0.conv2', 16, 16],
  ['layer2.0.conv1', 32, 16],
  ['layer2.0.conv2', 32, 32],
  ['layer2.0.downsample', 32, 16],
  ['layer3.0.conv1', 64, 32],
  ['layer3.0.conv2', 64, 64],
  ['layer3.0.downsample', 64, 32],
  ['fc', 10, 64],
];
const CLASSES = ['disc', 'ring', 'square', 'frame', 'triangle', 'diamond', 'cross', 'rows', 'columns', 'checkers'];
const SIDE = 32;
const STEPS = 5;
const NAMES: Record<ArmId, string> = {
  plain: 'plain NN',
  random: 'untrained AN',
  trained: 'trained AN',
  magnitude: 'largest weights',
  loaded: 'loaded',
};
/** What each is taken to reach. */
const REACHES: Record<ArmId, number> = { plain: 0.86, random: 0.8, trained: 0.9, magnitude: 0.84, loaded: 0.88 };

const MACHINES: Record<NonNullable<FakeOptions['adapter']>, Opened['adapter']> = {
  gpu: { description: 'a made-up GPU', implementation: 'chromium', software: false, f16: true, timestamps: true },
  software: {
    description: 'unnamed (SwiftShader), a software adapter: no GPU',
    implementation: 'chromium',
    software: true,
    f16: false,
    timestamps: false,
  },
  none: undefined,
};
const ADVICE = {
  gpu: undefined,
  software:
    'This browser found no GPU and computes on the processor, which is slow. Turn on hardware acceleration in its settings.',
  none: 'This browser has no WebGPU. Chrome and Edge have it from version 113 on, Firefox from 141, Safari from 26; or open the page by https.',
};

const defaults: Settings = {
  recipe: 'astrogpu',
  arms: ['plain', 'magnitude', 'trained'],
  model: 'resnet-small',
  width: 1,
  an: 'axial',
  gate: 'connection',
  T: 6,
  lambda: 1e-3,
  searchEpochs: 3,
  epochs: 6,
  batch: 50,
  lr: 0.1,
  images: 2000,
  testImages: 1000,
  noAugment: false,
  seed: 1,
};

let state: State = 'idle';
let training: { settings: Settings; begun: Started; turn: number; timer?: ReturnType<typeof setInterval> } | undefined;
let seed = 7;
const random = (): number => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

const post = (message: Message, transfer: Transferable[] = []): void => postMessage(message, { transfer });
const tell = (event: TrainerEvent): void => post({ event });
function become(now: State): void {
  state = now;
  tell({ type: 'state', state });
}

type Answers = { [N in CallName]: (given: Calls[N][0]) => Calls[N][1] | Promise<Calls[N][1]> };

const answers: Answers = {
  open: () => ({
    adapter: MACHINES[adapter],
    advice: ADVICE[adapter],
    choices: {
      models: ['resnet-small', 'densenet-small', 'resnet18', 'vgg16'],
      astrocytes: ['axial', 'unet', 'fcn', 'cnn'],
      gates: ['connection', 'filter', 'channel'],
      arms: ['plain', 'random', 'magnitude', 'trained'],
    },
    defaults: { astrogpu: defaults, paper: { ...defaults, recipe: 'paper', an: 'unet' } },
  }),
  data(source) {
    end();
    const labels = Array.from({ length: 20 }, (_, i) => i % CLASSES.length);
    const name = { drawn: 'Drawn shapes', cifar10: 'CIFAR-10', folder: 'Images of a folder' }[source.kind];
    return {
      name,
      classes: CLASSES,
      train: 10_000,
      test: 2000,
      height: SIDE,
      width: SIDE,
      leftOut: source.kind === 'folder' ? ['cats/notes.txt: not an image that browsers read'] : [],
      samples: { count: labels.length, height: SIDE, width: SIDE, pixels: drawn(labels) },
      labels,
    };
  },
  start(settings) {
    end();
    const searchTurns = settings.arms.includes('trained') ? settings.searchEpochs * turns : 0;
    const begun: Started = {
      arms: settings.arms.map((id) => ({ id, name: NAMES[id], gated: id !== 'plain' })),
      searchSteps: searchTurns * STEPS,
      guideSteps: settings.epochs * turns * STEPS,
      searchStepsPerEpoch: turns * STEPS,
      guideStepsPerEpoch: turns * STEPS,
      parameters: 78_042,
      flops: 5_800_000,
      settings,
    };
    training = { settings, begun, turn: 0 };
    go();
    return begun;
  },
  pause: () => void stop('paused'),
  resume: () => void go(),
  reset: () => {
    end();
    become('idle');
  },
  explain: ({ arm, images }) => explained(arm, images),
  predict: ({ images }) => ({ logits: new Float32Array(images.length * CLASSES.length), classes: CLASSES }),
  profile: ({ arm }) => ({
    arm,
    steps: 5,
    kernels: 3.1,
    wall: 4.2,
    rows: ['conv2d_tiled', 'conv2d_weights', 'normalize', 'normalize_backward', 'sgd'].map((kernel, i) => ({
      kernel,
      detail: '16×32×32, 3×3',
      calls: 12 - 2 * i,
      ms: 1.6 / 2 ** i,
      share: 0.52 / 2 ** i,
      ...(i < 2 && { gflops: 812 / (i + 1) }),
      gbs: 212,
    })),
  }),
  save: ({ arm, format }) => ({
    name: `${arm}.${format}`,
    bytes: new TextEncoder().encode(`a network of ${NAMES[arm]}`),
  }),
  load: () => ({ model: 'resnet-small', classes: CLASSES, parameters: 78_042, accuracy: 0.88 }),
  loseDevice: () => void stop('lost'),
};

function go(): void {
  become('training');
  if (interval !== undefined) training!.timer = setInterval(turn, interval);
}

/** What a test does with it, in the worker. */
export interface Fake {
  turn(times: number): void;
  /** With which settings the training was begun. */
  settings(): Settings | undefined;
  /** Ends what `loseDevice` began. */
  findDevice(): void;
  /** Ends the training by an error. */
  fail(reason: string): void;
}

const fake: Fake = {
  turn(times) {
    for (let i = 0; i < times && state === 'training'; i++) turn();
  },
  settings: () => training?.settings,
  findDevice() {
    tell({ type: 'note', level: 'info', message: 'The GPU was lost and is back; the training goes on.' });
    go();
  },
  fail(reason) {
    end();
    tell({ type: 'note', level: 'error', message: `The training ended: ${reason}` });
    become('idle');
  },
};
Object.assign(globalThis, { fake });

function stop(now: State): void {
  clearInterval(training?.timer);
  become(now);
}

function end(): void {
  clearInterval(training?.timer);
  training = undefined;
}

function turn(): void {
  const { settings, begun } = training!;
  const at = ++training!.turn;
  const [search, all] = [begun.searchSteps / STEPS, (begun.searchSteps + begun.guideSteps) / STEPS];
  const phase: Phase = at <= search ? 'search' : 'guide';
  const own = phase === 'search' ? at : at - search;
  const arms: ArmId[] = phase === 'search' ? ['trained'] : settings.arms;
  for (const arm of arms) {
    const learned = REACHES[arm] * (1 - Math.exp((-4 * own) / (phase === 'search' ? search * 2 : all - search)));
    const place = { arm, phase, step: own * STEPS, epoch: own / turns };
    const loss = 2.3 * (1 - learned) + 0.12 * random();
    tell({
      type: 'progress',
      ...place,
      loss,
      trainAccuracy: 0.1 + 0.87 * learned + 0.04 * random(),
      ...(phase === 'search' && { anLoss: loss * 1.1 + 0.05 * random() }),
      imagesPerSecond: 11_800 + 900 * random(),
      done: at / all,
    });
    const tested = own % turns === 0;
    if (arm !== 'plain' && (tested || own % 4 === 1)) tell(gatesOf(arm, phase, own, own / (all - search)));
    if (tested) tell({ type: 'epoch', ...place, accuracy: 0.1 + 0.88 * learned + 0.01 * random(), loss: loss * 1.05 });
  }
  if (at === all) stop('done');
}

function gatesOf(arm: ArmId, phase: Phase, own: number, part: number): GatesEvent {
  const final = phase === 'guide' && part > 0.6;
  const layers = SHAPES.map(([name, rows, columns]) => {
    const values = new Uint8Array(rows * columns);
    for (let i = 0; i < values.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const pattern = Math.sin(row * 1.7 + name.length) * Math.cos(column * 0.9 + row) + 0.7 * (random() - 0.5);
      const p = 0.75 + 0.3 * pattern * Math.min(1, own / 20);
      values[i] = final && p < 0.75 ? 0 : Math.min(255, Math.max(0, 255 * p));
    }
    return { name, rows, columns, height: rows, width: columns, values };
  });
  const astrocyte = arm === 'trained' || arm === 'random';
  const left = 1 - 0.5 * Math.min(1, part / 0.6);
  return {
    type: 'gates',
    arm,
    phase,
    step: own * STEPS,
    differences: astrocyte
      ? Array.from({ length: 6 }, (_, t) => 0.75 * 0.12 ** t * (1 + random()) * (1 + 3 / own))
      : [],
    final,
    mean: 0.74 - 0.2 * Math.min(1, part),
    parameters: Math.round(78_042 * left),
    flops: Math.round(5_800_000 * (0.2 + 0.8 * left)),
    layers,
  };
}

function explained(arm: ArmId, images: readonly number[]): Explanations {
  const labels = images.map((image) => image % CLASSES.length);
  const heat = new Uint8Array(images.length * SIDE * SIDE);
  for (let i = 0; i < heat.length; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE) % SIDE];
    const image = images[Math.floor(i / SIDE ** 2)];
    heat[i] = 255 * Math.exp(-((x - 10 - (image % 3) * 6) ** 2 + (y - 12 - (arm.length % 4) * 3) ** 2) / 60);
  }
  return {
    arm,
    layer: 'layer3.0.conv2',
    images: images.map((image, i) => {
      const predicted = (image * 7 + arm.length) % 5 === 0 ? (labels[i] + 1) % CLASSES.length : labels[i];
      return { image, label: labels[i], predicted, probability: 0.5 + 0.49 * random(), explained: predicted };
    }),
    pictures: { count: images.length, height: SIDE, width: SIDE, pixels: drawn(labels) },
    heat,
  };
}

/** Something of each class: blots in its color. */
function drawn(labels: readonly number[]): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(labels.length * SIDE * SIDE * 4);
  for (let p = 0; p < pixels.length / 4; p++) {
    const label = labels[Math.floor(p / SIDE ** 2)];
    const [x, y] = [(p % SIDE) - 16, (Math.floor(p / SIDE) % SIDE) - 16];
    const inside = Math.abs(x) ** (1 + label / 3) + Math.abs(y) ** (1 + label / 3) < 10 ** (1 + label / 3);
    const noise = 30 * random();
    const color = inside ? [220 - 12 * label, 60 + 18 * label, 90] : [50 + 9 * label, 70, 150 - 9 * label];
    pixels.set([...color.map((c) => c + noise), 255], 4 * p);
  }
  return pixels;
}

addEventListener('message', async ({ data: { id, call, with: given } }: MessageEvent<Request>) => {
  const reason = failing[call];
  if (reason !== undefined) return post({ id, error: reason });
  try {
    post({ id, answer: await (answers[call] as (given: unknown) => unknown)(given) });
  } catch (error) {
    post({ id, error: (error as Error).message });
  }
});
