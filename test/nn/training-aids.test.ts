// What stands around an update: parameter groups, clipping, AdamW and Lion by name, schedules, averages of weights and accumulated gradients, against PyTorch 1.13's
// values in float64; what replays of a captured step give, and what a resumed run does.
import { describe, expect, it } from 'vitest';
import { Dropout } from '../../src/nn/layers/dropout.ts';
import { Linear } from '../../src/nn/layers/linear.ts';
import { Sequential } from '../../src/nn/layers/sequential.ts';
import { Module, ModuleBuffer, Parameter, TRAIN } from '../../src/nn/module.ts';
import { accumulateGradients } from '../../src/nn/optim/accumulate-gradients.ts';
import { Adam, AdamW } from '../../src/nn/optim/adam.ts';
import { Ema } from '../../src/nn/optim/ema.ts';
import { Lion } from '../../src/nn/optim/lion.ts';
import type { Optimizer } from '../../src/nn/optim/optimizer.ts';
import { NO_DECAY } from '../../src/nn/optim/parameter-groups.ts';
import * as schedules from '../../src/nn/optim/schedule.ts';
import { Sgd } from '../../src/nn/optim/sgd.ts';
import { stateDict } from '../../src/nn/state-dict.ts';
import { mean, mse, mul, slice } from '../../src/ops/index.ts';
import { backward } from '../../src/tensor/autograd.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { calls, only } from '../support/calls.ts';
import { relativeError } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

/** Numbers that Python makes alike. */
const wave = (name: string, n: number): Float32Array => {
  const code = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return Float32Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + name.length * 0.37 + code * 0.11));
};

class Pair extends Module {
  readonly weight = new Parameter([2, 3], (n) => wave('w', n));
  readonly bias = new Parameter([2], (n) => wave('b', n));
  readonly seen = new ModuleBuffer([2], (n) => wave('s', n));
}

/** As gradients of step `s`, with NaN where no gradient lies. */
function setGradients({ arena, weight, bias }: Pair, s: number, factor = 1): void {
  arena.gradients.set(new Float32Array(arena.gradients.size).fill(Number.NaN));
  weight.tensor.grad!.set(wave(`w${s}`, 6).map((g) => g * factor));
  bias.tensor.grad!.set(wave(`b${s}`, 2).map((g) => g * factor));
}

const weightsOf = async ({ weight, bias }: Pair): Promise<number[]> => [
  ...(await weight.tensor.floats()),
  ...(await bias.tensor.floats()),
];

async function tenSteps(make: (pair: Pair) => Optimizer, factor = 1): Promise<number[]> {
  const pair = new Pair().to(gpu, 1);
  const optimizer = make(pair);
  for (let s = 0; s < 10; s++) {
    setGradients(pair, s, factor);
    optimizer.step();
  }
  const result = await weightsOf(pair);
  for (const part of [optimizer, pair]) part.release();
  return result;
}

// Ten steps, each of which rounds weights and moments a few times; see TOLERANCE of optim.test.ts.
const TOLERANCE = 2e-6;

it.each<[string, (pair: Pair) => Optimizer, number[]]>([
  [
    'SGD in groups',
    ({ arena }) =>
      new Sgd(arena, {
        ...{ lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.05 },
        groups: [{ match: /bias/, weightDecay: 0, lrScale: 0.1 }],
      }),
    [-2.00215886, -2.5906705, 2.66974612, 1.90270632, -3.16005259, -1.08839556, -0.537291143, 0.262172655],
  ],
  [
    'AdamW in groups',
    ({ arena }) =>
      new AdamW(arena, { lr: 0.1, weightDecay: 0.05, groups: [{ ...NO_DECAY, lrScale: 0.1 }, { match: () => true }] }),
    [-0.245975378, -0.429441838, 0.123534068, 0.601502615, -0.0498144053, -0.709096212, -0.887852497, 0.306340634],
  ],
  [
    'AdamW as it comes',
    ({ arena }) => new AdamW(arena, { lr: 0.1 }),
    [-0.233356155, -0.426531358, 0.10580485, 0.607422621, -0.0292044884, -0.724053681, 0.0197116736, 0.539098586],
  ],
  [
    'SGD, clipped by norm',
    ({ arena }) => new Sgd(arena, { lr: 0.1, momentum: 0.9, clipNorm: 1 }),
    [-0.417169451, -1.0020361, 0.675383121, 0.827997311, -0.88874891, -0.598976503, 1.06783644, 0.267977092],
  ],
  [
    'SGD, clipped by value',
    ({ arena }) => new Sgd(arena, { lr: 0.1, clipValue: 0.5 }),
    [0.321179791, 0.0825354844, -0.41400572, 0.0360508909, 0.487171103, -0.114802924, -0.488100026, 0.152384619],
  ],
])('%s gives what torch gives', async (_, make, expected) => {
  expect(relativeError(await tenSteps(make), expected)).toBeLessThan(TOLERANCE);
});

