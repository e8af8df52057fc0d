// A linear layer. Where gates are set, it runs with its weight as they leave it.
import { matmul } from '../../ops/index.ts';
import { needSizes, needTensors, type Tensor } from '../../tensor/index.ts';
import { constant, normal, uniformFan } from '../init.ts';
import { Module, Parameter } from '../module.ts';

/** Of a linear layer. */
export interface LinearOptions {
  /** Default true. */
  bias?: boolean;
  /** The weight starts normal with this deviation and the bias at 0, as transformers do (0.02). Default: as torch's. */
  deviation?: number;
}

/** [..., Cin] → [..., Cout]. The weight is stored Cin×Cout. */
export class Linear extends Module {
  /** f32 [Cin, Cout]. */
  readonly weight: Parameter;
  /** f32 [Cout], unless it has none. */
  readonly bias?: Parameter;
  /** The weight under its gates, where it has any: taken in place of its own. */
  masked?: Tensor;

  /** Weight and bias start as torch's do, uniform in ±1/√Cin, unless a deviation is given. */
  constructor(inputs: number, outputs: number, { bias = true, deviation }: LinearOptions = {}) {
    super();
    needSizes('Linear', { inputs, outputs });
    const [weight, start] =
      deviation === undefined ? [uniformFan(inputs), uniformFan(inputs)] : [normal(deviation), constant(0)];
    this.weight = new Parameter([inputs, outputs], weight);
    if (bias) this.bias = new Parameter([outputs], start);
  }

  /** x·W + b: f32 or f16 [..., Cin] to [..., Cout] of the same dtype. Throws TensorError for another shape or dtype. */
  forward(x: Tensor): Tensor {
    needTensors('Linear', x);
    return matmul(x, this.masked ?? this.weight.tensor, { bias: this.bias?.masked });
  }
}
