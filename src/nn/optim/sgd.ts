// Stochastic gradient descent with momentum, in torch's form, over all parameters at once.
import { f32, params } from '../../gpu/index.ts';
import { empty, keep, needScalars, type Tensor, zeros } from '../../tensor/index.ts';
import { checkParameterGroup, type OptimizerOptions, StepCounter } from './optimizer.ts';
import { launchShape, type ParameterGroup } from './parameter-group.ts';

/** What SGD takes besides. */
export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  momentum?: number;
  /** Looks ahead by one momentum step (Nesterov). Default false. */
  nesterov?: boolean;
}

/** w ← w − rate·v, v ← momentum·v + g; see OptimizerOptions for decay, schedule, foundNonFinite and loss scaling. */
export class Sgd {
  private readonly group: ParameterGroup;
  private readonly counter: StepCounter;
  private readonly momentum?: Tensor;
  /** Bound where there is no momentum or no f16 copy. */
  private readonly unused: readonly Tensor[];
  private readonly words: ArrayBuffer;
  private readonly threads: number;

  /** For a network: its arena. Throws TensorError for gradients of another size, and a schedule that is not f32 [steps]. */
  constructor(group: ParameterGroup, options: SgdOptions) {
    checkParameterGroup('Sgd', group, options);
    const { momentum = 0, nesterov = false, weightDecay = 0, decoupled = false } = options;
    needScalars('Sgd', { momentum }, 1);
    const { values } = group;
    this.group = group;
    this.counter = new StepCounter(group, options);
    if (momentum > 0) this.momentum = keep(zeros(values.gpu, values.shape, `momentum of ${values.label}`));
    this.unused = [1, 2].map(() => keep(empty(values.gpu, [1], 'unused')));
    const { vectors, threads } = launchShape(values);
    const decay = [decoupled ? 0 : weightDecay, decoupled ? weightDecay : 0].map(f32);
    this.words = params(vectors, threads, f32(momentum), nesterov ? 1 : 0, ...decay);
    this.threads = threads;
  }

  /** f32 [1]: the gradient that backward() has to start with. 1, or under loss scaling what the loss is multiplied with. */
  get lossScale(): Tensor {
    return this.counter.scale.gradient;
  }

  /** One update from the gradients as they are, which are divided by `lossScale`. */
  step(): void {
    const { group, momentum, counter, unused } = this;
    const { values, gradients } = group;
    const { half } = values;
    counter.advance();
    values.gpu.run({
      shader: 'optim/sgd',
      constants: { MOMENTUM: momentum !== undefined, HALF: half !== undefined },
      types: { H: half ? 'vec4h' : 'vec4f' },
      bindings: [values, gradients, momentum ?? unused[0], counter.now, half ?? unused[1]].map(({ slice }) => slice),
      params: this.words,
      grid: [Math.ceil(this.threads / 64)],
      cost: { flops: values.size * (momentum ? 7 : 5), bytes: values.bytes * (momentum ? 5 : 3) + (half?.bytes ?? 0) },
      label: 'sgd',
    });
  }

  /** What a checkpoint has to hold: `clock`, `momentum` and `loss-scale`. */
  state(): Map<string, Tensor> {
    const state = new Map(this.counter.state());
    if (this.momentum) state.set('momentum', this.momentum);
    return state;
  }

  /** Frees its state; values and gradients stay. */
  release(): void {
    this.counter.release();
    this.momentum?.release();
    for (const tensor of this.unused) tensor.release();
  }
}
