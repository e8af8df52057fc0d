// Sgd and Adam against torch's formulas in float64 and against torch's own results; the schedule, replays, foundNonFinite, and what a checkpoint holds.
import { describe, expect, it } from 'vitest';
import { Adam, type AdamOptions } from '../../src/nn/optim/adam.ts';
import { Sgd, type SgdOptions } from '../../src/nn/optim/sgd.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { formulaUniform } from '../golden/formula.ts';
import { loadGolden } from '../golden/golden.ts';
import { relativeError } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

type Case = Omit<SgdOptions & AdamOptions, 'lr' | 'foundNonFinite'> & { kind: 'sgd' | 'adam' };

/** torch.optim.SGD, Adam and AdamW as their documentation writes them. */
function reference(
  { kind, momentum = 0, nesterov = false, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0, decoupled }: Case,
  start: ArrayLike<number>,
  gradients: ArrayLike<number>[],
  rate: (step: number) => number,
): Float64Array {
  const w = Float64Array.from(start);
  const m = new Float64Array(w.length);
  const v = new Float64Array(w.length);
  for (const [step, gradient] of gradients.entries()) {
    const lr = rate(step);
    for (let i = 0; i < w.length; i++) {
      let g = gradient[i];
      if (decoupled) w[i] -= lr * weightDecay * w[i];
      else g += weightDecay * w[i];
      if (kind === 'sgd') {
        m[i] = step === 0 ? g : momentum * m[i] + g;
        if (momentum === 0) w[i] -= lr * g;
        else w[i] -= lr * (nesterov ? g + momentum * m[i] : m[i]);
      } else {
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const corrected = Math.sqrt(v[i]) / Math.sqrt(1 - beta2 ** (step + 1));
        w[i] -= ((lr / (1 - beta1 ** (step + 1))) * m[i]) / (corrected + eps);
      }
    }
  }
  return w;
}

function make(
  { kind, ...options }: Case,
  w: Tensor,
  g: Tensor,
  schedule: ArrayLike<number>,
  foundNonFinite?: Tensor,
): Sgd | Adam {
  const all = { ...options, lr: schedule, foundNonFinite };
  return new { sgd: Sgd, adam: Adam }[kind]({ values: w, gradients: g }, all);
}

const cases: Case[] = [
  { kind: 'sgd' },
  { kind: 'sgd', weightDecay: 0.1 },
  { kind: 'sgd', momentum: 0.9 },
  { kind: 'sgd', momentum: 0.8, weightDecay: 0.05 },
  { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.05 },
  { kind: 'sgd', momentum: 0.9, weightDecay: 0.2, decoupled: true },
  { kind: 'adam' },
  { kind: 'adam', beta1: 0.5, beta2: 0.9, eps: 1e-3, weightDecay: 0.1 },
  { kind: 'adam', beta1: 0, weightDecay: 0.1, decoupled: true },
];

// Each step rounds the weights a few times at 6e-8; Adam's division by √v̂ passes on the error of √, of a division and of the bias
// corrections, some 5e-7 of an update no larger than the rate.
const TOLERANCE = 1e-6;

describe.each(cases)('%j', (options) => {
  it.each([1, 7, 64, 1021])('%i values, a schedule shorter than the run', async (size) => {
    const w = on(values(size, size), [size]);
    const g = on(new Float32Array(size), [size]);
    const schedule = Float32Array.of(0.1, 0.05, 0.2);
    const optimizer = make(options, w, g, schedule);
    const gradients = Array.from({ length: 6 }, (_, step) => values(size * 31 + step, size));
    for (const gradient of gradients) {
      g.set(gradient);
      optimizer.step();
    }
    const expected = reference(options, values(size, size), gradients, (step) => schedule[Math.min(step, 2)]);
    expect(relativeError(await w.floats(), expected)).toBeLessThan(TOLERANCE);
    expect(await optimizer.state().get('clock')!.item()).toBe(6);
    optimizer.release();
  });
});

it('corrects the bias of the first step and of late ones', async () => {
  const [w, g] = [on([0], [1]), on([0.5], [1])];
  const optimizer = new Adam({ values: w, gradients: g }, { lr: 1 });
  for (const clock of [0, 1, 10, 100, 500, 1000, 100_000]) {
    // With m = v = 0 before it, the update is (1 − β1) / (1 − β1ⁿ) · √((1 − β2ⁿ) / (1 − β2)).
    for (const name of ['m', 'v']) optimizer.state().get(name)!.set([0]);
    optimizer.state().get('clock')!.set([clock]);
    w.set([0]);
    optimizer.step();
    const n = clock + 1;
    const expected = (0.1 / (1 - 0.9 ** n)) * Math.sqrt((1 - 0.999 ** n) / 0.001);
    expect(Math.abs(-(await w.item()) / expected - 1)).toBeLessThan(2e-6);
  }
});

