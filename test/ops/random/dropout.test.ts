// Dropout and stochastic depth: which values go is the CPU's numbers to the bit, backward draws the same, replays draw anew, and a resumed run draws as if it had not stopped.
import { describe, expect, it } from 'vitest';
import { Dropout, StochasticDepth } from '../../../src/nn/layers/dropout.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { Sequential } from '../../../src/nn/layers/sequential.ts';
import { BATCH_STATS, EVAL, Module, type Pass, TRAIN } from '../../../src/nn/module.ts';
import { dropout, stochasticDepth } from '../../../src/ops/random/dropout.ts';
import { RandomState } from '../../../src/ops/random/random-state.ts';
import { randomNormal, randomUniform } from '../../../src/ops/random/uniform.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { normalArray, uniformArray } from '../../../src/tensor/random.ts';
import type { Shape, Tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { halfValues, values } from '../../support/random.ts';

const [seed, stream] = [0xfedcba98, 17];
const ops = { dropout, stochasticDepth };
const shapes: Shape[] = [[1], [7], [4, 5, 3], [3, 2, 2, 2], [5, 8], [1031]];
const dtypes = gpu.capabilities.f16 ? (['f32', 'f16'] as const) : (['f32'] as const);
/** The factor of each value. */
const factors = (name: keyof typeof ops, shape: Shape, p: number, counter: number): Float32Array => {
  const size = shape.reduce((a, b) => a * b, 1);
  const run = name === 'dropout' ? 1 : size / shape[0];
  const numbers = uniformArray(Math.ceil(size / run), seed, stream, counter);
  const factor = Math.fround(p < 1 ? 1 / (1 - p) : 0);
  return Float32Array.from({ length: size }, (_, i) => (numbers[Math.floor(i / run)] >= Math.fround(p) ? factor : 0));
};

describe.each(['dropout', 'stochasticDepth'] as const)('%s', (name) => {
  it.each(dtypes)('leaves out by the numbers of its key, backward too, in %s', async (dtype) => {
    for (const [i, shape] of shapes.entries())
      for (const p of [0, 0.25, 0.9, 1]) {
        const size = shape.reduce((a, b) => a * b, 1);
        const x = on(halfValues(i + 1, size), shape, dtype);
        x.requiresGrad = true;
        const counter = on([41], [1], 'u32');
        const y = ops[name](x, { p, random: { seed, stream, counter } });
        // What becomes of the counter does not matter to backward.
        counter.set([7]);
        const upstream = on(halfValues(i + 50, size), shape, dtype);
        const kept = factors(name, shape, p, 41);
        const tolerance = dtype === 'f16' ? 2 ** -11 : 0;
        expect(
          relativeError(
            await y.floats(),
            halfValues(i + 1, size).map((v, k) => v * kept[k]),
          ),
        ).toBeLessThanOrEqual(tolerance);
        backward(y, { gradient: upstream });
        expect(
          relativeError(
            await x.grad!.floats(),
            halfValues(i + 50, size).map((v, k) => v * kept[k]),
          ),
        ).toBeLessThanOrEqual(tolerance);
      }
  });

  it('keeps NaN', async () => {
    const x = on([Number.NaN, 1, Number.NaN, 2], [4]);
    for (const value of [0, 2])
      expect((await ops[name](x, { p: 0.9, random: { seed, stream } }).floats())[value]).toBeNaN();
  });

  it('leaves out its share, and keeps the mean', async () => {
    const n = 40_000;
    const y = await ops[name](on(new Float32Array(n).fill(1), [n]), {
      p: 0.3,
      random: new RandomState(gpu, { seed: 3 }),
    }).floats();
    const gone = y.filter((v) => v === 0).length / n;
    // Five standard errors.
    expect(Math.abs(gone - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / n));
    expect(Math.abs(y.reduce((sum, v) => sum + v, 0) / n - 1)).toBeLessThan((5 * Math.sqrt((0.3 * 0.7) / n)) / 0.7);
  });

  it('says what does not fit', () => {
    const x = on([1], [1]);
    expect(() => ops[name](x, { p: 1.5, random: { seed, stream } })).toThrow(
      `${name}: p is 1.5, it must be from 0 to 1`,
    );
    expect(() => ops[name](x, { p: 0.5, random: { seed, stream, counter: x } })).toThrow(
      `${name}: the counter input is f32`,
    );
    expect(() => ops[name](on([1], [1], 'u32'), { p: 0.5, random: { seed, stream } })).toThrow(
      `${name}: input [1] is u32`,
    );
  });
});

it('a state draws anew each time, in replays as one by one', async () => {
  const x = on(new Float32Array(9).fill(1), [9]);
  const expected = [0, 1, 2, 3, 4, 5].map((k) => factors('dropout', [9], 0.5, k));
  const random = new RandomState(gpu, { seed, stream });
  let [first, second]: Tensor[] = [];
  const program = gpu.capture('two draws', () => {
    first = dropout(x, { p: 0.5, random });
    second = dropout(x, { p: 0.5, random });
  });
  for (let k = 0; k < 6; k += 2) {
    if (k > 0) program.replay();
    expect([await first.floats(), await second.floats()]).toEqual(expected.slice(k, k + 2));
  }
  expect(await random.state().get('draws')!.item()).toBe(6);
  program.dispose();
  random.release();
});

describe('layers', () => {
  class Net extends Module {
    readonly hidden = new Linear(6, 8);
    readonly drop = new Dropout(0.5);
    readonly out = new Linear(8, 6);
    readonly depth = new StochasticDepth(0.5);
    forward(x: Tensor, pass: Pass): Tensor {
      return this.depth.forward(this.out.forward(this.drop.forward(this.hidden.forward(x), pass)), pass);
    }
  }
  const x = on(values(1, 24), [4, 6]);

  it('leave out in training only, each its own', async () => {
    const net = new Net().to(gpu, 1);
    const all = async (pass: Pass) => Array.from(await net.forward(x, pass).floats());
    const plain = await all(EVAL);
    expect(plain).not.toContain(0);
    expect(await all(EVAL)).toEqual(plain);
    expect(await all(BATCH_STATS)).toEqual(plain);
    const trained = await all(TRAIN);
    expect(trained).not.toEqual(plain);
    expect(await all(TRAIN)).not.toEqual(trained);
    expect(await all({ ...EVAL, drops: true })).not.toEqual(plain);
    expect(Array.from(await net.draws!.data())).toEqual([3, 3]);
    expect(net.namedParameters().map(([name]) => name)).toEqual([
      'hidden.weight',
      'hidden.bias',
      'out.weight',
      'out.bias',
    ]);
    net.release();
    expect(() => new Net().drop.forward(x, TRAIN)).toThrow('call module.to(gpu) first');
    expect(() => new Dropout(2)).toThrow('Dropout: p is 2');
    const row = new Sequential(new Dropout(0.5), new Dropout(0.5)).to(gpu, 1);
    expect(() => row.forward(x)).toThrow('Dropout: forward(x, pass) was called without a pass');
    row.forward(x, TRAIN);
    expect(Array.from(await row.draws!.data())).toEqual([1, 1]);
  });

  it('go on after a cut with the bits of a run that was not, replayed', async () => {
    const run = async (cut: boolean): Promise<Float32Array> => {
      let net = new Net().to(gpu, 1);
      let y: Tensor | undefined;
      const step = (): void => {
        y = net.forward(x, TRAIN);
        backward(y, { gradient: x });
      };
      let program = gpu.capture('step', step);
      if (cut) {
        const draws = (await net.draws!.data()) as Uint32Array;
        program.dispose();
        net.release();
        net = new Net().to(gpu, 1);
        net.draws!.set(draws);
        program = gpu.capture('step', step);
      } else program.replay();
      program.replay();
      const result = await net.hidden.weight.tensor.grad!.floats();
      program.dispose();
      net.release();
      return result;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('randomNormal', () => {
  it('is what the CPU draws', async () => {
    for (const size of [1, 7, 100_000]) {
      const y = await randomNormal(gpu, [size], {
        seed,
        stream,
        counter: on([5], [1], 'u32'),
        mean: 2,
        deviation: 0.5,
      }).floats();
      const expected = normalArray(size + (size % 4), seed, stream, 5)
        .subarray(0, size)
        .map((v) => 2 + 0.5 * v);
      // Two f32 roundings of numbers up to 5.
      expect(relativeError(y, expected)).toBeLessThan(1e-6);
    }
  });

  it('draws by a state, too', async () => {
    const random = new RandomState(gpu, { seed, stream });
    const [a, b] = [randomUniform(gpu, [5], random.next()), randomNormal(gpu, [5], random.next())];
    expect(await a.floats()).toEqual(uniformArray(5, seed, stream, 0));
    expect(relativeError(await b.floats(), normalArray(5, seed, stream, 1))).toBeLessThan(1e-6);
  });
});
