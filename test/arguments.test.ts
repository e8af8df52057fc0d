// No function that people call stops at "cannot read properties of undefined": each export of these faces is called without arguments, and with things of other kinds in
// place of a tensor, a Gpu or options. A new export is covered as it is (needTensors and needArguments say what is missing); the few that are not
// are listed with the reason.
import { describe, expect, it } from 'vitest';
import * as astro from '../src/astro/index.ts';
import * as data from '../src/data/index.ts';
import * as detect from '../src/detect/index.ts';
import { AstroError } from '../src/gpu/index.ts';
import * as root from '../src/index.ts';
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

it('ops name themselves', () => {
  const { relu, add, sum, reshape, matmul, softmax, where, concat, layerNorm } = tensors;
  for (const [name, op] of Object.entries({ relu, add, sum, reshape, matmul, softmax, where, concat, layerNorm }))
    expect(op as () => unknown, name).toThrow(new RegExp(`^${name}: .* is missing`));
});
