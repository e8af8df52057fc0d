// Batch normalization as a layer. Where a gate is set, it multiplies γ and β: a channel that batch norm cannot scale up again.
import { batchNorm, mul } from '../../ops/index.ts';
import { needSizes, needTensors, type Tensor } from '../../tensor/index.ts';
import { constant } from '../init.ts';
import { EVAL, Module, ModuleBuffer, needPass, Parameter, type Pass } from '../module.ts';

/** Batch normalization (Ioffe and Szegedy 2015) over the last axis, f32 or f16 [..., C], ε = 1e-5, with running statistics. */
export class BatchNorm2d extends Module {
  /** γ, f32 [C]. */
  readonly weight: Parameter;
  /** β, f32 [C]. */
  readonly bias: Parameter;
  /** f32 [C], the mean that evaluation normalizes by; a pass in training moves it towards the batch's, by the pass's momentum. */
  readonly running_mean: ModuleBuffer;
  /** f32 [C], the variance, likewise; unbiased, as torch keeps it. */
  readonly running_var: ModuleBuffer;
  /** One probability per channel, on γ and β. */
  gate?: Tensor;

  /** γ starts at 1, β at 0, the running mean at 0 and the running variance at 1. */
  constructor(channels: number) {
    super();
    needSizes('BatchNorm2d', { channels });
    this.weight = new Parameter([channels], constant(1));
    this.bias = new Parameter([channels], constant(0));
    this.running_mean = new ModuleBuffer([channels], constant(0));
    this.running_var = new ModuleBuffer([channels], constant(1));
  }

  /** What batchNorm does to x, which may be a partial tensor, see writeChannels(); `residual`, in the shape of the result, is added before the ReLU. */
  forward(x: Tensor, pass: Pass, { relu = false, residual }: { relu?: boolean; residual?: Tensor } = {}): Tensor {
    needTensors('BatchNorm2d', x);
    const { batchStatistics, momentum } = this.passOf(pass);
    const { gamma, beta } = this.affine();
    return batchNorm(x, gamma, beta, {
      training: batchStatistics,
      running: batchStatistics && momentum === 0 ? undefined : { ...this.running(), momentum },
      relu,
      residual,
    });
  }

  /** The pass as it goes by it: with a frozen scale or offset by running statistics only. */
  passOf(pass: Pass): Pass {
    needPass('BatchNorm2d', pass);
    return this.weight.frozen || this.bias.frozen ? EVAL : pass;
  }

  /** γ and β, [C] each, under the gate where there is one. */
  affine(): { gamma: Tensor; beta: Tensor } {
    const { weight, bias, gate } = this;
    const [gamma, beta] = [weight.masked, bias.masked];
    return gate ? { gamma: mul(gamma, gate), beta: mul(beta, gate) } : { gamma, beta };
  }

  /** The running statistics, [C] each. */
  running(): { mean: Tensor; variance: Tensor } {
    return { mean: this.running_mean.tensor, variance: this.running_var.tensor };
  }
}
