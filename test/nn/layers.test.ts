// Layers: what each computes is its op's; here are the names, shapes and layouts of their state, which are torch's, and how precision and options reach the ops.
import { describe, expect, it } from 'vitest';
import { Embedding } from '../../src/nn/layers/embedding.ts';
import { GroupNorm, InstanceNorm2d } from '../../src/nn/layers/group-norm.ts';
import { LayerNorm, RmsNorm } from '../../src/nn/layers/layer-norm.ts';
import { Linear } from '../../src/nn/layers/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { Ema } from '../../src/nn/optim/ema.ts';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.ts';
import { cast } from '../../src/ops/elementwise/cast.ts';
import { groupNorm, instanceNorm } from '../../src/ops/norm/group-norm.ts';
import { layerNorm, rmsNorm } from '../../src/ops/norm/layer-norm.ts';
import { backward } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { relativeError } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { halfValues, values } from '../support/random.ts';

class Layers extends Module {
  readonly table = new Embedding(5, 3);
  readonly norm = new LayerNorm(3);
  readonly image = new LayerNorm([2, 3], { bias: false });
  readonly rms = new RmsNorm(3);
  readonly group = new GroupNorm(2, 4);
  readonly instance = new InstanceNorm2d(4, { affine: true });
  readonly plain = new InstanceNorm2d(4);
  readonly linear = new Linear(3, 4, { bias: false });
}

