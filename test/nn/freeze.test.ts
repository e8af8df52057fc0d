// Parameters that training leaves as they are: among the buffers, without gradients, in f16 where their module is.
import { expect, it } from 'vitest';
import { AstroError } from '../../src/gpu/index.ts';
import { BatchNorm2d } from '../../src/nn/layers/batch-norm2d.ts';
import { convNorm } from '../../src/nn/layers/conv-norm.ts';
import { Conv2d } from '../../src/nn/layers/conv2d.ts';
import { EVAL, Module, type Pass, TRAIN } from '../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.ts';
import { cast } from '../../src/ops/elementwise/cast.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { backward } from '../../src/tensor/autograd.ts';
import { keep, scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

class Net extends Module {
  first = new Conv2d(3, 4);
  norm = new BatchNorm2d(4);
  second = new Conv2d(4, 2, { bias: true });
  forward = (x: Tensor, pass: Pass): Tensor =>
    this.second.forward(convNorm(this.first, this.norm, x, pass, { relu: true }));
}

const names = (list: [string, unknown][]): string[] => list.map(([name]) => name);
const images = () => on(values(1, 2 * 6 * 6 * 3), [2, 6, 6, 3]);

it('lie among the buffers, and keep their values and their places in a state dict', async () => {
  const net = new Net().freeze((name) => name.startsWith('first'));
  expect(names(net.namedParameters())).toEqual(['norm.weight', 'norm.bias', 'second.weight', 'second.bias']);
  expect(names(net.namedBuffers())).toEqual(['first.weight', 'norm.running_mean', 'norm.running_var']);
  net.to(gpu, 3);
  const [frozen, free] = [await stateDict(net), await stateDict(new Net().to(gpu, 3))];
  expect([...frozen.keys()].sort()).toEqual([...free.keys()].sort());
  for (const [name, { shape, data }] of free) expect(frozen.get(name), name).toEqual({ shape, data });
  loadStateDict(net, free);
  net.release();
});

it('have no gradients, and a frozen normalization goes by its running statistics', async () => {
  const x = images();
  const net = new Net();
  net.norm.freeze();
  net.to(gpu, 3);
  expect([...net.arena.tensors.keys()]).toEqual(['first.weight', 'second.weight', 'second.bias']);
  const trained = scope(() => {
    const y = net.forward(x, TRAIN);
    const kept = keep(y.alias());
    backward(sum(y));
    return kept;
  });
  const evaluated = scope(() => net.forward(x, EVAL));
  expect(await trained.floats()).toEqual(await evaluated.floats());
  expect((await net.first.weight.tensor.grad!.floats()).some((value) => value !== 0)).toBe(true);
  expect((await net.norm.running_mean.tensor.floats()).every((value) => value === 0)).toBe(true);
  for (const one of [x, trained, evaluated, net]) one.release();
});

it.skipIf(!gpu.capabilities.f16)('have a copy in f16 where the module computes in it', async () => {
  const net = new Net().freeze((name) => name.startsWith('first')).to(gpu, 3, { precision: 'f16' });
  expect(await net.first.weight.tensor.half!.floats()).toEqual(await cast(net.first.weight.tensor, 'f16').floats());
  net.release();
});

it('are named before there is memory', () => {
  const net = new Net().to(gpu, 1);
  expect(() => net.freeze()).toThrow(AstroError);
  expect(() => net.second.freeze()).toThrow('Conv2d.freeze(): it has memory already; call it before to(gpu, seed)');
  net.release();
  expect(names(net.freeze().namedParameters())).toEqual([]);
});

it('a part of a module computes as the whole does', () => {
  const net = new Net();
  expect(() => net.second.precision).toThrow('Conv2d has no memory yet: call to(gpu, seed) first');
  net.to(gpu, 1);
  expect(net.second.precision).toBe('f32');
  net.release();
  expect(() => net.second.precision).toThrow('has no memory yet');
});
