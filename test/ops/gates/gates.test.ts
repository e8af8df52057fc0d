// maskedWeights, gateFeatures and gateTaylor against float64, for each kind of gate: convolutions and linear layers, one alone and several that share gates and arena.
import { describe, expect, it } from 'vitest';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { gateFeatures } from '../../../src/ops/gates/gate-features.ts';
import { gateTaylor } from '../../../src/ops/gates/gate-taylor.ts';
import type { Gate, GatedWeight } from '../../../src/ops/gates/gates.ts';
import { maskedWeights } from '../../../src/ops/gates/masked-weights.ts';
import { sum } from '../../../src/ops/reduce/sum.ts';
import { backward, frozen } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import { count, type Tensor, TensorError, zeros } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const gates: Gate[] = ['connection', 'filter', 'input'];
const shapes = [
  [3, 3, 3, 16],
  [3, 3, 5, 7],
  [1, 1, 8, 4],
  [2, 3, 1, 1],
  [13, 10],
  [1, 1, 1, 5],
  [3, 3, 40, 24],
];

const gateCount = (shape: number[], gate: Gate): number => {
  const [i, o] = shape.slice(-2);
  return { connection: o * i, filter: o, input: i }[gate];
};

/** Which gate owns weight `at`. */
const owner = (shape: number[], gate: Gate, at: number): number => {
  const [inputs, outputs] = shape.slice(-2);
  const o = at % outputs;
  const i = Math.floor(at / outputs) % inputs;
  return { connection: o * inputs + i, filter: o, input: i }[gate];
};

/** The weights of each gate. */
function owned(w: Float64Array, shape: number[], gate: Gate): number[][] {
  const lists = Array.from({ length: gateCount(shape, gate) }, (): number[] => []);
  for (const [at, v] of w.entries()) lists[owner(shape, gate, at)].push(v);
  return lists;
}

