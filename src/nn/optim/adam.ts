// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), in torch's form, over all parameters at once.
import { f32, params } from '../../gpu/index.ts';
import { empty, keep, needScalars, type Tensor, zeros } from '../../tensor/index.ts';
import { checkParameterGroup, type OptimizerOptions, StepCounter } from './optimizer.ts';
import { launchShape, type ParameterGroup } from './parameter-group.ts';

/** What Adam takes besides. */
export interface AdamOptions extends OptimizerOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  eps?: number;
}

/** w ← w − rate·m̂ / (√v̂ + eps); AdamW with `decoupled`. See OptimizerOptions for decay, schedule, foundNonFinite and loss scaling. */
export class Adam {
  private readonly group: ParameterGroup;
  private readonly counter: StepCounter;
  private readonly m: Tensor;
  private readonly v: Tensor;
  /** Bound where there is no f16 copy. */
  private readonly unused: Tensor;
  private readonly words: ArrayBuffer;
  private readonly threads: number;

  /** For a network: its arena. Throws TensorError for gradients of another size, and a schedule that is not f32 [steps]. */
  constructor(group: ParameterGroup, options: AdamOptions) {
    checkParameterGroup('Adam', group, options);
    const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0, decoupled = false } = options;
    needScalars('Adam', { eps });
    needScalars('Adam', { beta1, beta2 }, 1);
    const { values } = group;
    this.group = group;
    this.counter = new StepCounter(group, options, [beta1, beta2]);
    this.m = keep(zeros(values.gpu, values.shape, `first moment of ${values.label}`));
    this.v = keep(zeros(values.gpu, values.shape, `second moment of ${values.label}`));
    this.unused = keep(empty(values.gpu, [1], 'unused'));
    const { vectors, threads } = launchShape(values);
    const scalars = [1 - beta1, beta2, 1 - beta2, eps, decoupled ? 0 : weightDecay, decoupled ? weightDecay : 0];
    this.words = params(vectors, threads, ...scalars.map(f32));
    this.threads = threads;
  }

  /** f32 [1]: the gradient that backward() has to start with. 1, or under loss scaling what the loss is multiplied with. */
  get lossScale(): Tensor {
    return this.counter.scale.gradient;
  }

  /** One update from the gradients as they are, which are divided by `lossScale`. */
  step(): void {
    const { group, m, v, counter, unused } = this;
    const { values, gradients } = group;
    const { half } = values;
    counter.advance();
    values.gpu.run({
      shader: 'optim/adam',
      constants: { HALF: half !== undefined },
      types: { H: half ? 'vec4h' : 'vec4f' },
      bindings: [values, gradients, m, v, counter.now, half ?? unused].map(({ slice }) => slice),
      params: this.words,
      grid: [Math.ceil(this.threads / 64)],
      cost: { flops: values.size * 15, bytes: values.bytes * 7 + (half?.bytes ?? 0) },
      label: 'adam',
    });
  }

  /** What a checkpoint has to hold: `clock`, `m`, `v` and `loss-scale`. */
  state(): Map<string, Tensor> {
    return new Map([...this.counter.state(), ['m', this.m], ['v', this.v]]);
  }

  /** Frees its state; values and gradients stay. */
  release(): void {
    this.counter.release();
    this.m.release();
    this.v.release();
    this.unused.release();
  }
}
