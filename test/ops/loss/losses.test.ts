// All losses: torch's values and gradients; float64 over odd shapes with gradients; f16; values that go wrong; replays.
import { describe, expect, it } from 'vitest';
import * as ops from '../../../src/ops/index.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Shape, Tensor } from '../../../src/tensor/tensor.ts';
import { formulaUniform } from '../../golden/formula.ts';
import { fullError, type LossCase, loadGolden } from '../../golden/golden.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { halfValues } from '../../support/random.ts';

type Loss = (...given: unknown[]) => Tensor;
const all = Object.fromEntries(Object.entries(ops)) as Record<string, Loss>;

/** Inputs on the GPU, and the loss of them. */
function prepared({ name, op, inputs, scale, target, options }: LossCase, dtype: 'f32' | 'f16' = 'f32') {
  const made = Object.entries(inputs).map(([input, shape]) => {
    const tensor = on(formulaUniform(`${name}.${input}`, shape, scale), shape, dtype);
    tensor.requiresGrad = true;
    return tensor;
  });
  const targets = target ? [on(target.values, target.shape, target.labels ? 'u32' : 'f32')] : [];
  const given = Object.entries(options).map(([key, value]) => [
    key,
    Array.isArray(value) ? on(formulaUniform(`${name}.${key}`, value, 1, 1.5), value) : value,
  ]);
  return { made, loss: all[op](...made, ...targets, Object.fromEntries(given)) };
}

describe.each(loadGolden('losses').cases)('$name', (golden) => {
  const { name, inputs, outputs } = golden;
  const run = async (dtype?: 'f16') => {
    const { made, loss } = prepared(golden, dtype);
    const y = await loss.floats();
    expect(loss.dtype).toBe('f32');
    expect(loss.shape).toEqual(outputs.y.shape);
    scope(() =>
      backward(loss, loss.size > 1 ? { gradient: on(formulaUniform(`${name}.dy`, loss.shape), loss.shape) } : {}),
    );
    return [y, ...(await Promise.all(made.map(({ grad }) => grad!.floats())))];
  };
  const expected = [outputs.y, ...Object.keys(inputs).map((input) => outputs[`d${input}`])];

  it('gives what torch gives', async () => {
    // What torch's own f32 loses, and some roundings.
    for (const [i, values] of (await run()).entries())
      expect(fullError(expected[i], values)).toBeLessThan(1e-6 + 4 * expected[i].f32);
  });

  it.skipIf(!gpu.capabilities.f16)('takes f16', async () => {
    // Inputs and gradients are rounded at 2⁻¹¹; a logit of 8 moves a probability by 8 · 2⁻¹² of it, and a kink or two may be passed.
    for (const [i, values] of (await run('f16')).entries()) expect(fullError(expected[i], values)).toBeLessThan(5e-3);
  });
});

