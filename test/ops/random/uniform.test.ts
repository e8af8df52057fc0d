// The generator: Random123's known answers, the same bits on CPU and GPU, moments, permutations.
import { describe, expect, it } from 'vitest';
import { randomUniform } from '../../../src/ops/random/uniform.ts';
import { normalArray, permutation, philox, uniform, uniformArray } from '../../../src/tensor/random.ts';
import { gpu, on } from '../../support/gpu.ts';

describe('philox', () => {
  // From the file kat_vectors of Random123 1.14.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('%j under %j', (counter, key, expected) => expect(philox(counter, key)).toEqual(expected));
});

describe('numbers on the CPU', () => {
  it('can be had one by one', () => {
    const all = uniformArray(11, 7, 3, 2);
    expect(Array.from(all.keys(), (i) => uniform(7, 3, i, 2))).toEqual([...all]);
  });

  it('differ by seed, stream and counter', () => {
    const firsts = [uniform(1, 1, 0), uniform(2, 1, 0), uniform(1, 2, 0), uniform(1, 1, 0, 1), uniform(1, 1, 1)];
    expect(new Set(firsts).size).toBe(5);
  });

  it('are uniform, and normal, within 5 standard errors of mean and variance', () => {
    const n = 1e5;
    const moments = (values: Float32Array): [number, number] => {
      const mean = values.reduce((sum, v) => sum + v, 0) / n;
      return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n];
    };
    const [m, v] = moments(uniformArray(n, 1, 2));
    expect(Math.abs(m - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(v - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    const [mean, variance] = moments(normalArray(n, 1, 2));
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(normalArray(7, 1, 2)).toEqual(normalArray(8, 1, 2).subarray(0, 7));
  });

  it('shuffle', () => {
    const order = permutation(1000, 5, 1);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(permutation(1000, 5, 1)).toEqual(order);
    expect(permutation(1000, 5, 2)).not.toEqual(order);
    expect(permutation(1, 5, 1)).toEqual(Uint32Array.of(0));
    const ends = new Set(Array.from({ length: 50 }, (_, i) => permutation(4, i, 1).join('')));
    expect(ends.size).toBeGreaterThan(15); // of 24 orders, 50 draws miss about 3
  });
});

describe('randomUniform', () => {
  it.each([[1], [7], [4, 5, 13], [300, 7]].map((shape) => ({ shape })))(
    '$shape has the bits of the CPU',
    async ({ shape }) => {
      const y = randomUniform(gpu, shape, { seed: 0xfedcba98, stream: 17 });
      expect(await y.floats()).toEqual(uniformArray(y.size, 0xfedcba98, 17));
    },
  );

  it('reads its counter from the GPU', async () => {
    const counter = on([41], [1], 'u32');
    const y = randomUniform(gpu, [9], { seed: 1, stream: 2, counter });
    expect(await y.floats()).toEqual(uniformArray(9, 1, 2, 41));
  });

  it('takes a u32 counter only', () =>
    expect(() => randomUniform(gpu, [2], { seed: 1, stream: 2, counter: on([1], [1]) })).toThrow('must be u32'));
});