it('Lion is its paper’s algorithm 2', async () => {
  const [lr, beta1, beta2, decay] = [0.02, 0.9, 0.99, 0.1];
  const w = [...wave('w', 6), ...wave('b', 2)];
  const m = new Float64Array(8);
  for (let s = 0; s < 10; s++)
    for (const [i, g] of [...wave(`w${s}`, 6), ...wave(`b${s}`, 2)].entries()) {
      const c = beta1 * m[i] + (1 - beta1) * g;
      w[i] -= lr * (Math.sign(c) + (i < 6 ? decay : 0) * w[i]);
      m[i] = beta2 * m[i] + (1 - beta2) * g;
    }
  const actual = await tenSteps(({ arena }) => new Lion(arena, { lr, weightDecay: decay, groups: [NO_DECAY] }));
  expect(relativeError(actual, w)).toBeLessThan(TOLERANCE);
});

describe('parameter groups', () => {
  it('say when no name matches, and what is no group', () => {
    const { arena } = new Pair().to(gpu, 1);
    const make =
      (...groups: unknown[]) =>
      () =>
        new Sgd(arena, { lr: 1, groups: groups as [] });
    expect(make({ match: /gamma/ })).toThrow("groups[0]: no parameter's name matches /gamma/; there are weight, bias");
    expect(make(NO_DECAY, {})).toThrow('groups[1]: match is undefined, it must be a pattern or a function');
    expect(() => new Sgd(arena, { lr: 1, groups: NO_DECAY as never })).toThrow('Sgd: groups must be a list');
    expect(make({ match: 'bias' })).toThrow('groups[0]: match is "bias", it must be a pattern or a function');
    expect(make({ match: /bias/, lrScale: -1 })).toThrow('groups[0]: lrScale is -1');
  });

  it('leave parameters alone at a factor of 0', async () => {
    const pair = new Pair().to(gpu, 1);
    const before = await pair.bias.tensor.floats();
    const optimizer = new Adam(pair.arena, { lr: 1, groups: [{ match: /bias/g, lrScale: 0 }] });
    setGradients(pair, 0);
    optimizer.step();
    expect(await pair.bias.tensor.floats()).toEqual(before);
    expect(await pair.weight.tensor.floats()).not.toEqual(wave('w', 6));
    for (const part of [optimizer, pair]) part.release();
  });
});

