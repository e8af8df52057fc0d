// A pair of search updates with the network in f16 against the same in f32: both gradients come out of their loss scales as they went in.
import { describe, expect, it } from 'vitest';
import type { Precision } from '../../../src/nn/arena.ts';
import { distance } from '../../support/check.ts';
import { gpu } from '../../support/gpu.ts';
import { searchStage } from '../../support/training.ts';

/** All gradients of the network and of the astrocyte after one step, unscaled, end to end. */
async function gradients(seed: number, precision: Precision): Promise<{ nn: number[]; an: number[] }> {
  const { stage, release } = searchStage({
    seed,
    precision,
    images: 48,
    recipe: { batch: 16 },
    updates: 'last',
  });
  await stage.step(0);
  const of = async (
    which: 'optimizer' | 'an-optimizer',
    module: typeof stage.network | typeof stage.regulator.astrocyte,
  ) => {
    const [scale = 1] = (await stage.tensors().get(`${which}.loss-scale`)?.floats()) ?? [];
    expect(scale).toBe(precision === 'f16' ? 65536 : 1);
    const all: number[] = [];
    for (const { grad } of module.arena.tensors.values())
      for (const value of await grad!.floats()) all.push(value / scale);
    return all;
  };
  const both = { nn: await of('optimizer', stage.network), an: await of('an-optimizer', stage.regulator.astrocyte) };
  release();
  return both;
}

// As in test/models/mixed-precision.test.ts: 16 roundings on the longest way through the stem and two blocks, and five ReLUs. Features, astrocyte
// and gates are f32 in both.
const TOLERANCE = Math.sqrt(5 * 0.64 * 16 * 2 ** -11);

describe.skipIf(!gpu.capabilities.f16)('a search with the network in f16', () => {
  it.each([1, 2, 3])('has the gradients of one in f32, seed %i', async (seed) => {
    const [wide, half] = [await gradients(seed, 'f32'), await gradients(seed, 'f16')];
    expect(distance(half.nn, wide.nn)).toBeLessThan(TOLERANCE);
    expect(distance(half.an, wide.an)).toBeLessThan(TOLERANCE);
  });
});
