// No function that people call stops at "cannot read properties of undefined": each export of these faces is called without arguments, and with things of other kinds in
// place of a tensor, a Gpu or options. A new export is covered as it is (needTensors and needArguments say what is missing); the few that are not
// are listed with the reason.
import { describe, expect, it } from 'vitest';
import * as astro from '../src/astro/index.ts';
import * as data from '../src/data/index.ts';
import * as detect from '../src/detect/index.ts';
import { AstroError } from '../src/gpu/index.ts';
import * as root from '../src/index.ts';
import * as models from '../src/models/index.ts';
import * as nn from '../src/nn/index.ts';
import * as tensors from '../src/tensor.ts';
import { gpu, on } from './support/gpu.ts';

/** Of the floors above nn, functions that the root does not show serve other floors; classes are for everybody. */
const classesOf = (face: object): object =>
  Object.fromEntries(
    Object.entries(face).filter(([name, value]) => /^[A-Z]/.test(name) && typeof value === 'function'),
  );
const FACES: Record<string, object> = {
  astrogpu: root,
  tensor: tensors,
  nn,
  'classes of data': classesOf(data),
  'classes of astro': classesOf(astro),
  'classes of detect': classesOf(detect),
};

/** Why an export is not called here. */
const EXCEPTIONS: Record<string, readonly string[]> = {
  'they need no arguments, and load, draw or test something large then': [
    ...['loadCifar10', 'drawStandIn', 'checkKernels'],
  ],
  'others make them: Gpu.open(), empty(), to(), a class that extends them, open() of their own, a layout': [
    ...['Gpu', 'Tensor', 'Arena', 'Optimizer', 'StreamedBatches', 'DevicePart', 'ImageSource', 'Cnn'],
  ],
  'whoever writes an op calls them, with what its op has checked': [
    ...['record', 'recordAll', 'recording', 'view', 'convert', 'chunkLaunch', 'gridStrideLaunch', 'positionOf'],
    ...['convForward', 'convDataGradient', 'convWeightGradient', 'writeAll', 'writeOrDiscard', 'needScalars'],
    ...[
      'needSizes',
      'filledChannels',
      'markFilled',
      'needWhole',
      'count',
      'shapeText',
      'params',
      'philox',
      'drawnOnce',
    ],
  ],
  'parts of what others of these functions do, with what these have checked': [
    ...['convNorm', 'seedFromName', 'floatsOf', 'openSafetensors', 'seal', 'tensorsOf', 'isIgnored', 'mismatchText'],
  ],
};
const left = new Set(Object.values(EXCEPTIONS).flat());

const x = on([1, 2, 3, 4], [2, 2]);
const pair = on([1, 1], [2]);
const image = on(new Float32Array(64), [1, 4, 4, 4]);
const tokens = on(new Float32Array(72), [2, 3, 12]);
const linear = new nn.Linear(4, 2).to(gpu, 1);
const normalization = { mean: [0, 0, 0], std: [1, 1, 1] };
const images = {
  ...{ images: new Uint8Array(96), labels: new Uint8Array(8), count: 8, height: 2, width: 2, channels: 3 },
};
const onDevice = new data.DeviceData(gpu, { ...images, name: 'pixels', classes: ['a', 'b'] });
const arrays = new data.DeviceArrays(gpu, { x: { data: new Float32Array(8), shape: [2] } });
const source = { count: 8, folders: ['a', 'b'] } as unknown as data.ImageSource;
const WRONG: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['5', 5],
  ['{}', {}],
  ['[1]', [1]],
];
/** What stands before it: nothing, a Gpu, or tensors. */
const BEFORE: readonly (readonly [string, readonly unknown[]])[] = [
  ['', []],
  ['gpu, ', [gpu]],
  ['x, ', [x]],
  ['x, x, ', [x, x]],
];
const CALLS: readonly (readonly [string, readonly unknown[]])[] = [
  ['', []],
  ...BEFORE.flatMap(([text, before]) => WRONG.map(([what, value]) => [`${text}${what}`, [...before, value]] as const)),
];

type Callable = ((...args: readonly unknown[]) => unknown) & (new (...args: readonly unknown[]) => unknown);

/** What a call ends in that is no error of ours, or one of several lines. */
async function misled(fn: Callable, args: readonly unknown[]): Promise<string | undefined> {
  try {
    await (/^class/.test(String(fn)) ? new fn(...args) : fn(...args));
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof AstroError)) return message;
    if (message.includes('\n') || message.trim() === '') return `not one line: ${message}`;
  }
  return undefined;
}

