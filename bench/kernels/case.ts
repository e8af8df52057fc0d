// What is measured: an op on one shape, which it does through one of several kernels.
import type { Cost, Gpu } from 'astrogpu/gpu';
import type { Precision } from 'astrogpu/nn';
import { cast, noGrad, randomUniform, type Shape, scale as scaling, type Tensor } from 'astrogpu/tensor';

/** A case with its operands on the GPU. */
export interface PreparedCase {
  /** Records the op once. A tensor that it returns is new, and the caller's. */
  run(): Tensor | undefined;
  /** What every run overwrites; known after the first one. */
  outputs(): Tensor[];
  /** The outputs are inputs too, as an optimizer's weights are. */
  inPlace?: boolean;
  release(): void;
}

export interface Case {
  /** Op and direction, e.g. `conv forward`. */
  name: string;
  shape: string;
  /** Whose shape it is. */
  network: string;
  /** What the op needs however it is done; where absent, what the plain kernel's dispatches say. */
  cost?: Cost;
  /** Part of `--quick`. */
  quick: boolean;
  /** Its result is stored as f16, and rounded so. */
  half?: boolean;
  prepare(gpu: Gpu): PreparedCase;
}

/** How much of a network's batch is measured: all of it on a GPU; on a software adapter as many images as keep one run short. */
export interface SizeLimit {
  /** Floating-point operations, and elements of one operand, that a run may have; at least one image is taken. */
  flops: number;
  elements: number;
}

/** The batch to measure of `batch` images, and how to say it. */
export function scaled(batch: number, flops: number, elements: number, limit: SizeLimit): { n: number; text: string } {
  const n = Math.max(1, Math.min(batch, Math.floor(limit.flops / flops), Math.floor(limit.elements / elements)));
  return { n, text: n === batch ? `batch ${n}` : `batch ${n} of ${batch}` };
}

/** Values in [-1, 1), made on the GPU; another `stream`, other values. */
export function random(gpu: Gpu, shape: Shape, stream: number, precision: Precision = 'f32'): Tensor {
  return noGrad(() => {
    const unit = randomUniform(gpu, shape, { seed: 1, stream });
    const made = scaling(unit, 2, -1);
    unit.release();
    if (precision === 'f32') return made;
    const half = cast(made, precision);
    made.release();
    return half;
  });
}

/** `--filter` and `--shape` find × and → as they are typed. */
export const asTyped = (text: string): string => text.replaceAll('×', 'x').replaceAll('→', '->').toLowerCase();
