// Comparisons, logic and choices at the ends of f32, of labels with all their bits, of bytes, and with broadcasting.
import { describe, expect, it } from 'vitest';
import * as comparisons from '../../../src/ops/arithmetic/comparisons.ts';
import { where } from '../../../src/ops/arithmetic/where.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { everyIndex, place } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const ENDS = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  1e-40,
  -1e-40,
  3.4028234663852886e38,
  -3.4028234663852886e38,
];
const LABELS = [0, 1, 2, 16777216, 16777217, 2147483648, 4294967295];
const OPS: Record<string, (p: number, q: number) => boolean> = {
  equal: (p, q) => p === q,
  notEqual: (p, q) => p !== q,
  less: (p, q) => p < q,
  lessEqual: (p, q) => p <= q,
  greater: (p, q) => p > q,
  greaterEqual: (p, q) => p >= q,
  logicalAnd: (p, q) => p !== 0 && q !== 0,
  logicalOr: (p, q) => p !== 0 || q !== 0,
};
const ops = comparisons as unknown as Record<string, (a: Tensor | number, b: Tensor | number) => Tensor>;
const read = async (y: Tensor): Promise<number[]> => [...(await (y.dtype === 'u32' ? y.data() : y.floats()))];

describe.each(Object.entries(OPS))('%s', (name, f) => {
  const op = ops[name];
  it('of every two ends of f32', async () => {
    const n = ENDS.length;
    const expected = ENDS.flatMap((p) => ENDS.map((q) => Number(f(p, q))));
    expect(await read(op(on(ENDS, [n, 1]), on(ENDS, [n])))).toEqual(expected);
    expect(await read(op(on(ENDS, [n]), 0))).toEqual(ENDS.map((p) => Number(f(p, 0))));
  });

  it('of labels, with each other, numbers and bytes', async () => {
    const n = LABELS.length;
    const labels = on(LABELS, [n], 'u32');
    const y = op(on(LABELS, [n, 1], 'u32'), labels);
    expect(y.dtype).toBe('f32');
    expect(await read(y)).toEqual(LABELS.flatMap((p) => LABELS.map((q) => Number(f(p, q)))));
    expect(await read(op(labels, 4294967295))).toEqual(LABELS.map((p) => Number(f(p, 4294967295))));
    expect(await read(op(1.5, labels))).toEqual(LABELS.map((p) => Number(f(1.5, p))));
    expect(await read(op(on([0, 1, 255], [3], 'u8'), 1))).toEqual([0, 1, 255].map((p) => Number(f(p, 1))));
  });
});

it('logicalNot', async () => {
  expect(await read(comparisons.logicalNot(on(ENDS, [ENDS.length])))).toEqual(ENDS.map((v) => Number(v === 0)));
  expect(await read(comparisons.logicalNot(on(LABELS, [7], 'u32')))).toEqual(LABELS.map((v) => Number(v === 0)));
});

it.skipIf(!gpu.capabilities.f16)('gives f16 where an operand is', async () => {
  const x = cast(on([1, 2, 3], [3]), 'f16');
  for (const y of [comparisons.less(x, 2), comparisons.logicalNot(x), where(x, x, 0), where(on([1], [1]), 0, x)])
    expect(y.dtype).toBe('f16');
  expect(where(x, on([1], [1]), 0).dtype).toBe('f32');
});

it('results are constants, also of what needs a gradient', () => {
  const x = on([1], [1]);
  x.requiresGrad = true;
  expect(comparisons.less(x, 2).requiresGrad).toBe(false);
  expect(where(x, 1, 2).requiresGrad).toBe(false);
});

describe('where', () => {
  it('chooses, with broadcasting and gradients', async () => {
    const shapes = [
      [3, 1, 4],
      [2, 1],
      [5, 1, 1, 4],
    ];
    const shape = [5, 3, 2, 4];
    const condition = Float32Array.from({ length: 12 }, (_, i) => [0, 1, Number.NaN, -0, 1e-40][i % 5]);
    await checkOp({
      inputs: [{ shape: shapes[1] }, { shape: shapes[2] }],
      op: ([a, b]) => where(on(condition, shapes[0]), a, b),
      reference: ([a, b]) => {
        const y = new Float64Array(120);
        everyIndex(shape, (at, flat) => {
          y[flat] = condition[place(shapes[0], at)] === 0 ? b[place(shapes[2], at)] : a[place(shapes[1], at)];
        });
        return y;
      },
    });
  });

  it('moves bits: NaN, zeros, labels', async () => {
    const y = await where(on([1, 0, 5], [3], 'u32'), on([-0, 1, Number.NaN], [3]), on([1, -0, 1], [3])).floats();
    expect([...y]).toEqual([-0, -0, Number.NaN]);
    const labels = where(on([1, 0, 255, 0], [4], 'u8'), on([16777217, 1, 4294967295, 1], [4], 'u32'), 4294967294);
    expect(labels.dtype).toBe('u32');
    expect(await read(labels)).toEqual([16777217, 4294967294, 4294967295, 4294967294]);
  });

  it('takes conditions of any dtype, sides up to eight', async () => {
    const a = values(2, 256);
    const eight = [2, 2, 2, 2, 2, 2, 2, 2];
    const condition = on([0, 2147483648], [2, 1], 'u32');
    expect(await where(condition, on(a, eight), 0).floats()).toEqual(a.map((v, i) => ((i >> 1) % 2 ? v : 0)));
  });

  it('refuses labels beside floats, and what does not go together', () => {
    expect(() => where(on([1], [1]), on([1], [1], 'u32'), on([1], [1]))).toThrow('where: input [1] is u32, it must be');
    expect(() => where(on([1], [1]), on([1], [1], 'u32'), 0.5)).toThrow('where: input [1] is u32, it must be');
    expect(() => where(on([1, 2], [2]), on([1, 2, 3], [3]), 0)).toThrow('do not go together');
  });
});