describe('state dicts', () => {
  it('have the names, shapes and layouts that torch has', async () => {
    const layers = new Layers().to(gpu, 1);
    const dict = await stateDict(layers);
    expect([...dict].map(([name, { shape }]) => `${name} ${shape}`)).toEqual([
      'table.weight 5,3',
      'norm.weight 3',
      'norm.bias 3',
      'image.weight 2,3',
      'rms.weight 3',
      'group.weight 4',
      'group.bias 4',
      'instance.weight 4',
      'instance.bias 4',
      'linear.weight 4,3',
    ]);
    for (const name of ['table.weight', 'image.weight', 'linear.weight']) {
      const { shape } = dict.get(name)!;
      dict.set(name, { shape, data: Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => i) });
    }
    loadStateDict(layers, dict);
    expect([...(await layers.table.weight.tensor.floats())].slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect([...(await layers.image.weight!.tensor.floats())].slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect([...(await layers.linear.weight.tensor.floats())].slice(0, 4)).toEqual([0, 3, 6, 9]);
    expect(await stateDict(layers)).toEqual(dict);
    expect(await stateDict(new Ema(layers))).toEqual(dict);
    layers.release();
  });

  it('of another shape are refused', async () => {
    const layers = new Layers().to(gpu, 1);
    const dict = await stateDict(layers);
    dict.set('table.weight', { shape: [3, 5], data: new Float32Array(15) });
    expect(() => loadStateDict(layers, dict)).toThrow('table.weight is 3×5, the network has 5×3');
    layers.release();
  });
});

it('norms are their ops', async () => {
  const layers = new Layers().to(gpu, 1);
  const parameters = [...layers.arena.tensors.values()];
  for (const [i, one] of parameters.entries()) one.set(values(i, one.size));
  const [x, y] = [on(values(1, 24), [2, 2, 2, 3]), on(values(2, 48), [2, 3, 2, 4])];
  const tensor = (name: string): Tensor => layers.arena.tensors.get(name)!;
  const of = (name: string) => ({ weight: tensor(`${name}.weight`), bias: layers.arena.tensors.get(`${name}.bias`) });
  const pairs: [Tensor, Tensor][] = [
    [layers.norm.forward(x), layerNorm(x, of('norm'))],
    [layers.image.forward(x), layerNorm(x, { axes: [2, 3], weight: tensor('image.weight') })],
    [layers.rms.forward(x), rmsNorm(x, { weight: tensor('rms.weight') })],
    [layers.group.forward(y), groupNorm(y, { groups: 2, ...of('group') })],
    [layers.instance.forward(y), instanceNorm(y, of('instance'))],
    [layers.plain.forward(y), instanceNorm(y)],
  ];
  for (const [actual, expected] of pairs) expect(await actual.floats()).toEqual(await expected.floats());
  expect(() => new LayerNorm(4, { affine: false }).forward(x)).toThrow(
    'layerNorm: the last sides of input [2×2×2×3] must be [4]',
  );
  layers.release();
});

describe('Linear', () => {
  it('takes any rank', async () => {
    const layer = new Linear(3, 2).to(gpu, 1);
    const [weight, bias] = await Promise.all([layer.weight, layer.bias!].map(({ tensor }) => tensor.floats()));
    for (const shape of [[3], [4, 3], [2, 1, 2, 3]]) {
      const x = on(
        values(3, 12).slice(
          0,
          shape.reduce((a, b) => a * b),
        ),
        shape,
      );
      const given = await x.floats();
      const y = layer.forward(x);
      expect(y.shape).toEqual([...shape.slice(0, -1), 2]);
      const expected = Float64Array.from({ length: y.size }, (_, at) => {
        const row = given.subarray(Math.floor(at / 2) * 3);
        return [0, 1, 2].reduce((sum, i) => sum + row[i] * weight[i * 2 + (at % 2)], bias[at % 2]);
      });
      expect(relativeError(await y.floats(), expected)).toBeLessThan(1e-6);
    }
    layer.release();
  });

  it.skipIf(!gpu.capabilities.f16)('computes in f16, with gradients in f32', async () => {
    const layer = new Linear(6, 4).to(gpu, 1, { precision: 'f16' });
    const data = halfValues(1, 30);
    const exact = new Linear(6, 4).to(gpu, 1);
    const gradients: Float32Array[] = [];
    const results: Float32Array[] = [];
    for (const [one, dtype] of [
      [layer, 'f16'],
      [exact, 'f32'],
    ] as const) {
      const x = cast(on(data, [5, 6]), dtype);
      const y = one.forward(x);
      expect(y.dtype).toBe(dtype);
      results.push(await y.floats());
      scope(() => backward(cast(y, 'f32'), { gradient: on(halfValues(2, 20), [5, 4]) }));
      expect(one.weight.tensor.grad!.dtype).toBe('f32');
      gradients.push(await one.weight.tensor.grad!.floats());
    }
    // Weights, products' sums and the bias are rounded to f16.
    expect(relativeError(results[0], results[1])).toBeLessThan(2e-3);
    expect(relativeError(gradients[0], gradients[1])).toBeLessThan(2e-3);
    for (const one of [layer, exact]) one.release();
  });
});

describe('Embedding', () => {
  it('looks up rows, and their gradients add up', async () => {
    const layer = new Embedding(5, 3).to(gpu, 1);
    const table = await layer.weight.tensor.floats();
    const y = layer.forward(on([4, 0, 4, 1], [2, 2], 'u32'));
    expect(y.shape).toEqual([2, 2, 3]);
    expect([...(await y.floats())]).toEqual([4, 0, 4, 1].flatMap((row) => [...table.slice(row * 3, row * 3 + 3)]));
    scope(() => backward(y, { gradient: on([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]) }));
    expect([...(await layer.weight.tensor.grad!.floats())]).toEqual([4, 5, 6, 10, 11, 12, 0, 0, 0, 0, 0, 0, 8, 10, 12]);
    layer.release();
  });

  it.skipIf(!gpu.capabilities.f16)('is of the precision of its network', () => {
    const layer = new Embedding(5, 3).to(gpu, 1, { precision: 'f16' });
    expect(layer.forward(on([4, 0], [2], 'u32')).dtype).toBe('f16');
    layer.release();
  });

  it('starts normal', async () => {
    const layer = new Embedding(100, 50).to(gpu, 1);
    const table = await layer.weight.tensor.floats();
    const variance = table.reduce((sum, v) => sum + v * v, 0) / table.length;
    expect(variance).toBeGreaterThan(0.9);
    expect(variance).toBeLessThan(1.1);
    layer.release();
  });
});
