// The layers that networks are made of. A gate, where one is set, multiplies the weight (or the normalisation) inside the forward pass.
import { add, batchNorm, conv2d, convTranspose2d, maskedWeight, matmul, mul, type Tensor } from '../tensor/index.ts';
import { constant, heNormal, uniformFan } from './init.ts';
import { Buffer, Module, Parameter, type Pass } from './module.ts';

/** Probabilities on a weight: per (output, input) pair, per output filter, or per input neuron. */
export interface WeightGate {
  kind: 'connection' | 'filter' | 'input';
  p: Tensor;
}

const gated = (weight: Tensor, gate?: WeightGate): Tensor => (gate ? maskedWeight(weight, gate.p, gate.kind) : weight);

export interface Conv2dOptions {
  kernel?: number;
  stride?: number;
  padding?: number;
  bias?: boolean;
}

/** N×H×W×Cin → N×H'×W'×Cout. The weight is stored kh×kw×Cin×Cout. */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  gate?: WeightGate;
  private readonly stride: number;
  private readonly padding: number;

  constructor(
    inputs: number,
    outputs: number,
    { kernel = 3, stride = 1, padding = kernel >> 1, bias = false }: Conv2dOptions = {},
  ) {
    super();
    this.stride = stride;
    this.padding = padding;
    this.weight = new Parameter([kernel, kernel, inputs, outputs], heNormal(kernel * kernel * outputs));
    if (bias) this.bias = new Parameter([outputs], constant(0));
  }

  forward(x: Tensor): Tensor {
    const y = conv2d(x, gated(this.weight.tensor, this.gate), { stride: this.stride, padding: this.padding });
    return this.bias ? add(y, this.bias.tensor) : y;
  }
}

/** The 2×2, stride-2 upsampling of a UNet. The weight is stored kh×kw×Cout×Cin. */
export class ConvTranspose2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  private readonly stride: number;

  constructor(inputs: number, outputs: number, { kernel = 2, stride = 2 } = {}) {
    super();
    this.stride = stride;
    this.weight = new Parameter([kernel, kernel, outputs, inputs], heNormal(inputs));
    this.bias = new Parameter([outputs], constant(0));
  }

  forward(x: Tensor): Tensor {
    return add(convTranspose2d(x, this.weight.tensor, { stride: this.stride }), this.bias.tensor);
  }
}

/** N×Cin → N×Cout. The weight is stored Cin×Cout. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  gate?: WeightGate;

  constructor(inputs: number, outputs: number) {
    super();
    this.weight = new Parameter([inputs, outputs], uniformFan(inputs));
    this.bias = new Parameter([outputs], uniformFan(inputs));
  }

  forward(x: Tensor): Tensor {
    return add(matmul(x, gated(this.weight.tensor, this.gate)), this.bias.tensor);
  }
}

/** Batch normalisation over the last axis, ε = 1e-5, with running statistics. */
export class BatchNorm2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly running_mean: Buffer;
  readonly running_var: Buffer;
  /** One probability per channel, on γ and β. */
  gate?: Tensor;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], constant(1));
    this.bias = new Parameter([channels], constant(0));
    this.running_mean = new Buffer([channels], constant(0));
    this.running_var = new Buffer([channels], constant(1));
  }

  forward(x: Tensor, { batchStatistics, momentum }: Pass, { relu = false } = {}): Tensor {
    const gamma = this.gate ? mul(this.weight.tensor, this.gate) : this.weight.tensor;
    const beta = this.gate ? mul(this.bias.tensor, this.gate) : this.bias.tensor;
    const running = { mean: this.running_mean.tensor, variance: this.running_var.tensor, momentum };
    return batchNorm(x, gamma, beta, {
      training: batchStatistics,
      running: batchStatistics && momentum === 0 ? undefined : running,
      relu,
    });
  }
}

/** Normalisation by the batch's own statistics, always: a network that runs on a few maps of changing sizes has no use for running averages. */
export class InstanceBatchNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], constant(1));
    this.bias = new Parameter([channels], constant(0));
  }

  forward(x: Tensor, { relu = false } = {}): Tensor {
    return batchNorm(x, this.weight.tensor, this.bias.tensor, { training: true, relu });
  }
}