describe('clipping', () => {
  const ready = (options: object, lossScaling = false) => {
    const pair = new Pair().to(gpu, 1);
    return { pair, optimizer: new Sgd(pair.arena, { lr: 1, lossScaling, ...options }) };
  };
  const lengthOf = (s: number): number => Math.hypot(...wave(`w${s}`, 6), ...wave(`b${s}`, 2));

  it('tells the norm before it clips, and leaves what is short enough', async () => {
    const { pair, optimizer } = ready({ clipNorm: 100 });
    expect(await optimizer.gradientNorm.item()).toBeNaN();
    setGradients(pair, 3);
    optimizer.step();
    expect(Math.abs((await optimizer.gradientNorm.item()) / lengthOf(3) - 1)).toBeLessThan(1e-6);
    const plain = ready({});
    setGradients(plain.pair, 3);
    plain.optimizer.step();
    expect(await weightsOf(pair)).toEqual(await weightsOf(plain.pair));
  });

  it('unscales, then clips', async () => {
    const [one, other] = [ready({ clipNorm: 0.5, clipValue: 0.2 }), ready({ clipNorm: 0.5, clipValue: 0.2 }, true)];
    setGradients(one.pair, 3);
    setGradients(other.pair, 3, 65536);
    for (const { optimizer } of [one, other]) optimizer.step();
    expect(await weightsOf(other.pair)).toEqual(await weightsOf(one.pair));
    expect(await other.optimizer.gradientNorm.item()).toBe(await one.optimizer.gradientNorm.item());
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 3e38])('leaves a step with a gradient of %f out', async (value) => {
    for (const lossScaling of [false, true]) {
      const { pair, optimizer } = ready({ clipNorm: 1, momentum: 0.9 }, lossScaling);
      setGradients(pair, 0);
      pair.weight.tensor.grad!.set([1, 2, value, value, 5, 6]);
      if (lossScaling && value === 3e38) optimizer.state().get('loss-scale')!.set([1, 0]);
      const before = await weightsOf(pair);
      optimizer.step();
      expect(await weightsOf(pair)).toEqual(before);
      expect(await optimizer.gradientNorm.item()).not.toBeLessThan(Number.POSITIVE_INFINITY);
      expect(await optimizer.state().get('clock')!.item()).toBe(0);
      if (lossScaling) expect(await optimizer.lossScale.item()).toBe(value === 3e38 ? 0.5 : 32768);
      setGradients(pair, 0);
      optimizer.step();
      expect(await optimizer.state().get('clock')!.item()).toBe(1);
      expect(await weightsOf(pair)).not.toEqual(before);
    }
  });

  it('by value keeps NaN, and brings infinities in', async () => {
    const { pair, optimizer } = ready({ clipValue: 0.5 });
    pair.weight.tensor.set(new Float32Array(6));
    setGradients(pair, 0);
    pair.weight.tensor.grad!.set([Number.NaN, Number.NEGATIVE_INFINITY, 0.25, 9, -0.5, 0]);
    optimizer.step();
    const [first, ...rest] = await pair.weight.tensor.floats();
    expect(first).toBeNaN();
    expect(rest).toEqual([0.5, -0.25, -0.5, 0.5, 0]);
  });

  it('is the same norm every time, over many values', async () => {
    const size = 300_001;
    const [w, g] = [on(new Float32Array(size), [size]), on(values(5, size), [size])];
    const optimizer = new Sgd({ values: w, gradients: g }, { lr: 1, clipNorm: 1 });
    optimizer.step();
    const norm = await optimizer.gradientNorm.item();
    expect(Math.abs(norm / Math.hypot(...(await blocks(await g.floats()))) - 1)).toBeLessThan(1e-6);
    optimizer.step();
    expect(await optimizer.gradientNorm.item()).toBe(norm);
    optimizer.release();
  });
});

/** Norms of blocks: as many arguments as a call takes. */
const blocks = async (all: Float32Array): Promise<number[]> =>
  Array.from({ length: Math.ceil(all.length / 1000) }, (_, i) => Math.hypot(...all.subarray(i * 1000, (i + 1) * 1000)));

describe('schedules', () => {
  const { cosine, linearDecay, multiStepDecay, oneCycle, stepDecay, warmUp } = schedules;
  it.each<[string, Float32Array, number[]]>([
    [
      'cosine',
      cosine(8, 0.5, { floor: 0.01 }),
      [0.5, 0.481350485, 0.428241161, 0.348757441, 0.255, 0.161242559, 0.0817588386, 0.0286495145],
    ],
    ['linearDecay', linearDecay(8, 0.5, 0.1), [0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15]],
    ['stepDecay', stepDecay(8, 0.5, { every: 3, factor: 0.5 }), [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]],
    ['multiStepDecay', multiStepDecay(8, 0.5, { at: [2, 5, 6] }), [0.5, 0.5, 0.05, 0.05, 0.05, 0.005, 0.0005, 0.0005]],
    [
      'oneCycle',
      oneCycle(10, 0.5),
      [0.02, 0.26, 0.5, 0.475242316, 0.405872827, 0.305631011, 0.194370989, 0.094129173, 0.024759684, 2e-6],
    ],
    [
      'oneCycle of one’s own',
      oneCycle(7, 0.5, { rise: 0.5, divide: 10, endDivide: 100 }),
      [0.05, 0.205471176, 0.457028824, 0.475266975, 0.305824603, 0.094533422, 0.0005],
    ],
    // torch: LinearLR from 0.2 + 0.8 / 4 over three steps, then the cosine.
    [
      'warmUp',
      warmUp(cosine(6, 0.5), 4, 0.2),
      [0.2, 0.3, 0.4, 0.5, 0.5, 0.466506351, 0.375, 0.25, 0.125, 0.0334936491],
    ],
  ])('%s gives torch’s rates', (_, actual, expected) => {
    expect(actual.length).toBe(expected.length);
    for (const [i, rate] of expected.entries()) expect(Math.abs(actual[i] / rate - 1), `step ${i}`).toBeLessThan(3e-7);
  });

  it('have at least one rate, and refuse what is no number of steps', () => {
    for (const rates of [cosine(0, 1), linearDecay(0, 1), oneCycle(0, 1), oneCycle(1, 1), schedules.constantRate(1)])
      expect(Array.from(rates).every(Number.isFinite) && rates.length).toBe(1);
    expect(() => cosine(-1, 1)).toThrow('cosine: steps is -1');
    expect(() => oneCycle(5, 1, { rise: 2 })).toThrow('oneCycle: rise is 2, it must be from 0 to 1');
  });
});

