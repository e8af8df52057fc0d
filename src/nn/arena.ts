// One piece of memory for all parameters of a network, so that the optimizer, zeroing and norms are single dispatches: one for each piece that a kernel can see.
import { AstroError, type Gpu } from '../gpu/index.ts';
import { count, keep, type Tensor, tensor, zeros } from '../tensor/index.ts';
import { seedFromName } from './init.ts';
import type { Parameter } from './module.ts';

/**
 * WebGPU's default minStorageBufferOffsetAlignment, 256 bytes, in f16 elements: each parameter starts at a multiple, so that it can be bound alone,
 * and its f16 copy too.
 */
const ALIGNMENT = 128;

/** How a network computes: in f32, or with activations and copies of the weights stored as f16, sums in f32 (mixed precision, Micikevicius et al. 2018). */
export type Precision = 'f32' | 'f16';

/** The memory of one module's parameters, or of its buffers: each is a part of one flat tensor, and so are the gradients. Module.to() makes it. */
export class Arena {
  /** Every value, f32 [length], and padding between parameters. With its `half` if parameters have one. */
  readonly values: Tensor;
  /** u32: how many values lie in each run of ALIGNMENT places. Kernels that write a gradient may leave anything behind them. */
  readonly used?: Tensor;
  private readonly all?: Tensor;
  /** Each parameter, f32 in its own shape, by name in the order of declaration; its `grad` lies in `gradients`. */
  readonly tensors = new Map<string, Tensor>();
  /** Names of those that torch stores as they are stored here. */
  readonly asTorch: ReadonlySet<string>;

  /** Memory for `parameters`, with gradients if `trainable`, and filled with initial values from `seed`; `precision` f16 gives each a `half`. */
  constructor(
    gpu: Gpu,
    label: string,
    parameters: [string, Parameter][],
    seed: number,
    { trainable, precision }: { trainable: boolean; precision: Precision },
  ) {
    this.asTorch = new Set(parameters.flatMap(([name, { asTorch }]) => (asTorch ? [name] : [])));
    const offsets: number[] = [];
    const used: number[] = [];
    for (const [, { shape }] of parameters) {
      offsets.push(used.length * ALIGNMENT);
      for (let rest = count(shape); rest > 0; rest -= ALIGNMENT) used.push(Math.min(rest, ALIGNMENT));
    }
    if (used.length === 0) used.push(0); // of a module without parameters
    const length = used.length * ALIGNMENT;
    this.values = keep(zeros(gpu, [length], label, 'f32', true));
    if (precision === 'f16') this.values.half = keep(zeros(gpu, [length], `${label} in f16`, 'f16', true));
    if (trainable) {
      this.all = keep(zeros(gpu, [length], `gradients of ${label}`, 'f32', true));
      this.used = keep(tensor(gpu, used, [used.length], `places used of ${label}`, 'u32'));
    }
    const initial = new Float32Array(length);
    for (const [i, [name, parameter]] of parameters.entries()) {
      initial.set(parameter.init(count(parameter.shape), seed, seedFromName(name)), offsets[i]);
      const tensor = keep(this.values.alias(parameter.shape, offsets[i] * 4, name));
      if (this.values.half)
        tensor.half = keep(this.values.half.alias(parameter.shape, offsets[i] * 2, `${name} in f16`));
      if (this.all) {
        tensor.requiresGrad = true;
        tensor.grad = keep(this.all.alias(parameter.shape, offsets[i] * 4, `gradient of ${name}`));
      }
      parameter.tensor = tensor;
      this.tensors.set(name, tensor);
    }
    this.values.set(initial);
  }

  /** Gradients in the layout of `values`, f32 [length]. Throws AstroError for buffers, which have none. */
  get gradients(): Tensor {
    if (!this.all) throw new AstroError(`${this.values.label} are not trained, so there are no gradients`);
    return this.all;
  }

  /** Frees the memory, of the gradients too. */
  release(): void {
    for (const tensor of this.tensors.values()) {
      tensor.grad?.release();
      tensor.release();
    }
    this.all?.release();
    this.used?.release();
    this.values.release();
  }
}
