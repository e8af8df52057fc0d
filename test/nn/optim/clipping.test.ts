// Gradients clipped by norm and by value, beside loss scales and steps that are left out.
import { describe, expect, it } from 'vitest';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';
import { Pair, setGradients, wave, weightsOf } from './pair.ts';

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
