// What an optimizer works on, and how its kernels share it.
import type { Slice } from '../../gpu/index.ts';
import { bytesOf, type Storage, type Tensor } from '../../tensor/index.ts';

/** Flat f32 tensors of one size: all parameters of a network, with their f16 copy if they have one, and their gradients in the same places. An Arena is one. */
export interface FlatParameters {
  values: Tensor;
  gradients: Tensor;
  /** See Arena. Default: every place holds a value. */
  used?: Tensor;
  /** Each parameter by name, as a part of `values`: what parameter groups choose from. */
  tensors?: ReadonlyMap<string, Tensor>;
}

/** Values that kernels are given at once: a part of each flat tensor. */
export interface Piece {
  /** Where it begins, and how many values it has. */
  at: number;
  size: number;
  /** Of a flat tensor, or of one with `each` elements for every `per` values. */
  of(tensor: Tensor, per?: number, each?: number): Slice;
}

/** Pieces begin at multiples of so many values, so that parts of tables with a number for each 128 values can be bound, too. */
const STEP = 128 * 64;

/** All values in as few pieces as the device's kernels can see: nearly always one, which is the whole. */
export function piecesOf({ gpu, size }: Tensor): Piece[] {
  const { mostBound } = gpu.memory;
  const most = size * 4 <= mostBound ? size : Math.floor(mostBound / 4 / STEP) * STEP;
  return Array.from({ length: Math.ceil(size / most) }, (_, i): Piece => {
    const at = i * most;
    const own = Math.min(most, size - at);
    return {
      at,
      size: own,
      of({ slice, dtype, size: all }, per = 1, each = 1) {
        const bytes = bytesOf(dtype as Storage) * each;
        if (own === size || all === 1) return slice;
        return {
          buffer: slice.buffer,
          offset: slice.offset + (at / per) * bytes,
          size: Math.ceil(((own / per) * bytes) / 16) * 16,
        };
      },
    };
  });
}

/** How many vec4s there are in `size` values, and how many threads share them. */
export function launchShape({ gpu }: Tensor, size: number): { vectors: number; threads: number } {
  const vectors = Math.ceil(size / 4);
  const { least, most } = gpu.machine.elementwise.optimizer;
  return { vectors, threads: Math.ceil(vectors / Math.max(least, Math.ceil(vectors / most))) };
}