const magnitude = (absolute: boolean, v: number): number => (absolute ? Math.abs(v) : v);
const mean = (list: number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;

describe.each(shapes.map((shape) => ({ shape })))('$shape', ({ shape }) => {
  describe.each(gates)('%s gates', (gate) => {
    const one = (weight: Tensor): GatedWeight[] => [{ weight, gate, at: 0 }];
    const gateShape = [gateCount(shape, gate)];

    it.each([
      [true, true],
      [true, false],
      [false, true],
    ])('maskedWeights, gradient of w %s, of p %s', (ofW, ofP) =>
      checkOp({
        inputs: [
          { shape, gradient: ofW },
          { shape: gateShape, gradient: ofP },
        ],
        samples: 12,
        op: ([w, p]) => maskedWeights(one(w), p)[0],
        reference: ([w, p]) => w.map((v, at) => v * p[owner(shape, gate, at)]),
      }),
    );

    it.each([false, true])('average, absolute %s', (absolute) =>
      checkOp({
        inputs: [{ shape }],
        samples: 12,
        op: ([w]) => gateFeatures(one(w), { kind: 'avg', absolute }),
        reference: ([w]) =>
          Float64Array.from(owned(w, shape, gate), (list) => mean(list.map((v) => magnitude(absolute, v)))),
      }),
    );

    it('mean of |w · g|', () =>
      checkOp({
        inputs: [
          { shape, gradient: false },
          { shape, gradient: false },
        ],
        op: ([w, g]) => gateTaylor(one(w), [g]),
        reference: ([w, g]) =>
          Float64Array.from(
            owned(
              w.map((v, at) => Math.abs(v * g[at])),
              shape,
              gate,
            ),
            mean,
          ),
      }));

    it.each([false, true])('largest under gates, absolute %s', (absolute) =>
      checkOp({
        inputs: [{ shape }, { shape: gateShape, gradient: false }],
        samples: 12,
        op: ([w, p]) => gateFeatures(one(w), { kind: 'max', absolute, gates: p }),
        reference: ([w, p]) =>
          Float64Array.from(owned(w, shape, gate), (list, g) =>
            Math.max(...list.map((v) => magnitude(absolute, v * p[g]))),
          ),
      }),
    );
  });
});

describe('a network', () => {
  const layers: { shape: number[]; gate: Gate }[] = [
    { shape: [3, 3, 3, 16], gate: 'connection' },
    { shape: [3, 3, 16, 5], gate: 'filter' },
    { shape: [7, 9], gate: 'input' },
    ...Array.from({ length: 17 }, () => ({ shape: [1, 1, 2, 3], gate: 'connection' as const })),
  ];
  const total = layers.reduce((sum, { shape, gate }) => sum + gateCount(shape, gate), 0);
  const data = layers.map(({ shape }, i) => values(20 + i, count(shape)));
  const p = values(5, total);
  const places = layers.map((_, i) =>
    layers.slice(0, i).reduce((sum, { shape, gate }) => sum + gateCount(shape, gate), 0),
  );

  /** All layers in one arena, with gradients in another, or each in memory of its own. */
  function network(shared: boolean): { weights: GatedWeight[]; arenas: Tensor[] } {
    const arenas = shared
      ? [zeros(gpu, [128 * 2 * layers.length + 4096]), zeros(gpu, [128 * 2 * layers.length + 4096])]
      : [];
    let reached = 0;
    const weights = layers.map(({ shape, gate }, i) => {
      const weight = shared ? arenas[0].alias(shape, reached * 4) : on(new Float32Array(count(shape)), shape);
      weight.set(data[i]);
      weight.requiresGrad = true;
      if (shared) weight.grad = keep(arenas[1].alias(shape, reached * 4));
      reached += Math.ceil(count(shape) / 64) * 64;
      return { weight, gate, at: places[i] };
    });
    return { weights, arenas };
  }

  it.each([true, false])('in one arena %s: every weight, every gradient', async (shared) => {
    const { weights } = network(shared);
    const gate = on(p, [total]);
    gate.requiresGrad = true;
    const masked = maskedWeights(weights, gate);
    // Each is used, the last first; backward takes them together.
    const upstream = layers.map(({ shape }, i) => values(60 + i, count(shape)));
    for (const [i, { shape, gate: kind }] of layers.entries())
      expect(await masked[i].floats()).toEqual(
        Float32Array.from(data[i], (v, at) => Math.fround(v * p[places[i] + owner(shape, kind, at)])),
      );
    scope(() => {
      const terms = masked.map((w, i) => sum(mul(w, on(upstream[i], layers[i].shape))));
      backward(terms.reduce((a, b) => add(a, b)));
    });
    const ofGates = await gate.grad!.floats();
    for (const [i, { shape, gate: kind }] of layers.entries()) {
      const ofWeight = await weights[i].weight.grad!.floats();
      const expected = new Float64Array(gateCount(shape, kind));
      for (const [at, g] of upstream[i].entries()) {
        expected[owner(shape, kind, at)] += g * data[i][at];
        expect(ofWeight[at]).toBeCloseTo(g * p[places[i] + owner(shape, kind, at)], 6);
      }
      for (const [g, value] of expected.entries()) expect(ofGates[places[i] + g]).toBeCloseTo(value, 5);
    }
  });

  it('is one dispatch forwards and one backwards, beside the clearing of what the weights send back', () => {
    const { weights } = network(true);
    const gate = on(p, [total]);
    gate.requiresGrad = true;
    gate.grad = keep(zeros(gpu, [total]));
    let masked: Tensor[] = [];
    const forward = gpu.capture('forward', () => {
      masked = maskedWeights(weights, gate);
    });
    expect(forward.dispatches.map(({ label }) => label).filter((label) => label !== 'gpu/fill')).toEqual([
      'gates/multiply',
    ]);
    const back = gpu.capture('backward', () => backward(masked[0], { gradient: masked[0] }));
    expect(back.dispatches.map(({ label }) => label).filter((label) => label.startsWith('gates'))).toEqual([
      'gates/gradient',
    ]);
  });

  it('has features of all layers at once', async () => {
    const { weights } = network(true);
    const features = await gateFeatures(weights, { kind: 'avg' }).floats();
    for (const [i, { shape, gate: kind }] of layers.entries())
      for (const [g, list] of owned(Float64Array.from(data[i]), shape, kind).entries())
        expect(features[places[i] + g]).toBeCloseTo(mean(list), 6);
  });
});

it('the largest weight found first gets the gradient', async () => {
  // [kh 1, kw 2, Cin 2, Cout 1]: input 0 holds 1 and 3, input 1 holds 3 and 3.
  const w = on([1, 3, 3, 3], [1, 2, 2, 1]);
  w.requiresGrad = true;
  backward(gateFeatures([{ weight: w, gate: 'connection', at: 0 }], { kind: 'max' }), { gradient: on([5, 7], [2]) });
  expect(await w.grad!.floats()).toEqual(Float32Array.of(0, 7, 5, 0));
  backward(gateFeatures([{ weight: w, gate: 'filter', at: 0 }], { kind: 'max' }), { gradient: on([2], [1]) });
  expect(await w.grad!.floats()).toEqual(Float32Array.of(0, 0, 2, 0));
});

it('computes no gradient that is frozen', () => {
  const w = on(values(1, 36), [3, 3, 2, 2]);
  const p = on(values(2, 4), [4]);
  w.requiresGrad = p.requiresGrad = true;
  const [y] = frozen([p], () => maskedWeights([{ weight: w, gate: 'connection', at: 0 }], p));
  backward(y, { gradient: on(values(3, 36), [3, 3, 2, 2]) });
  expect(w.grad).toBeDefined();
  expect(p.grad).toBeUndefined();
});

it('gates that belong to no weight get no gradient', async () => {
  const w = on([1, 2], [2, 1]);
  const p = on([1, 1, 1, 1], [4]);
  p.requiresGrad = true;
  backward(maskedWeights([{ weight: w, gate: 'input', at: 1 }], p)[0], { gradient: on([3, 5], [2, 1]) });
  expect(await p.grad!.floats()).toEqual(Float32Array.of(0, 3, 10, 0));
});

it.skipIf(!gpu.capabilities.f16)('weights with a copy in f16 give masked ones with a copy', async () => {
  const w = on([1, 2, 3], [3, 1]);
  w.half = zeros(gpu, [3, 1], 'half', 'f16');
  const [y] = maskedWeights([{ weight: w, gate: 'input', at: 0 }], on([0.1, 0.2, 0.3], [3]));
  const half = await y.half!.floats();
  const full = await y.floats();
  // f16 keeps 11 bits.
  for (const [i, v] of full.entries()) expect(Math.abs(half[i] - v)).toBeLessThanOrEqual(v * 2 ** -11);
});

it('names what does not fit', () => {
  const w = on(values(1, 54), [3, 3, 2, 3]);
  expect(() => maskedWeights([{ weight: w, gate: 'connection', at: 2 }], on(values(2, 6), [6]))).toThrow(
    'maskedWeights: input [6] holds fewer than the 8 gates of the weights',
  );
  expect(() => gateFeatures([{ weight: on([1, 2, 3], [3]), gate: 'filter', at: 0 }], { kind: 'avg' })).toThrow(
    TensorError,
  );
});
