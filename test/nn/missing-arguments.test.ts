// What is missing is named, by errors of ours: no constructor, pass or walk back stops at "cannot read properties of undefined".
import { expect, it } from 'vitest';
import { AstroError } from '../../src/gpu/index.ts';
import * as nn from '../../src/nn/index.ts';
import {
  Arena,
  BatchNorm2d,
  Conv2d,
  ConvTranspose2d,
  Dropout,
  Ema,
  Linear,
  Optimizer,
  Parameter,
  StochasticDepth,
} from '../../src/nn/index.ts';
import { conv2d, crossEntropy, mse, mul, relu, reshape } from '../../src/ops/index.ts';
import { backward } from '../../src/tensor/index.ts';
import { gpu, on } from '../support/gpu.ts';

const nothing = undefined as never;
const linear = new Linear(2, 2).to(gpu);
const x = on([1, 2], [1, 2]);

it.each<[string, () => unknown, RegExp]>([
  ['Linear', () => new Linear(nothing, nothing), /^Linear: inputs is undefined, it must be a whole number from 1$/],
  ['Linear’s outputs', () => new Linear(3, nothing), /^Linear: outputs is undefined/],
  ['Conv2d', () => new Conv2d(3, nothing), /^Conv2d: outputs is undefined/],
  ['Conv2d’s kernel', () => new Conv2d(3, 4, { kernel: 0 }), /^Conv2d: kernel is 0, it must be a whole number from 1/],
  [
    'Conv2d’s padding',
    () => new Conv2d(3, 4, { padding: -1 }),
    /^Conv2d: padding is -1, it must be a whole number from 0/,
  ],
  ['ConvTranspose2d', () => new ConvTranspose2d(nothing, 2), /^ConvTranspose2d: inputs is undefined/],
  ['BatchNorm2d', () => new BatchNorm2d(nothing), /^BatchNorm2d: channels is undefined/],
  ['Dropout', () => new Dropout('0.5' as never), /^Dropout: p is 0.5/],
  ['StochasticDepth', () => new StochasticDepth(nothing), /^StochasticDepth: p is undefined/],
  ['a parameter', () => new Parameter([2], nothing), /^a parameter is made of a shape.* object and undefined/],
  ['to()', () => new Linear(2, 2).to(nothing), /^Linear\.to\(gpu, seed\): gpu is undefined/],
  ['the memory', () => new Linear(2, 2).arena, /^Linear has no memory yet: call to/],
  ['a tensor', () => linear.forward(nothing), /^Linear: its tensor is missing/],
  [
    'a pass',
    () => new BatchNorm2d(2).to(gpu).forward(x, nothing),
    /^BatchNorm2d: forward\(x, pass\) was called without a pass: TRAIN/,
  ],
  ['a pass of dropout', () => new Dropout().to(gpu).forward(x, nothing), /^Dropout: forward\(x, pass\)/],
  ['a loss', () => backward(nothing), /^backward\(\): its tensor is missing/],
  ['an op’s tensor', () => relu(nothing), /^relu: its tensor is missing/],
  ['a convolution’s weight', () => conv2d(x, nothing), /^conv2d: tensor 2 of 2 is missing/],
  ['a loss’s targets', () => crossEntropy(x, nothing), /^\S+: tensor 2 of 2 is missing/],
  ['a loss’s values', () => mse(nothing, x), /^mse: tensor 1 of 2 is missing/],
  ['another shape', () => reshape(x, nothing), /^reshape: its shape is undefined/],
  ['an op’s second tensor', () => mul(x, nothing), /^mul: operand 2 of 2 is missing; a tensor or a number is wanted/],
  ['an op’s tensor that is a list', () => relu([[1]] as never), /^relu: its tensor is a list/],
])('%s', (_, fn, message) => {
  expect(fn).toThrow(AstroError);
  expect(fn).toThrow(message);
});

it('every layer says so of each argument that it needs', () => {
  for (const [name, value] of Object.entries(nn)) {
    if (!/^[A-Z][a-z]/.test(name) || typeof value !== 'function' || [Arena, Ema, Optimizer].includes(value as never))
      continue;
    if (value.length === 0 || value.prototype instanceof Error) continue;
    let thrown: unknown;
    try {
      new (value as new () => unknown)();
    } catch (error) {
      thrown = error;
    }
    expect(thrown, name).toBeInstanceOf(AstroError);
  }
});