describe('an average of weights', () => {
  it('forgets by its decay, at first faster where that is asked for, and replays', async () => {
    for (const warmup of [false, true]) {
      const pair = new Pair().to(gpu, 1);
      const ema = new Ema(pair, { decay: 0.7, warmup });
      const optimizer = new Sgd(pair.arena, { lr: 0.5 });
      setGradients(pair, 0);
      const expected = Float64Array.from(wave('w', 6));
      const program = gpu.capture('step', () => {
        optimizer.step();
        ema.update();
      });
      for (let s = 0; s < 4; s++) {
        if (s > 0) program.replay();
        const now = await pair.weight.tensor.floats();
        const decay = warmup ? Math.min(0.7, (1 + s) / (10 + s)) : 0.7;
        for (const [i, w] of now.entries()) expected[i] = decay * expected[i] + (1 - decay) * w;
      }
      expect(relativeError((await stateDict(ema)).get('weight')!.data, transposed(expected))).toBeLessThan(1e-6);
      expect([...(await stateDict(ema)).keys()]).toEqual(['weight', 'bias', 'seen']);
      program.dispose();
      for (const part of [ema, optimizer, pair]) part.release();
    }
  });
  /** [2, 3] as torch has it. */
  const transposed = (all: Float64Array): number[] => [0, 1, 2].flatMap((i) => [all[i], all[3 + i]]);

  it.skipIf(!gpu.capabilities.f16)(
    'takes the place of the weights, with their f16 copies, and gives it back',
    async () => {
      const pair = new Pair().to(gpu, 1, { precision: 'f16' });
      const ema = new Ema(pair);
      const start = await weightsOf(pair);
      pair.weight.tensor.set([6, 5, 4, 3, 2, 1]);
      pair.seen.tensor.set([7, 8]);
      ema.swap();
      expect(await weightsOf(pair)).toEqual(start);
      expect(Array.from(await pair.weight.tensor.half!.floats())[0]).toBeCloseTo(start[0], 3);
      expect(await pair.seen.tensor.floats()).toEqual(wave('s', 2));
      ema.swap();
      expect(Array.from(await pair.weight.tensor.floats())).toEqual([6, 5, 4, 3, 2, 1]);
      expect(Array.from(await pair.weight.tensor.half!.floats())).toEqual([6, 5, 4, 3, 2, 1]);
      expect(Array.from(await pair.seen.tensor.floats())).toEqual([7, 8]);
      const other = new Pair().to(gpu, 2);
      other.weight.tensor.set(new Float32Array(6));
      ema.copyTo(other);
      expect(await weightsOf(other)).toEqual(start);
      expect(() => ema.copyTo(new Linear(2, 3).to(gpu, 1))).toThrow('Ema: Linear parameters has other tensors than');
      const before = gpu.memory.stats().current;
      ema.release();
      expect(gpu.memory.stats().current).toBeLessThan(before);
      for (const part of [pair, other]) part.release();
    },
  );
});

