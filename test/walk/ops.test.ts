// A walk over every op: values at the ends of f32, one image, more images than WebGPU dispatches workgroups along a side, other dtypes, and a device that holds little
// at a time. Each gives what float64 gives, or an error that names the tensor.
import { describe, expect, it } from 'vitest';
import { Gpu, OutOfMemoryError } from '../../src/gpu/index.ts';
import { Adam, Sgd } from '../../src/nn/index.ts';
import * as binary from '../../src/ops/arithmetic/binary.ts';
import * as comparisons from '../../src/ops/arithmetic/comparisons.ts';
import * as activations from '../../src/ops/elementwise/activations.ts';
import * as unary from '../../src/ops/elementwise/unary.ts';
import * as ops from '../../src/ops/index.ts';
import { backward, scope, type Tensor, TensorError, tensor, zeros } from '../../src/tensor/index.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';
import { LEFT_OUT, ROWS, type Row } from './ops.ts';

const MAX = 3.4028234663852886e38;
const SPECIAL: [string, number][] = [
  ['NaN', Number.NaN],
  ['∞', Number.POSITIVE_INFINITY],
  ['−∞', Number.NEGATIVE_INFINITY],
  ['−0', -0],
  ['a denormal', 1e-40],
  ['the largest', MAX],
  ['the lowest', -MAX],
];
const rows = Object.entries(ROWS) as [string, Row][];
const read = async (y: Tensor): Promise<number[]> => [...(y.dtype === 'u32' ? await y.data() : await y.floats())];

/** Equal as f32 goes, NaN and infinities as themselves; up to `rounded` of the value. */
function expectSame(actual: number[], expected: number[], what: string, rounded = 1e-5): void {
  expect(actual.length, what).toBe(expected.length);
  const bad = expected.findIndex((value, i) => {
    const e = Math.fround(value);
    if (!Number.isFinite(e)) return !Object.is(actual[i], e);
    return !(Math.abs(actual[i] - e) <= 2e-6 + rounded * Math.abs(e));
  });
  if (bad >= 0) expect.fail(`${what}: element ${bad} is ${actual[bad]}, not ${expected[bad]}`);
}

async function check({ op, reference }: Row, data: Float32Array, what: string, rounded?: number): Promise<void> {
  const shape = [data.length / 16, 2, 2, 4];
  const y = scope(() => op(on(data, shape)));
  expectSame(await read(y), reference(Float64Array.from(data)), what, rounded);
  y.release();
}

it('goes through every op that there is', () => {
  expect([...Object.keys(ROWS), ...Object.keys(LEFT_OUT)].sort()).toEqual(Object.keys(ops).sort());
});

/** Ops made from expressions, which share one launch, except two that stand for them where many images take long. */
const ALIKE = new Set([unary, activations, binary, comparisons].flatMap((family) => Object.keys(family)));
for (const one of ['add', 'relu']) ALIKE.delete(one);