describe.each(['sgd', 'adam'] as const)('%s', (kind) => {
  const options: Case = { kind, ...(kind === 'sgd' && { momentum: 0.9 }) };

  it('replays with the next learning rate', async () => {
    const [w, g] = [on([1, 2, 3], [3]), on([1, -1, 2], [3])];
    const schedule = [0.1, 0.2, 0.3, 0.4];
    const optimizer = make(options, w, g, schedule);
    const program = gpu.capture('step', () => optimizer.step());
    for (let i = 0; i < 3; i++) program.replay();
    const expected = reference(options, [1, 2, 3], Array(4).fill([1, -1, 2]), (step) => schedule[step]);
    expect(relativeError(await w.floats(), expected)).toBeLessThan(TOLERANCE);
    program.dispose();
  });

  it('does nothing while foundNonFinite is set', async () => {
    const foundNonFinite = on([1], [1], 'u32');
    const [w, g] = [on([1, 2], [2]), on([1, Number.NaN], [2])];
    const optimizer = make(options, w, g, [0.1], foundNonFinite);
    optimizer.step();
    expect(await w.floats()).toEqual(Float32Array.of(1, 2));
    for (const tensor of optimizer.state().values()) expect(Array.from(await tensor.data())).not.toContain(Number.NaN);
    expect(await optimizer.state().get('clock')!.item()).toBe(0);
    foundNonFinite.set([0]);
    g.set([1, 1]);
    optimizer.step();
    expect((await w.floats())[0]).toBeLessThan(1);
    expect(await optimizer.state().get('clock')!.item()).toBe(1);
  });

  it('goes on from its state as if it had never stopped', async () => {
    const run = async (break_: boolean): Promise<Float32Array> => {
      const [w, g] = [on(values(3, 9), [9]), on(values(4, 9), [9])];
      let optimizer = make(options, w, g, [0.1, 0.2]);
      for (let i = 0; i < 4; i++) {
        if (break_ && i === 2) {
          const saved = new Map<string, ArrayLike<number>>();
          for (const [name, tensor] of optimizer.state()) saved.set(name, await tensor.data());
          optimizer.release();
          optimizer = make(options, w, g, [0.1, 0.2]);
          for (const [name, tensor] of optimizer.state()) tensor.set(saved.get(name)!);
        }
        optimizer.step();
      }
      return w.floats();
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('torch', () => {
  const golden = loadGolden('optim');
  it.each(golden.cases)(
    '$kind, momentum $momentum, nesterov $nesterov, decay $weightDecay, decoupled $decoupled',
    async ({ final, lr, kind, ...options }) => {
      const [size] = golden.w.shape;
      const w = on(formulaUniform(golden.w.name, [size]), [size]);
      const g = on(new Float32Array(size), [size]);
      const optimizer = make({ ...options, kind: kind === 'sgd' ? 'sgd' : 'adam' }, w, g, [lr]);
      for (let step = 1; step <= golden.steps; step++) {
        g.set(formulaUniform(`${golden.gradient}${step}`, [size]));
        optimizer.step();
      }
      expect(relativeError(await w.floats(), final.values)).toBeLessThan(TOLERANCE);
    },
  );
});

it('names what does not fit', () => {
  const w = { values: on([1], [1]), gradients: on([1], [1]) };
  const make =
    (...given: unknown[]) =>
    () =>
      new (Sgd as unknown as new (...all: unknown[]) => Sgd)(...given);
  expect(make({ values: on([1, 2], [2]), gradients: on([1], [1]) }, { lr: 1 })).toThrow(/does not fit/);
  expect(() => new Adam(w, { lr: on([1], [1, 1]) })).toThrow('Adam: lr input [1×1] f32 must be f32 [steps]');
  expect(make()).toThrow("Sgd: the first argument must be a module's arena");
  expect(make({}, { lr: 1 })).toThrow("Sgd: the first argument must be a module's arena");
  expect(make(w)).toThrow('Sgd: the options are missing; give an object as { lr: 0.1 }');
  expect(make(w, null)).toThrow('Sgd: the options are null');
  expect(make(w, {})).toThrow('Sgd: lr is missing; give a number');
  expect(make(w, { lr: [] })).toThrow('Sgd: lr is []');
  expect(make(w, { lr: 'fast' })).toThrow('Sgd: lr is "fast"; give a number');
  expect(make(w, { lr: -1 })).toThrow('Sgd: lr is -1, it must be a number from 0');
  expect(make(w, { lr: [1, Number.NaN] })).toThrow('Sgd: lr of step 1 is NaN');
  expect(make(w, { lr: 1, momentun: 0.9 })).toThrow('Sgd: there is no option momentun; did you mean momentum?');
  expect(make(w, { lr: 1, schedule: [1] })).toThrow('Sgd: there is no option schedule; there are lr, weightDecay');
  expect(make(w, { lr: 1, clipNorm: 0 })).toThrow('Sgd: clipNorm is 0, it must be a number above 0');
  expect(make(w, { lr: 1, groups: [{ match: /a/ }] })).toThrow('Sgd: groups choose parameters by name');
});