const seen = new Set<unknown>();
describe.each(Object.entries(FACES))('%s', (_, face) => {
  const functions = Object.entries(face).filter(
    ([name, value]) => typeof value === 'function' && !(value.prototype instanceof Error) && !left.has(name),
  ) as [string, Callable][];
  const own = functions.filter(([, fn]) => !seen.has(fn));
  for (const [, fn] of own) seen.add(fn);
  it('says what is missing, or of another kind', async () => {
    const bad: string[] = [];
    for (const [name, fn] of own)
      for (const [text, args] of CALLS) {
        const message = await misled(fn, args);
        if (message) bad.push(`${name}(${text}): ${message}`);
      }
    expect(bad).toEqual([]);
  });
});

it('an exception is an export', () => {
  const names = new Set(Object.values(FACES).flatMap(Object.keys));
  expect([...left].filter((name) => !names.has(name))).toEqual([]);
});

/** Functions with options that they cannot do without: all of these, and a call with some. */
const NEEDED: Record<string, [options: object, call: (options: never) => unknown]> = {
  randomUniform: [{ seed: 1, stream: 0 }, (o) => root.randomUniform(gpu, [4], o)],
  randomNormal: [{ seed: 1, stream: 0 }, (o) => tensors.randomNormal(gpu, [4], o)],
  RandomState: [{ seed: 1 }, (o) => new tensors.RandomState(gpu, o).release()],
  dropout: [{ p: 0.5, random: { seed: 1, stream: 0 } }, (o) => tensors.dropout(x, o)],
  'the key of dropout': [{ seed: 1, stream: 0 }, (o) => tensors.dropout(x, { p: 0.5, random: o })],
  stochasticDepth: [{ p: 0.5, random: { seed: 1, stream: 0 } }, (o) => tensors.stochasticDepth(x, o)],
  batchNorm: [{ training: true }, (o) => tensors.batchNorm(x, pair, pair, o)],
  groupNorm: [{ groups: 2 }, (o) => tensors.groupNorm(image, o)],
  maxPool2d: [{ kernel: 2 }, (o) => tensors.maxPool2d(image, o)],
  avgPool2d: [{ kernel: 2 }, (o) => tensors.avgPool2d(image, o)],
  selfAttention: [{ heads: 2 }, (o) => tensors.selfAttention(tokens, o)],
  Sgd: [{ lr: 0.1 }, (o) => new nn.Sgd(linear.arena, o).release()],
  Adam: [{ lr: 0.1 }, (o) => new nn.Adam(linear.arena, o).release()],
  stepDecay: [{ every: 2 }, (o) => nn.stepDecay(10, 0.1, o)],
  multiStepDecay: [{ at: [0.5] }, (o) => nn.multiStepDecay(10, 0.1, o)],
  DeviceData: [images, (o) => new data.DeviceData(gpu, o).release()],
  BatchStream: [{ batch: 2, seed: 1 }, (o) => new data.BatchStream(onDevice, o).release()],
  ArrayBatches: [{ batch: 2 }, (o) => new data.ArrayBatches(arrays, o).release()],
  DiskImages: [
    { normalization, training: { size: 8 }, evaluation: { size: 8 } },
    (o) => new data.DiskImages(gpu, source, o),
  ],
  ImageLoader: [{ batch: 2, training: { size: 8 } }, (o) => new data.ImageLoader(source, o)],
  FinishedBatch: [{ batch: 2, size: 8, classes: 2, normalization }, (o) => new data.FinishedBatch(gpu, o).release()],
  resnet: [{ model: 'm', blocks: [1], widths: [8], classes: 2, stem: 'cifar' }, (o) => models.resnet(o)],
  densenet: [{ model: 'm', layers: [2], growth: 4, stem: 8, classes: 2 }, (o) => models.densenet(o)],
  vgg: [{ model: 'm', stages: [[8]], classes: 2 }, (o) => models.vgg(o)],
  vit: [{ model: 'm', size: 8, patch: 4, width: 8, blocks: 1, heads: 2, classes: 2 }, (o) => models.vit(o)],
};

it.each(Object.entries(NEEDED))('%s names the option that it lacks', async (name, [options, call]) => {
  expect(await misled(call as Callable, [options])).toBeUndefined();
  for (const key of Object.keys(options)) {
    const { [key]: _, ...others } = options as Record<string, unknown>;
    expect(await misled(call as Callable, [others]), `${name} without ${key}`).toBeUndefined();
    await expect((async () => call(others as never))(), `${name} without ${key}`).rejects.toThrow(
      new RegExp(`\\b${key}\\b`),
    );
  }
});

it('ops name themselves', () => {
  const { relu, add, sum, reshape, matmul, softmax, where, concat, layerNorm } = tensors;
  for (const [name, op] of Object.entries({ relu, add, sum, reshape, matmul, softmax, where, concat, layerNorm }))
    expect(op as () => unknown, name).toThrow(new RegExp(`^${name}: .* is missing`));
});
