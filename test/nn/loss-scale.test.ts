// Mixed precision in the optimizers: the f16 copy they keep, and the loss scale with its overflows, all on the GPU.
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../src/gpu/device/half.ts';
import type { Arena } from '../../src/nn/arena.ts';
import { Module, Parameter } from '../../src/nn/module.ts';
import { Adam } from '../../src/nn/optim/adam.ts';
import { Sgd } from '../../src/nn/optim/sgd.ts';
import { loadStateDict, StateDictError, stateDict } from '../../src/nn/state-dict.ts';
import { cast } from '../../src/ops/elementwise/cast.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { copyInto } from '../../src/tensor/accumulate.ts';
import { backward } from '../../src/tensor/autograd.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

const kinds = [
  ['Sgd', (trained: Arena, foundNonFinite?: Tensor) => new Sgd(trained, { lr: 0.1, momentum: 0.9, foundNonFinite })],
  ['Adam', (trained: Arena, foundNonFinite?: Tensor) => new Adam(trained, { lr: 0.1, foundNonFinite })],
] as const;

/** Two parameters whose sizes leave places between them, with f16 copies. */
class Pair extends Module {
  readonly first = new Parameter([5], (length, seed) => values(seed, length));
  readonly second = new Parameter([3, 43], (length, seed) => values(seed + 1, length));
}
const pair = (): Pair => new Pair().to(gpu, 1, { precision: 'f16' });

/** Sets all gradients, and what lies behind them to NaN, as a kernel may. */
function setGradients({ arena }: Module, gradients: (name: string, length: number) => ArrayLike<number>): void {
  arena.gradients.set(new Float32Array(arena.gradients.size).fill(Number.NaN));
  for (const [name, { grad, size }] of arena.tensors) grad!.set(gradients(name, size));
}

describe.skipIf(!gpu.capabilities.f16)('the f16 copy', () => {
  const expectCopies = async ({ arena }: Module): Promise<void> => {
    for (const [name, tensor] of arena.tensors)
      expect(await tensor.half!.floats(), name).toEqual(fromHalf(toHalf(await tensor.floats())));
  };

  it.each(kinds)('is the rounding of the weights after every step of %s', async (_, make) => {
    const module = pair();
    const optimizer = make(module.arena);
    await expectCopies(module);
    const before = await module.second.tensor.floats();
    for (let step = 0; step < 4; step++) {
      setGradients(module, (_, length) => values(step + 7, length).map((v) => v * 65536));
      optimizer.step();
      await expectCopies(module);
    }
    expect(await module.second.tensor.floats()).not.toEqual(before);
    for (const part of [optimizer, module]) part.release();
  });

  it('follows a state dict that is loaded, and is no part of one', async () => {
    const [module, other] = [pair(), pair()];
    other.second.tensor.set(values(99, 129));
    const dict = await stateDict(other);
    expect([...dict.keys()]).toEqual(['first', 'second']);
    loadStateDict(module, dict);
    expect(await module.second.tensor.floats()).toEqual(values(99, 129));
    await expectCopies(module);
    expect(() => loadStateDict(module, new Map([...dict, ['half', dict.get('first')!]]))).toThrow(StateDictError);
    module.release();
    other.release();
  });

  it('follows a copy into the weights', async () => {
    const [module, other] = [pair(), pair()];
    other.first.tensor.set([5, 4, 3, 2, 1.0001]);
    copyInto(module.arena.values, other.arena.values);
    expect(await module.first.tensor.floats()).toEqual(Float32Array.of(5, 4, 3, 2, 1.0001));
    await expectCopies(module);
    module.release();
    other.release();
  });

  it('goes with its network', () => {
    const held = gpu.memory.stats().current;
    const module = pair();
    expect(gpu.memory.stats().current).toBeGreaterThan(held);
    module.release();
    expect(gpu.memory.stats().current).toBe(held);
  });
});