describe('over odd shapes, against float64', () => {
  const shapes: Shape[] = [[1], [7], [3, 5], [2, 3, 11]];
  const average = (losses: number[]): Float64Array =>
    Float64Array.of(losses.reduce((p, q) => p + q, 0) / losses.length);
  const pairs: [string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number][] = [
    ['mse', (a, b) => ops.mse(a, b), (a, b) => (a - b) ** 2],
    [
      'huber',
      (a, b) => ops.huber(a, b, { delta: 0.5 }),
      (a, b) => (Math.abs(a - b) < 0.5 ? (a - b) ** 2 / 2 : 0.5 * (Math.abs(a - b) - 0.25)),
    ],
    [
      'smoothL1',
      (a, b) => ops.smoothL1(a, b, { beta: 0.25 }),
      (a, b) => (Math.abs(a - b) < 0.25 ? 2 * (a - b) ** 2 : Math.abs(a - b) - 0.125),
    ],
    [
      'binaryCrossEntropyWithLogits',
      (a, b) => ops.binaryCrossEntropyWithLogits(a, b),
      (a, b) => Math.log1p(Math.exp(a)) - a * b,
    ],
    [
      'klDivergence',
      (a, b) => ops.klDivergence(a, b, { logTarget: true, reduction: 'mean' }),
      (a, b) => Math.exp(b) * (b - a),
    ],
  ];
  it.each(pairs)('%s', async (_, op, reference) => {
    for (const [i, shape] of shapes.entries())
      await checkOp({
        inputs: [{ shape }, { shape }],
        op: ([a, b]) => op(a, b),
        reference: ([a, b]) => average(Array.from(a, (v, k) => reference(v, b[k]))),
        seed: i + 1,
      });
  });

  it('sigmoidFocalLoss', async () => {
    for (const [gamma, alpha] of [
      [2, 0.25],
      [0, -1],
      [0.5, 0.9],
      [5, 0.5],
    ])
      for (const [i, shape] of shapes.entries()) {
        const target = halfValues(
          i + 9,
          shape.reduce((p, q) => p * q, 1),
        ).map((v, k) => (k % 3 ? Number(v > 0) : Math.abs(v)));
        const yes = alpha < 0 ? 1 : alpha;
        const no = alpha < 0 ? 1 : 1 - alpha;
        await checkOp({
          inputs: [{ shape }],
          op: ([x]) => ops.sigmoidFocalLoss(x, on(target, shape), { alpha, gamma }),
          reference: ([x]) =>
            average(
              Array.from(x, (v, k) => {
                const p = 1 / (1 + Math.exp(-v));
                const t = target[k];
                return (
                  (yes * t + no * (1 - t)) * (Math.log1p(Math.exp(v)) - v * t) * (p * (1 - t) + (1 - p) * t) ** gamma
                );
              }),
            ),
          seed: i + 1,
        });
      }
  });

  it('cosineSimilarity along any axis, and vectors of zeros', async () => {
    const dot = (a: number[], b: number[]): number => a.reduce((sum, v, i) => sum + v * b[i], 0);
    for (const axis of [0, -1])
      await checkOp({
        inputs: [{ shape: [3, 5] }, { shape: [3, 5] }],
        op: ([a, b]) => ops.cosineSimilarity(a, b, { axis }),
        reference: ([a, b]) => {
          const lines = (x: Float64Array): number[][] =>
            axis === 0
              ? [0, 1, 2, 3, 4].map((j) => [0, 1, 2].map((i) => x[5 * i + j]))
              : [0, 1, 2].map((i) => [...x.subarray(5 * i, 5 * i + 5)]);
          const [p, q] = [lines(a), lines(b)];
          return Float64Array.from(p, (v, i) => dot(v, q[i]) / Math.sqrt(dot(v, v) * dot(q[i], q[i])));
        },
      });
    const [a, b] = [on([0, 0, 1, 2], [2, 2]), on([1, 1, 2, 4], [2, 2])];
    for (const side of [a, b]) side.requiresGrad = true;
    const y = ops.cosineSimilarity(a, b);
    expect(relativeError(await y.floats(), [0, 1])).toBeLessThan(1e-6);
    backward(ops.sum(y));
    for (const side of [a, b]) expect((await side.grad!.floats()).every(Number.isFinite)).toBe(true);
  });
});

