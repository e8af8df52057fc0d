// What an optimizer works on, and how its kernels share it.
import type { Tensor } from '../../tensor/index.ts';

/** Flat f32 tensors of one size: all parameters of a network, with their f16 copy if they have one, and their gradients in the same places. An Arena is one. */
export interface FlatParameters {
  values: Tensor;
  gradients: Tensor;
  /** See Arena. Default: every place holds a value. */
  used?: Tensor;
  /** Each parameter by name, as a part of `values`: what parameter groups choose from. */
  tensors?: ReadonlyMap<string, Tensor>;
}

/** How many vec4s there are, and how many threads share them. */
export function launchShape(values: Tensor): { vectors: number; threads: number } {
  const vectors = Math.ceil(values.size / 4);
  const { least, most } = values.gpu.machine.elementwise.optimizer;
  return { vectors, threads: Math.ceil(vectors / Math.max(least, Math.ceil(vectors / most))) };
}