describe.skipIf(!gpu.capabilities.f16).each(kinds)('the loss scale of %s', (_, make) => {
  const ready = (foundNonFinite?: Tensor) => {
    const module = pair();
    const optimizer = make(module.arena, foundNonFinite);
    const state = optimizer.state();
    const scale = state.get('loss-scale')!;
    const good = (size = 1): void => setGradients(module, (_, length) => new Float32Array(length).fill(size));
    /** One gradient of the second parameter, its last, is not finite. */
    const bad = (value: number): void =>
      setGradients(module, (name, length) =>
        Float32Array.from({ length }, (_, i) => (name === 'second' && i === length - 1 ? value : 1)),
      );
    const look = async () => {
      const all = new Map<string, unknown>();
      for (const [name, tensor] of [...state, ['weights', module.second.tensor] as const])
        if (name !== 'loss-scale') all.set(name, Array.from(await tensor.data()));
      return all;
    };
    const release = (): void => {
      optimizer.release();
      module.release();
    };
    return { module, optimizer, scale, good, bad, look, release };
  };

  it('divides the gradients', async () => {
    const [one, other] = [ready(), ready()];
    other.scale.set([8, 0]);
    one.good(65536);
    other.good(8);
    for (const { optimizer } of [one, other]) optimizer.step();
    expect(await other.look()).toEqual(await one.look());
    expect(await one.optimizer.lossScale.item()).toBe(65536);
    for (const { release } of [one, other]) release();
  });

  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    'leaves out a step with a gradient of %f, halves, and recovers',
    async (value) => {
      const { optimizer, scale, good, bad, look, release } = ready();
      good();
      optimizer.step();
      const before = await look();
      expect(before.get('clock')).toEqual([1]);
      for (const expected of [32768, 16384]) {
        bad(value);
        optimizer.step();
        expect(await scale.floats()).toEqual(Float32Array.of(expected, 0));
        expect(await look()).toEqual(before);
      }
      good();
      optimizer.step();
      expect(await scale.floats()).toEqual(Float32Array.of(16384, 1));
      const after = await look();
      expect(after.get('clock')).toEqual([2]);
      expect(after.get('weights')).not.toEqual(before.get('weights'));
      release();
    },
  );

  it('doubles after 2000 good steps', async () => {
    const { optimizer, scale, good, release } = ready();
    good();
    const program = gpu.capture('step', () => optimizer.step());
    for (let i = 1; i < 1999; i++) program.replay();
    expect(await scale.floats()).toEqual(Float32Array.of(65536, 1999));
    program.replay();
    expect(await scale.floats()).toEqual(Float32Array.of(131072, 0));
    program.dispose();
    release();
  });

  it('stays while foundNonFinite is set', async () => {
    const foundNonFinite = on([1], [1], 'u32');
    const { optimizer, scale, good, bad, look, release } = ready(foundNonFinite);
    const before = await look();
    bad(Number.NaN);
    optimizer.step();
    good();
    optimizer.step();
    expect(await scale.floats()).toEqual(Float32Array.of(65536, 0));
    expect(await look()).toEqual(before);
    release();
  });

  it('does not hide gradients that are bad at any scale', async () => {
    const { module, optimizer, scale, bad, release } = ready();
    for (let i = 0; i < 32; i++) {
      bad(Number.NaN);
      optimizer.step();
    }
    expect((await scale.floats())[0]).toBe(2 ** -16);
    expect((await module.second.tensor.floats()).every(Number.isFinite)).toBe(true);
    bad(Number.NaN);
    optimizer.step();
    expect((await module.second.tensor.floats())[128]).toBeNaN();
    release();
  });
});

it('is 1 for f32, and then no gradient is looked at', async () => {
  const [w, g] = [on([1, 2], [2]), on([Number.NaN, 1], [2])];
  const optimizer = new Sgd({ values: w, gradients: g }, { lr: 1 });
  optimizer.step();
  expect(await w.floats()).toEqual(Float32Array.of(Number.NaN, 1));
  expect(await optimizer.lossScale.item()).toBe(1);
  expect([...optimizer.state().keys()]).toEqual(['clock']);
  optimizer.release();
});

it.skipIf(!gpu.capabilities.f16)('can be asked for where the parameters are f32 and what follows is not', async () => {
  const w = on([1, 2, 3], [3]);
  w.requiresGrad = true;
  w.grad = on([0, 0, 0], [3]);
  const optimizer = new Adam({ values: w, gradients: w.grad }, { lr: 1, lossScaling: true });
  const step = (): void => {
    backward(sum(cast(cast(w, 'f16'), 'f32')), { gradient: optimizer.lossScale });
    optimizer.step();
  };
  // 65536 is beyond f16: what passes through it overflows, half of it does not.
  step();
  expect(await w.grad.floats()).toEqual(new Float32Array(3).fill(Number.POSITIVE_INFINITY));
  expect(await w.floats()).toEqual(Float32Array.of(1, 2, 3));
  step();
  expect(await optimizer.lossScale.item()).toBe(32768);
  expect((await w.floats())[0]).toBeCloseTo(0, 5);
  optimizer.release();
});

it('asks for an adapter with f16', () => {
  const without = Object.create(gpu, { capabilities: { value: { ...gpu.capabilities, f16: false } } });
  expect(() => new Pair().to(without, 1, { precision: 'f16' })).toThrow(
    'precision f16: this adapter has no f16 (feature shader-f16); take precision f32',
  );
});
