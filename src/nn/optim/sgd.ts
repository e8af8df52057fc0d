// Stochastic gradient descent with momentum, in torch's form, over all parameters at once.
import { f32, params } from '../../gpu/index.ts';
import { empty, keep, type Tensor, zeros } from '../../tensor/index.ts';
import { checkParameterGroup, type OptimizerOptions, StepCounter } from './optimizer.ts';
import { launchShape, type ParameterGroup } from './parameter-group.ts';

export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  momentum?: number;
  /** Looks ahead by one momentum step (Nesterov). Default false. */
  nesterov?: boolean;
}

/** w ← w − rate·v, v ← momentum·v + g; see OptimizerOptions for decay, schedule, foundNonFinite and loss scaling. */
export class Sgd {
  private readonly trained: ParameterGroup;
  private readonly clock: StepCounter;
  private readonly momentum?: Tensor;
  /** Bound where there is no momentum or no f16 copy. */
  private readonly unused: readonly Tensor[];
  private readonly words: ArrayBuffer;
  private readonly threads: number;

  /** Throws TensorError for tensors that do not fit. */
  constructor(trained: ParameterGroup, options: SgdOptions) {
    checkParameterGroup('Sgd', trained, options);
    const { momentum = 0, nesterov = false, weightDecay = 0, decoupled = false } = options;
    const { values } = trained;
    this.trained = trained;
    this.clock = new StepCounter(trained, options);
    if (momentum > 0) this.momentum = keep(zeros(values.gpu, values.shape, `momentum of ${values.label}`));
    this.unused = [1, 2].map(() => keep(empty(values.gpu, [1], 'unused')));
    const { vectors, threads } = launchShape(values);
    const decay = [decoupled ? 0 : weightDecay, decoupled ? weightDecay : 0].map(f32);
    this.words = params(vectors, threads, f32(momentum), nesterov ? 1 : 0, ...decay);
    this.threads = threads;
  }

  /** f32 [1]: the gradient that backward() has to start with. 1, or under loss scaling what the loss is multiplied with. */
  get lossScale(): Tensor {
    return this.clock.scale.gradient;
  }

  /** One update from the gradients as they are, which are divided by `lossScale`. */
  step(): void {
    const { trained, momentum, clock, unused } = this;
    const { values, gradients } = trained;
    const { half } = values;
    clock.advance();
    values.gpu.run({
      shader: 'optim/sgd',
      constants: { MOMENTUM: momentum !== undefined, HALF: half !== undefined },
      types: { H: half ? 'vec4h' : 'vec4f' },
      bindings: [values, gradients, momentum ?? unused[0], clock.now, half ?? unused[1]].map(({ slice }) => slice),
      params: this.words,
      grid: [Math.ceil(this.threads / 64)],
      cost: { flops: values.size * (momentum ? 7 : 5), bytes: values.bytes * (momentum ? 5 : 3) + (half?.bytes ?? 0) },
      label: 'sgd',
    });
  }

  /** What a checkpoint has to hold: `clock`, `momentum` and `loss-scale`. */
  state(): Map<string, Tensor> {
    const state = new Map(this.clock.state());
    if (this.momentum) state.set('momentum', this.momentum);
    return state;
  }

  release(): void {
    this.clock.release();
    this.momentum?.release();
    for (const tensor of this.unused) tensor.release();
  }
}
