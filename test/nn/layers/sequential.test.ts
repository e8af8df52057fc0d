// Modules and functions in a row: named by places, loaded from torch's names, and trained as one.
import { describe, expect, it } from 'vitest';
import * as nn from '../../../src/nn/index.ts';
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  Module,
  Sequential,
  Sgd,
  TRAIN,
} from '../../../src/nn/index.ts';
import {
  crossEntropy,
  elu,
  gelu,
  globalAvgPool,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  mish,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from '../../../src/ops/index.ts';
import { backward, checkGradients, scope, TensorError } from '../../../src/tensor/index.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const x = on(values(1, 4 * 5 * 5 * 2), [4, 5, 5, 2]);

describe('a Sequential', () => {
  it('names parameters by places, functions among them', () => {
    const net = new Sequential(
      new Conv2d(2, 3, { bias: true }),
      relu,
      new Sequential(new BatchNorm2d(3)),
      new Linear(3, 2),
    );
    expect(net.namedParameters().map(([name]) => name)).toEqual([
      '0.weight',
      '0.bias',
      '2.0.weight',
      '2.0.bias',
      '3.weight',
      '3.bias',
    ]);
    expect(net.namedBuffers().map(([name]) => name)).toEqual(['2.0.running_mean', '2.0.running_var']);
    expect(net.namedModules().map(([name]) => name)).toEqual(['', '0', '2', '2.0', '3']);
    expect(net.parameters().map(({ shape }) => shape.length)).toEqual([4, 1, 1, 1, 2, 1]);
  });

  it('gives what its parts give in turn, and their gradients', async () => {
    const [conv, linear] = [new Conv2d(2, 3), new Linear(75, 2)];
    const net = new Sequential(conv, relu, new Flatten(), linear).to(gpu, 1);
    const wanted = linear.forward(new Flatten().forward(relu(conv.forward(x))));
    expect(await net.forward(x).floats()).toEqual(await wanted.floats());
    expect((await checkGradients(() => net.forward(x), [linear.weight.tensor], { samples: 8 })).error).toBeLessThan(
      1e-2,
    );
    net.release();
  });

  it('learns, with layers that behave otherwise in training', async () => {
    const net = new Sequential(
      new Conv2d(2, 8),
      new BatchNorm2d(8),
      relu,
      new Dropout(0.1),
      globalAvgPool,
      new Linear(8, 2),
    ).to(gpu, 1);
    const labels = on([0, 1, 0, 1], [4], 'u32');
    const optimizer = new Sgd(net.arena, { lr: 0.2, momentum: 0.9 });
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) {
      const loss = scope(() => {
        const loss = crossEntropy(net.forward(x, TRAIN), labels);
        backward(loss);
        optimizer.step();
        return loss;
      });
      losses.push(await loss.item());
      loss.release();
    }
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    net.release();
  });

  it('goes through a state dict, as a map or an object', async () => {
    const [a, b] = [1, 2].map((seed) => new Sequential(new Linear(3, 4), relu, new Linear(4, 2)).to(gpu, seed));
    const dict = await a.stateDict();
    expect([...dict.keys()]).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
    expect(dict.get('0.weight')!.shape).toEqual([4, 3]);
    b.loadStateDict(dict);
    expect(await b.stateDict()).toEqual(dict);
    b.loadStateDict(Object.fromEntries(dict));
    expect(() => b.loadStateDict({})).toThrow('4 of its tensors do not fit: 0.weight is missing');
    const shifted = new Map(dict).set('0.bias', { shape: [4], data: [0, 0, 0, 0] as never });
    expect(() => b.loadStateDict(shifted)).toThrow('0.bias is not in a Float32Array');
  });

  it('refuses parts that are none', () => {
    expect(() => new Sequential(new Linear(1, 1), undefined as never)).toThrow('Sequential: part 1 is undefined');
    expect(() => new Sequential([relu] as never)).toThrow('Sequential: part 0 is object');
    class Mute extends Module {}
    expect(() => new Sequential(new Mute() as never)).toThrow('part 0 is a Mute without forward()');
    expect(() => new Sequential((() => 3) as never).forward(x)).toThrow('part 0 returned number');
  });
});

it('Flatten keeps what stands before its axis', () => {
  expect(new Flatten().forward(x).shape).toEqual([4, 50]);
  expect(new Flatten(-2).forward(x).shape).toEqual([4, 5, 10]);
  expect(() => new Flatten(4).forward(x)).toThrow(TensorError);
});

it('activations are modules', async () => {
  const y = on([-1, 0.5, 2], [1, 3]);
  const pairs = [
    [new nn.ReLU(), relu],
    [new nn.SiLU(), silu],
    [new nn.Tanh(), tanh],
    [new nn.GELU(), gelu],
    [new nn.Mish(), mish],
    [new nn.Sigmoid(), sigmoid],
    [new nn.HardSwish(), hardSwish],
  ] as const;
  for (const [layer, op] of pairs) expect(await layer.forward(y).floats()).toEqual(await op(y).floats());
  const parts = [
    new nn.LeakyReLU(0.1),
    new nn.ELU(),
    new nn.Softplus(2),
    new nn.GELU({ approximate: 'tanh' }),
    new nn.ReLU6(),
  ];
  const wanted = relu6(gelu(softplus(elu(leakyRelu(y, 0.1)), 2), { approximate: 'tanh' }));
  const row = await new Sequential(...parts, new nn.HardSigmoid(), new nn.Softmax()).to(gpu).forward(y).floats();
  expect([...row]).toEqual([...(await softmax(hardSigmoid(wanted)).floats())]);
});
