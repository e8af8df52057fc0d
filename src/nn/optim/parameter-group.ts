// What an optimizer works on, and how its kernels share it.
import type { Tensor } from '../../tensor/index.ts';

/** Flat f32 tensors of one size: all parameters of a network, with their f16 copy if they have one, and their gradients in the same places. */
export interface ParameterGroup {
  values: Tensor;
  gradients: Tensor;
  /** See Arena. Default: every place holds a value. */
  used?: Tensor;
}

/** How many vec4s there are, and how many threads share them. */
export function launchShape(values: Tensor): { vectors: number; threads: number } {
  const vectors = Math.ceil(values.size / 4);
  const { least, most } = values.gpu.machine.elementwise.optimizer;
  return { vectors, threads: Math.ceil(vectors / Math.max(least, Math.ceil(vectors / most))) };
}
