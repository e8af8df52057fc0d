// One Gpu for all tests, opened once, with poisoned memory: a kernel that reads what it never wrote, or misses an element, yields NaN.
import { Gpu } from '../../src/gpu/gpu.ts';
import { type DType, type Shape, type Tensor, tensor } from '../../src/tensor/tensor.ts';

let opened: Promise<Gpu> | undefined;

export function testGpu(): Promise<Gpu> {
  opened ??= Gpu.open({ poison: true });
  return opened;
}

export const gpu = await testGpu();
(globalThis as { testGpu?: Gpu }).testGpu = gpu;

/** Values on the GPU. */
export const on = (values: ArrayLike<number>, shape: Shape, dtype: DType = 'f32'): Tensor =>
  tensor(gpu, values, shape, 'input', dtype);