describe('values that go wrong', () => {
  const at = async (op: (x: Tensor) => Tensor, logits: number[]): Promise<number[][]> => {
    const x = on(logits, [logits.length]);
    x.requiresGrad = true;
    const y = op(x);
    const values = [...(await y.floats())];
    scope(() => backward(y, { gradient: on(new Float32Array(y.size).fill(1), y.shape) }));
    return [values, [...(await x.grad!.floats())]];
  };
  const none = { reduction: 'none' } as const;

  it('logits of ±1e4 neither overflow nor lose the loss', async () => {
    const yes = on([1, 1, 0, 0], [4]);
    const logits = [1e4, -1e4, 1e4, -1e4];
    expect(await at((x) => ops.binaryCrossEntropyWithLogits(x, yes, none), logits)).toEqual([
      [0, 1e4, 1e4, 0],
      [0, -1, 1, 0],
    ]);
    for (const gamma of [0, 0.5, 1, 2])
      expect(await at((x) => ops.sigmoidFocalLoss(x, yes, { alpha: -1, gamma, ...none }), logits)).toEqual([
        [0, 1e4, 1e4, 0],
        [0, -1, 1, 0].map((v) => expect.closeTo(v, 6)),
      ]);
    const soft = await at((x) => ops.crossEntropy(ops.reshape(x, [2, 2]), on([0, 1, 0.5, 0.5], [2, 2]), none), logits);
    expect(soft).toEqual([
      [2e4, 1e4],
      [1, -1, 0.5, -0.5],
    ]);
  });

  it('NaN shows', async () => {
    const target = on([0, 1, 0.5, 1], [4]);
    const logits = [0.5, Number.NaN, 2, Number.NaN];
    const losses: ((x: Tensor) => Tensor)[] = [
      (x) => ops.mse(x, target, none),
      (x) => ops.l1(x, target, none),
      (x) => ops.smoothL1(x, target, none),
      (x) => ops.huber(x, target, none),
      (x) => ops.binaryCrossEntropyWithLogits(x, target, none),
      (x) => ops.sigmoidFocalLoss(x, target, none),
      (x) => ops.klDivergence(target, x, none),
      (x) => ops.klDivergence(x, target, none),
    ];
    for (const loss of losses) {
      const [values] = await at(loss, logits);
      expect(values.map(Number.isNaN)).toEqual([false, true, false, true]);
    }
  });

  it('a probability of 0 adds nothing to a KL divergence, whatever its logarithm meets', async () => {
    const infinite = Number.NEGATIVE_INFINITY;
    const x = on([infinite, Math.log(0.5)], [1, 2]);
    expect(await ops.klDivergence(x, on([0, 1], [1, 2])).item()).toBeCloseTo(Math.log(2), 6);
    expect(await ops.klDivergence(x, on([infinite, 0], [1, 2]), { logTarget: true }).item()).toBeCloseTo(
      Math.log(2),
      6,
    );
  });

  it('a mean over ignored labels alone is NaN, as torch’s; their rows have no gradient, whatever they hold', async () => {
    const labels = on([2, 9], [2], 'u32');
    const x = on([1, 2, 3, Number.NaN, 0, 0], [2, 3]);
    x.requiresGrad = true;
    const loss = ops.crossEntropy(x, labels, { ignoreIndex: 9 });
    expect(await loss.item()).toBeCloseTo(Math.log(1 + Math.exp(-1) + Math.exp(-2)), 6);
    backward(loss);
    expect((await x.grad!.floats()).subarray(3)).toEqual(Float32Array.of(0, 0, 0));
    expect(await ops.crossEntropy(x, on([9, 9], [2], 'u32'), { ignoreIndex: 9 }).item()).toBeNaN();
    expect(await ops.crossEntropy(x, on([9, 9], [2], 'u32'), { ignoreIndex: 9, reduction: 'sum' }).item()).toBe(0);
  });

  it('what does not fit is named', () => {
    const [a, b] = [on([1, 2, 3, 4, 5, 6], [2, 3]), on([1, 2, 3], [3])];
    expect(() => ops.mse(a, b)).toThrow('mse: input [2×3] and input [3] must be of one shape');
    expect(() => ops.l1(a, on([1, 2, 3, 4, 5, 6], [2, 3], 'u32'))).toThrow('l1: input [2×3] is u32');
    expect(() => ops.mse(a, a, { reduction: 'avg' as never })).toThrow(
      'mse: reduction is avg, it must be mean, sum or none',
    );
    expect(() => ops.huber(a, a, { delta: 0 })).toThrow('huber: delta is 0');
    expect(() => ops.smoothL1(a, a, { beta: -1 })).toThrow('smoothL1: beta is -1');
    expect(() => ops.sigmoidFocalLoss(a, a, { alpha: 2 })).toThrow('sigmoidFocalLoss: alpha is 2');
    expect(() => ops.binaryCrossEntropyWithLogits(b, b, { posWeight: a })).toThrow(
      'posWeight [2×3] does not repeat to input [3]',
    );
    expect(() => ops.crossEntropy(a, on([0, 0], [2], 'u32'), { weight: on([1], [1]) })).toThrow('must be [3]');
    expect(() => ops.crossEntropy(a, a, { ignoreIndex: 1 })).toThrow('targets are shares of classes, not labels');
    expect(() => ops.crossEntropy(a, on([0, 0], [2], 'u32'), { ignoreIndex: 0.5 })).toThrow('ignoreIndex is 0.5');
    expect(() => ops.cosineSimilarity(a, b)).toThrow(
      'cosineSimilarity: input [2×3] and input [3] must be of one shape',
    );
  });
});

it('a captured step of all losses replays to the same bits', async () => {
  for (const golden of loadGolden('losses').cases.slice(0, 30)) {
    const { made } = prepared(golden);
    const { target, options, op } = golden;
    const targets = target ? [on(target.values, target.shape, target.labels ? 'u32' : 'f32')] : [];
    const plain = Object.fromEntries(Object.entries(options).filter(([, value]) => !Array.isArray(value)));
    let loss!: Tensor;
    const program = gpu.capture(golden.name, () => {
      const y = all[op](...made, ...targets, plain);
      loss = ops.sum(y);
      backward(loss);
    });
    const look = async () => [await loss.floats(), ...(await Promise.all(made.map(({ grad }) => grad!.floats())))];
    const first = await look();
    for (const { grad } of made) grad!.set(new Float32Array(grad!.size));
    program.replay();
    expect(await look(), golden.name).toEqual(first);
    program.dispose();
  }
});
