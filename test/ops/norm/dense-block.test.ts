// Dense blocks by writeChannels(): against float64, against the same network by concat, captured, without a tape, and what they copy and hold.
import { describe, expect, it, vi } from 'vitest';
import { backward, noGrad } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import { count, empty } from '../../../src/tensor/tensor.ts';
import { checkOp, distance, relativeError } from '../../support/check.ts';
import { type Dense, denseBlock, denseInputs, denseReference } from '../../support/dense.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

/** Channels by fours, by twos, odd, and layers that add differently many. */
const blocks: Dense[] = [
  { shape: [2, 3, 4, 8], growth: [4, 4, 4] },
  { shape: [2, 4, 3, 6], growth: [4, 2, 4] },
  { shape: [3, 5, 2, 5], growth: [3, 3, 3] },
  { shape: [4, 3, 3, 1], growth: [1, 7, 2] },
];

/** The result of a dense block and the gradients of all its inputs. */
async function results(dense: Dense, join: 'place' | 'concat', stored: 'f32' | 'f16'): Promise<Float32Array[]> {
  const inputs = denseInputs(dense).map(({ shape }, i) => on(values(i + 1, count(shape)), shape));
  for (const input of inputs) input.requiresGrad = true;
  const y = denseBlock(dense, join, stored)(inputs);
  const found = [await y.floats()];
  scope(() => backward(y, { gradient: on(values(99, y.size), y.shape) }));
  for (const { grad } of inputs) found.push(await grad!.floats());
  for (const made of [y, ...inputs]) made.release();
  return found;
}

describe.each(blocks)('a dense block $shape + $growth', (dense) => {
  // Four norms one behind the other, each of which magnifies roundings by 1 / deviation, up to some 3 here: ten times what one norm is allowed.
  it('is what float64 says, and so are its gradients', () =>
    checkOp({
      inputs: denseInputs(dense),
      op: denseBlock(dense, 'place'),
      reference: denseReference(dense),
      tolerance: 1e-5,
      gradientTolerance: 1e-4,
      samples: 8,
    }));

  it('is what concat gives', async () => {
    const placed = await results(dense, 'place', 'f32');
    const joined = await results(dense, 'concat', 'f32');
    // The same sums in another order: roundings of f32, magnified as above.
    placed.forEach((array, i) => {
      expect(relativeError(array, joined[i]), `result ${i}`).toBeLessThan(1e-5);
    });
  });

  // The same roundings, but where sums of f32 in another order bring a value over the edge between two of f16: 2⁻¹⁰ of one of hundreds.
  it.skipIf(!gpu.capabilities.f16)('is what concat gives in f16', async () => {
    const placed = await results(dense, 'place', 'f16');
    const joined = await results(dense, 'concat', 'f16');
    placed.forEach((array, i) => {
      expect(distance(array, joined[i]), `result ${i}`).toBeLessThan(2 ** -10);
    });
  });
});

describe('a step', () => {
  const dense = { shape: [2, 4, 4, 12], growth: [4, 4, 4] };
  const inputs = denseInputs(dense).map(({ shape }, i) => {
    const made = on(values(i + 1, count(shape)), shape);
    made.requiresGrad = true;
    made.grad = keep(empty(gpu, shape, 'gradient'));
    return made;
  });
  const upstream = on(values(50, 2 * 4 * 4 * 24), [2, 4, 4, 24]);
  const step = (join: 'place' | 'concat'): void => {
    backward(denseBlock(dense, join)(inputs), { gradient: upstream });
  };
  const gradients = (): Promise<Float32Array[]> => Promise.all(inputs.map(({ grad }) => grad!.floats()));
  const poison = (): void => {
    for (const { grad, size } of inputs) grad!.set(new Float32Array(size).fill(Number.NaN));
  };
  /** Bytes that copies and sums of whole tensors move, and how many tensors are set to zero. */
  const moved = (join: 'place' | 'concat'): { bytes: number; zeroed: number } => {
    const fill = vi.spyOn(gpu, 'fill');
    const program = gpu.capture(join, () => scope(() => step(join)));
    const copies = program.dispatches.filter(({ label }) => /^(shape|accumulate)/.test(label));
    const zeroed = fill.mock.calls.filter(([, bits]) => bits === 0).length; // other fills are poison
    fill.mockRestore();
    program.dispose();
    return { bytes: copies.reduce((bytes, { cost }) => bytes + cost!.bytes, 0), zeroed };
  };

  it('copies each channel into the block and its gradient out of it, once, and nothing else', () => {
    const channel = 2 * 4 * 4 * 4;
    const both = 2 * 2; // read and written, forward and backward
    expect(moved('place')).toEqual({ bytes: both * channel * 24, zeroed: 0 });
    expect(moved('concat')).toEqual({ bytes: both * channel * (16 + 20 + 24), zeroed: 0 });
  });

  it('gives the same numbers each time it is replayed', async () => {
    const program = gpu.capture('step', () => scope(() => step('place')));
    const first = await gradients();
    for (let i = 0; i < 2; i++) {
      poison();
      program.replay();
      expect(await gradients()).toEqual(first);
    }
    program.dispose();
    poison();
    scope(() => step('concat'));
    const joined = await gradients();
    first.forEach((array, i) => {
      expect(relativeError(array, joined[i])).toBeLessThan(1e-5);
    });
  });

  it('frees the block as soon as its backward is through', () => {
    const blocks = (): number => gpu.memory.stats().byLabel.find(({ label }) => label === 'block')?.bytes ?? 0;
    const before = { all: gpu.memory.stats().current, blocks: blocks() };
    scope(() => {
      const y = denseBlock(dense, 'place')(inputs);
      expect(blocks()).toBeGreaterThan(before.blocks);
      backward(y, { gradient: upstream });
      y.release();
      expect(blocks()).toBe(before.blocks);
    });
    expect(gpu.memory.stats().current).toBe(before.all);
  });

  it('works without a tape, and frees the block with its scope', async () => {
    const before = gpu.memory.stats().current;
    const [seen, expected] = noGrad(() =>
      scope(() => (['place', 'concat'] as const).map((join) => denseBlock(dense, join)(inputs))),
    );
    expect(seen.requiresGrad).toBe(false);
    expect(relativeError(await seen.floats(), await expected.floats())).toBeLessThan(1e-5);
    for (const made of [seen, expected]) made.release();
    expect(gpu.memory.stats().current).toBe(before);
  });
});
