// A linear layer. Where gates are set, it runs with its weight as they leave it.
import { matmul } from '../../ops/index.ts';
import { needSizes, needTensors, type Tensor } from '../../tensor/index.ts';
import { uniformFan } from '../init.ts';
import { Module, Parameter } from '../module.ts';

/** Of a linear layer. */
export interface LinearOptions {
  /** Default true. */
  bias?: boolean;
}

/** [..., Cin] → [..., Cout]. The weight is stored Cin×Cout. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  /** The weight under its gates, where it has any: taken in place of its own. */
  masked?: Tensor;

  /** Weight and bias start as torch's do: uniform in ±1/√Cin. */
  constructor(inputs: number, outputs: number, { bias = true }: LinearOptions = {}) {
    super();
    needSizes('Linear', { inputs, outputs });
    this.weight = new Parameter([inputs, outputs], uniformFan(inputs));
    if (bias) this.bias = new Parameter([outputs], uniformFan(inputs));
  }

  /** x·W + b: f32 or f16 [..., Cin] to [..., Cout] of the same dtype. Throws TensorError for another shape or dtype. */
  forward(x: Tensor): Tensor {
    needTensors('Linear', x);
    return matmul(x, this.masked ?? this.weight.tensor, { bias: this.bias?.tensor });
  }
}
