// One piece of memory for all parameters of a network, so that the optimiser, zeroing and norms are single dispatches.
import { AstroError, type Gpu } from '../gpu/index.ts';
import { count, keep, type Tensor, zeros } from '../tensor/index.ts';
import { streamOf } from './init.ts';
import type { Parameter } from './module.ts';

/** WebGPU's default minStorageBufferOffsetAlignment, in f32 elements: each parameter starts at a multiple, so that it can be bound alone. */
const ALIGNMENT = 64;

export class Arena {
  /** Every value, with zeros between parameters. */
  readonly values: Tensor;
  private readonly all?: Tensor;
  readonly tensors = new Map<string, Tensor>();

  constructor(gpu: Gpu, label: string, parameters: [string, Parameter][], seed: number, trainable: boolean) {
    const offsets: number[] = [];
    let length = 0;
    for (const [, { shape }] of parameters) {
      offsets.push(length);
      length += Math.ceil(count(shape) / ALIGNMENT) * ALIGNMENT;
    }
    this.values = keep(zeros(gpu, [length], label));
    if (trainable) this.all = keep(zeros(gpu, [length], `gradients of ${label}`));
    const initial = new Float32Array(length);
    for (const [i, [name, parameter]] of parameters.entries()) {
      initial.set(parameter.init(count(parameter.shape), seed, streamOf(name)), offsets[i]);
      const tensor = keep(this.values.alias(parameter.shape, offsets[i] * 4, name));
      if (this.all) {
        tensor.requiresGrad = true;
        tensor.grad = keep(this.all.alias(parameter.shape, offsets[i] * 4, `gradient of ${name}`));
      }
      parameter.tensor = tensor;
      this.tensors.set(name, tensor);
    }
    this.values.set(initial);
  }

  /** Gradients in the layout of `values`. Throws AstroError for buffers, which have none. */
  get gradients(): Tensor {
    if (!this.all) throw new AstroError(`${this.values.label} are not trained, so there are no gradients`);
    return this.all;
  }

  release(): void {
    for (const tensor of this.tensors.values()) {
      tensor.grad?.release();
      tensor.release();
    }
    this.all?.release();
    this.values.release();
  }
}