describe.each(rows)('%s', (name, row) => {
  it('of one image is right', () => check(row, values(5, 16), 'one image'));

  it.each(SPECIAL)('of %s is what float64 gives', async (name, special) => {
    if (row.overflows && Math.abs(special) === MAX) return;
    for (const at of [1, 6, 15]) {
      const data = values(at, row.single ? 16 : 48);
      data[at] = special;
      await check(row, data, `${name} at ${at}`);
    }
  });

  it.skipIf(row.single || ALIKE.has(name))('of 70,000 images is right', () =>
    check(row, values(3, 70_000 * 16), '70,000 images'),
  );

  it('captured gives the bits of a call at every replay', async () => {
    const [first, second] = [values(5, row.single ? 16 : 48), values(6, row.single ? 16 : 48)];
    const x = on(first, [first.length / 16, 2, 2, 4]);
    scope(() => row.op(x)); // its constants are uploaded
    let y: Tensor | undefined;
    const program = gpu.capture('op', () => {
      y = scope(() => row.op(x));
    });
    x.set(second);
    for (let i = 0; i < 2; i++) program.replay();
    const replayed = await read(y!);
    expect(replayed).toEqual(await read(scope(() => row.op(x))));
    program.dispose();
  });

  it.skipIf(row.single || row.some)('of no images is empty, with an empty gradient, or refused by name', async () => {
    const x = on([], [0, 2, 2, 4]);
    x.requiresGrad = !row.forwardOnly;
    try {
      const y = scope(() => {
        const result = row.op(x);
        if (result.requiresGrad)
          backward(result, { gradient: zeros(gpu, result.shape, 'zeros', result.dtype as 'f32') });
        return result;
      });
      expectSame(await read(y), row.reference(new Float64Array(0)), 'no images');
      if (x.grad) expect(await x.grad.floats()).toHaveLength(0);
    } catch (error) {
      expect(error).toBeInstanceOf(TensorError);
      expect((error as Error).message).toContain('[0');
    }
  });

  it('of other dtypes is refused by name, or computed', async () => {
    const label = 'a tensor of labels';
    const x = tensor(gpu, new Array(16).fill(1), [1, 2, 2, 4], label, 'u32');
    try {
      const y = scope(() => row.op(x));
      expectSame(await read(y), row.reference(new Float64Array(16).fill(1)), 'u32'); // what moves words takes them
    } catch (error) {
      expect(error).toBeInstanceOf(TensorError);
    }
    if (gpu.capabilities.f16) {
      const data = values(8, 16).map((v) => Math.round(v * 64) / 64);
      const half = ops.cast(on(data, [1, 2, 2, 4]), 'f16');
      if (row.half) expectSame(await read(row.op(half)), row.reference(Float64Array.from(data)), 'f16', 2e-3);
      else expect(() => scope(() => row.op(half))).toThrow(/f16/);
    }
  });

  it('on a device that binds little is right, or names what has no room', async () => {
    const { memory } = gpu;
    const { device } = memory;
    const limits = { maxBufferSize: 4096, maxStorageBufferBindingSize: 4096 };
    const small = { limits, queue: device.queue, createBuffer: device.createBuffer.bind(device) };
    const data = values(4, row.single ? 16 : 1024);
    const x = on(data, [data.length / 16, 2, 2, 4]);
    let y: Tensor | undefined;
    (memory as { device: unknown }).device = small;
    try {
      y = scope(() => row.op(x));
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      expect((error as Error).message).toMatch(/^no memory for .+: one buffer of this device holds at most/);
    } finally {
      (memory as { device: unknown }).device = device;
    }
    if (y) expectSame(await read(y), row.reference(Float64Array.from(data)), 'a small device');
  });
});

it('scalars and dtypes that mean nothing are refused by name', () => {
  const x = on([1, 2, 3, 4], [2, 2]);
  const [ones, zeros] = [on([1, 1], [2]), on([0, 0], [2])];
  const norm = (eps: number, momentum: number) => () =>
    ops.batchNorm(x, ones, zeros, { training: true, eps, running: { mean: zeros, variance: ones, momentum } });
  for (const eps of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(norm(eps, 0.1)).toThrow(`batchNorm: eps is ${eps}, it must be a number from 0`);
  for (const momentum of [-1, 2, Number.NaN])
    expect(norm(1e-5, momentum)).toThrow(`batchNorm: momentum is ${momentum}, it must be from 0 to 1`);
  expect(() => tensor(gpu, [1], [1], 'odd', 'f64' as never)).toThrow('odd [1]: there is no dtype f64, only f32, f16');
  expect(() => ops.cast(x, 'u8' as never)).toThrow('becomes f32, f16, u32, not u8');
  const lr = on([1], [1]);
  const group = { values: x, gradients: x };
  expect(() => new Sgd(group, { lr, weightDecay: Number.NaN })).toThrow('Sgd: weightDecay is NaN');
  expect(() => new Sgd(group, { lr, momentum: -1 })).toThrow('Sgd: momentum is -1, it must be from 0 to 1');
  expect(() => new Adam(group, { lr, beta1: 2 })).toThrow('Adam: beta1 is 2, it must be from 0 to 1');
});

it('a budget that is no number is refused', async () => {
  await expect(Gpu.open({ memoryBudget: Number.NaN })).rejects.toThrow(
    'memoryBudget is NaN, it must be a number of bytes',
  );
});

it('an option of a Gpu that there is not is refused', async () => {
  await expect(Gpu.open({ memorybudget: 1e9 } as never)).rejects.toThrow(
    'Gpu.open: there is no option memorybudget; did you mean memoryBudget?',
  );
});
