// writeChannels: gradients through states of a block in every order, what an observer sees, and what is refused. The memory is poison, so that a channel
// read before it was written, or a gradient nobody wrote, shows as NaN. Whole networks: dense-block.test.ts.
import { describe, expect, it } from 'vitest';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { relu, sigmoid } from '../../../src/ops/elementwise/activations.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { scale } from '../../../src/ops/elementwise/scale.ts';
import { batchNorm } from '../../../src/ops/norm/batch-norm.ts';
import { concat } from '../../../src/ops/shape/concat.ts';
import { writeChannels } from '../../../src/ops/shape/write-channels.ts';
import { backward, traceOps } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { empty, type Tensor, TensorError } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { referenceOf } from '../../support/norm.ts';
import { values } from '../../support/random.ts';

describe('gradients', () => {
  /** x [4×3] and y [4×2], in a block of seven channels: two are never written. */
  const inputs = (x = true, y = true) => [
    { shape: [4, 3], gradient: x },
    { shape: [4, 2], gradient: y },
  ];
  const gamma = values(21, 5);
  const beta = values(22, 5);
  const norm = (block: Tensor, n: number): Tensor =>
    batchNorm(block, on(gamma.slice(0, n), [n]), on(beta.slice(0, n), [n]), { training: true });
  const normed = (x: Float64Array, n: number): Float64Array =>
    referenceOf({ relu: false })([x, Float64Array.from(gamma.slice(0, n)), Float64Array.from(beta.slice(0, n))]);
  const states = (x: Tensor, y: Tensor, channels: number): [Tensor, Tensor] => {
    const first = writeChannels(empty(gpu, [4, channels], 'block'), x, 0);
    return [first, writeChannels(first, y, 3)];
  };
  /** Rows of both, one behind the other. */
  const beside = (a: Float64Array, b: Float64Array): Float64Array => {
    const [n, m] = [a.length / 4, b.length / 4];
    return Float64Array.from({ length: 4 * (n + m) }, (_, i) => {
      const [row, c] = [Math.floor(i / (n + m)), i % (n + m)];
      return c < n ? a[row * n + c] : b[row * m + c - n];
    });
  };

  it.each([
    { name: 'are right where an early state is read after a later one was made', late: true },
    { name: 'are right where each state is read before the next is made', late: false },
  ])('$name', ({ late }) =>
    checkOp({
      inputs: inputs(),
      tolerance: 1e-5,
      op: ([x, y]) => {
        const first = writeChannels(empty(gpu, [4, 7], 'block'), x, 0);
        const early = late ? undefined : norm(first, 3);
        const second = writeChannels(first, y, 3);
        const of = norm(second, 5);
        return concat([early ?? norm(first, 3), of], -1);
      },
      reference: ([x, y]) => beside(normed(x, 3), normed(beside(x, y), 5)),
    }),
  );

  it.each([
    [true, false],
    [false, true],
  ])('come where they are wanted only: %s, %s', (x, y) =>
    checkOp({
      inputs: inputs(x, y),
      tolerance: 1e-5,
      op: ([a, b]) => norm(states(a, b, 7)[1], 5),
      reference: ([a, b]) => normed(beside(a, b), 5),
    }),
  );

  it('of a whole block come from every op, and a part of it may be used elsewhere, too', () =>
    checkOp({
      inputs: inputs(),
      tolerance: 1e-5,
      op: ([x, y]) => {
        const [, whole] = states(x, y, 5);
        return concat([add(sigmoid(whole), norm(whole, 5)), mul(y, y)], 1);
      },
      reference: ([x, y]) => {
        const whole = beside(x, y);
        const n = normed(whole, 5);
        return beside(
          whole.map((v, i) => 1 / (1 + Math.exp(-v)) + n[i]),
          y.map((v) => v * v),
        );
      },
    }));

  it('leave a state that nobody reads out', async () => {
    const [x, y] = [on(values(1, 12), [4, 3]), on(values(2, 8), [4, 2])];
    for (const leaf of [x, y]) leaf.requiresGrad = true;
    const [first] = states(x, y, 7);
    backward(norm(first, 3), { gradient: on(values(3, 12), [4, 3]) });
    expect((await x.grad!.floats()).every(Number.isFinite)).toBe(true);
    expect(y.grad).toBeUndefined();
  });

  it('are not added into the gradient that the caller gave', async () => {
    const x = on(values(1, 12), [4, 3]);
    x.requiresGrad = true;
    const first = writeChannels(empty(gpu, [4, 6], 'block'), x, 0);
    const gradient = on(values(3, 24), [4, 6]);
    scope(() => backward(writeChannels(first, norm(first, 3), 3), { gradient }));
    expect(await gradient.floats()).toEqual(values(3, 24));
  });
});