describe('accumulated gradients', () => {
  const x = on(values(1, 24), [8, 3]);
  const lossOf = (line: Linear, rows: Tensor): Tensor => {
    const y = line.forward(rows);
    return mean(mul(y, y));
  };
  const part = (i: number): Tensor => slice(x, [2 * i, 0], [2, 3]);

  it('are those of one large batch, under a loss scale and in a captured step', async () => {
    const line = new Linear(3, 2).to(gpu, 1);
    const large = lossOf(line, x);
    backward(large);
    const expected = await line.weight.tensor.grad!.floats();
    for (const lossScaling of [false, true]) {
      const optimizer = new Sgd(line.arena, { lr: 0, lossScaling });
      line.arena.gradients.set(new Float32Array(line.arena.gradients.size).fill(5));
      let loss!: Tensor;
      const program = gpu.capture('step', () => {
        loss = accumulateGradients(optimizer, 4, (i) => lossOf(line, part(i)));
        optimizer.step();
      });
      const factor = lossScaling ? 65536 : 1;
      const first = await line.weight.tensor.grad!.floats();
      expect(
        relativeError(
          first,
          expected.map((g) => g * factor),
        ),
      ).toBeLessThan(1e-6);
      program.replay();
      expect(await line.weight.tensor.grad!.floats()).toEqual(first);
      expect(Math.abs((await loss.item()) / (await large.item()) - 1)).toBeLessThan(1e-6);
      program.dispose();
      optimizer.release();
    }
    expect(() => accumulateGradients(new Sgd(line.arena, { lr: 0 }), 0, () => large)).toThrow('passes is 0');
    const nothing = (() => {}) as unknown as () => Tensor;
    expect(() => accumulateGradients(new Sgd(line.arena, { lr: 0 }), 2, nothing)).toThrow('pass 0 returned undefined');
    expect(() => new Ema(undefined as never)).toThrow('Ema: its argument module is missing');
  });
});

it('a step with all of it is one submit, and allocates nothing', async () => {
  const net = new Sequential(new Linear(3, 8), new Dropout(0.5), new Linear(8, 2)).to(gpu, 1);
  const optimizer = new AdamW(net.arena, {
    ...{ lr: schedules.warmUp(schedules.cosine(10, 0.1), 2), clipNorm: 1, clipValue: 0.5, groups: [NO_DECAY] },
  });
  const ema = new Ema(net, { warmup: true });
  const [x, y] = [on(values(1, 24), [8, 3]), on(values(2, 16), [8, 2])];
  const program = gpu.capture('step', () => {
    accumulateGradients(optimizer, 2, () => mse(net.forward(x, TRAIN), y));
    optimizer.step();
    ema.update();
  });
  program.replay();
  await gpu.idle();
  const before = gpu.memory.stats();
  const replays = async () => {
    for (let i = 0; i < 3; i++) program.replay();
  };
  expect(await calls(replays)).toEqual(only(3));
  expect(gpu.memory.stats().current).toBe(before.current);
  expect(Array.from(await net.draws!.data())).toEqual([10]);
  expect(await optimizer.state().get('clock')!.item()).toBe(5);
  program.dispose();
  for (const part of [ema, optimizer, net]) part.release();
});

describe('a run that was cut', () => {
  it.each<[string, (pair: Pair) => Optimizer]>([
    ['AdamW', ({ arena }) => new AdamW(arena, { lr: [0.1, 0.2, 0.3], clipNorm: 1, groups: [NO_DECAY] })],
    ['Lion', ({ arena }) => new Lion(arena, { lr: [0.1, 0.2, 0.3], clipValue: 0.5, lossScaling: true })],
  ])('goes on with the same bits: %s, and an average', async (_, make) => {
    const run = async (cut: boolean): Promise<unknown[]> => {
      let pair = new Pair().to(gpu, 1);
      let optimizer = make(pair);
      let ema = new Ema(pair, { warmup: true });
      for (let s = 0; s < 4; s++) {
        if (cut && s === 2) {
          const kept: ArrayLike<number>[] = [];
          const all = () => [pair.arena.values, ...optimizer.state().values(), ...ema.state().values()];
          for (const tensor of all()) kept.push(await tensor.data());
          for (const part of [optimizer, ema, pair]) part.release();
          pair = new Pair().to(gpu, 9);
          optimizer = make(pair);
          ema = new Ema(pair, { warmup: true });
          for (const [i, tensor] of all().entries()) tensor.set(kept[i]);
        }
        setGradients(pair, s);
        optimizer.step();
        ema.update();
      }
      const result = [await weightsOf(pair), await ema.arena.tensors.get('weight')!.floats()];
      for (const part of [optimizer, ema, pair]) part.release();
      return result;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});
