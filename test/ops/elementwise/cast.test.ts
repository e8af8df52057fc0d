// f16 storage: bits, rounding, gradients; and the error where the adapter has none.
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/gpu/device/half.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { scale } from '../../../src/ops/elementwise/scale.ts';
import { empty, Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

describe.skipIf(!gpu.capabilities.f16)('with f16', () => {
  it('packs two to a word', async () => {
    const half = cast(on([1, -2, 0.5, 65504, 2 ** -14, 0, 0.333251953125], [7]), 'f16');
    expect(half.dtype).toBe('f16');
    expect(half.bytes).toBe(14);
    expect([...(await half.data())]).toEqual([0x3c00, 0xc000, 0x3800, 0x7bff, 0x0400, 0, 0x3555]);
  });

  // f16 keeps 11 bits: a value below 1 is off by at most 2⁻¹¹ (2⁻¹² if the adapter rounds to nearest, which WGSL leaves open).
  it.each([[1], [5], [3, 7], [257]])('goes there and back within its precision, with gradients (%j, %j)', (...shape) =>
    checkOp({
      inputs: [{ shape }],
      op: ([x]) => scale(cast(cast(scale(x, 2), 'f16'), 'f32'), 0.5),
      reference: ([x]) => x,
      tolerance: 2 ** -11,
      // The gradient passes through f16 as well, on its way back.
      gradientTolerance: 2 ** -11,
    }),
  );

  // Every bit pattern that is a number: what the CPU makes of it, the shaders make of it too, and back.
  it('has the same bits on both sides', async () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00);
    const numbers = fromHalf(halves);
    expect(toHalf(numbers)).toEqual(halves);
    const onGpu = cast(tensor(gpu, numbers, [numbers.length], 'halves', 'f16'), 'f32');
    expect(await onGpu.floats()).toEqual(numbers);
  });

  it('rounds to nearest on the CPU, ties to even', () => {
    const [step, tiny] = [2 ** -10, 2 ** -24];
    expect([...toHalf([1 + step / 2, 1 + 1.5 * step, 65519, 65520, Number.NaN, 0.5 * tiny, 1.5 * tiny, -0])]).toEqual([
      0x3c00, 0x3c02, 0x7bff, 0x7c00, 0x7e00, 0, 2, 0x8000,
    ]);
  });

  it('keeps what f16 can hold', async () => {
    const exact = values(4, 1000).map((v) => Math.round(v * 1024) / 1024);
    expect(await cast(cast(on(exact, [8, 125]), 'f16'), 'f32').floats()).toEqual(exact);
  });
});

it('is the tensor itself where nothing changes', () =>
  checkOp({ inputs: [{ shape: [5] }], op: ([x]) => cast(x, 'f32'), reference: ([x]) => x }));

it('takes labels and bytes, and drops fractions', async () => {
  const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];
  const large = [0, 1, 255, 16777217, 4294967295];
  expect(await values(cast(on(large, [5], 'u32'), 'f32'))).toEqual([...Float32Array.from(large)]);
  expect(await values(cast(on([0, 7, 255, 128, 3], [5], 'u8'), 'u32'))).toEqual([0, 7, 255, 128, 3]);
  const floats = [
    -0.5,
    0,
    1e-40,
    0.99,
    1.99,
    16777216,
    4294967040,
    4294967296,
    1e30,
    Infinity,
    -Infinity,
    -3,
    Number.NaN,
  ];
  expect(await values(cast(on(floats, [13]), 'u32'))).toEqual([
    0, 0, 0, 0, 1, 16777216, 4294967040, 4294967295, 4294967295, 4294967295, 0, 0, 0,
  ]);
  if (gpu.capabilities.f16) {
    expect(await cast(on([0, 7, 255], [3], 'u8'), 'f16').floats()).toEqual(Float32Array.of(0, 7, 255));
    expect(await values(cast(cast(on([2.5, -1], [2]), 'f16'), 'u32'))).toEqual([2, 0]);
  }
  const x = on([1.5], [1]);
  x.requiresGrad = true;
  expect(cast(x, 'u32').requiresGrad).toBe(false);
});

it('refuses other dtypes, and adapters without f16', () => {
  expect(() => cast(on([1], [1]), 'u8' as never)).toThrow('cast: input [1] becomes f32, f16, u32, not u8');
  const x = empty(gpu, [1], 'input');
  const without = Object.create(gpu, { capabilities: { value: { ...gpu.capabilities, f16: false } } });
  const seen = Object.create(x, { gpu: { value: without } }) as Tensor;
  expect(seen).toBeInstanceOf(Tensor);
  expect(() => cast(seen, 'f16')).toThrow('this adapter has no f16 (feature shader-f16); stay with f32');
});