it('joins along the last of any number of sides', () =>
  checkOp({
    inputs: [{ shape: [3] }, { shape: [4] }],
    op: ([x, y]) => writeChannels(writeChannels(empty(gpu, [7], 'block'), x, 0), y, 3),
    reference: ([x, y]) => Float64Array.from([...x, ...y]),
  }));

it('shows an observer what is whole', () => {
  const seen: string[] = [];
  const half = on(values(1, 6), [3, 2]);
  traceOps(
    (op, output) => seen.push(`${op} ${output.shape}`),
    () => writeChannels(writeChannels(empty(gpu, [3, 4], 'block'), scale(half, 2), 0), half, 2),
  );
  expect(seen).toEqual(['scale 3,2', 'writeChannels 3,4']);
});

describe('refuses', () => {
  const x = on(values(1, 6), [2, 3]);
  const fresh = (channels = 8): Tensor => empty(gpu, [2, channels], 'block');
  const message = (fn: () => unknown): string => {
    try {
      fn();
    } catch (error) {
      expect(error).toBeInstanceOf(TensorError);
      return (error as Error).message;
    }
    return 'nothing was thrown';
  };

  it('what does not fit', () => {
    expect(message(() => writeChannels(fresh(2), x, 0))).toBe(
      'writeChannels: input [2×3] does not fit into block [2×2] from channel 0 on',
    );
    expect(message(() => writeChannels(fresh(), on([1, 2, 3], [1, 3]), 0))).toMatch('does not fit');
    expect(message(() => writeChannels(fresh(), on([1, 2, 3], [3]), 0))).toMatch('does not fit');
    expect(message(() => writeChannels(writeChannels(fresh(5), x, 0), x, 3))).toMatch(
      'writeChannels [2×5] from channel 3 on',
    );
    expect(message(() => writeChannels(empty(gpu, [2, 4], 'block', 'u32'), x, 0))).toMatch('must be f32 or f16');
  });

  it.skipIf(!gpu.capabilities.f16)('another dtype', () => {
    expect(message(() => writeChannels(fresh(), cast(x, 'f16'), 0))).toBe(
      'writeChannels: cast [2×3] is f16, it must be f32',
    );
  });

  it('gaps and overlaps', () => {
    expect(message(() => writeChannels(fresh(), x, 1))).toBe(
      'writeChannels: input [2×3] must go to channel 0 of block [2×8], where the others end, not to 1',
    );
    const first = writeChannels(fresh(), x, 0);
    for (const at of [0, 2, 4, 2.5]) expect(message(() => writeChannels(first, x, at))).toMatch('must go to channel 3');
  });

  it('to write over what was written already, and over results', () => {
    const first = writeChannels(fresh(), x, 0);
    writeChannels(first, x, 3);
    expect(message(() => writeChannels(first, x, 3))).toMatch(
      'would overwrite what was written into writeChannels [2×8] after it',
    );
    const parameter = on(values(2, 6), [2, 3]);
    parameter.requiresGrad = true;
    expect(message(() => writeChannels(scale(parameter, 1), x, 0))).toMatch('begin with a tensor made by empty()');
  });

  it('to let other ops read channels that nobody wrote', () => {
    const first = writeChannels(fresh(), x, 0);
    expect(message(() => relu(first))).toBe(
      'relu: of writeChannels [2×8] only 3 channels hold values; write the others first, or read it by batchNorm',
    );
    expect(message(() => writeChannels(fresh(9), first, 0))).toMatch(
      'writeChannels: of writeChannels [2×8] only 3 channels',
    );
  });
});
