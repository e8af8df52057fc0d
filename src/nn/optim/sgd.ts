// Stochastic gradient descent with momentum, in torch's form, over all parameters at once.
import { f32, params } from '../../gpu/index.ts';
import { empty, keep, type Tensor, zeros } from '../../tensor/index.ts';
import { checkTrained, OptimizerClock, type OptimizerOptions, spread, type Trained } from './optimizer.ts';

export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  momentum?: number;
  /** Looks ahead by one momentum step (Nesterov). Default false. */
  nesterov?: boolean;
}

/** w ← w − rate·v, v ← momentum·v + g; see OptimizerOptions for decay, schedule and latch. */
export class Sgd {
  private readonly trained: Trained;
  private readonly clock: OptimizerClock;
  private readonly momentum?: Tensor;
  /** Bound where there is no momentum. */
  private readonly unused?: Tensor;
  private readonly words: ArrayBuffer;
  private readonly threads: number;

  /** Throws TensorError for tensors that do not fit. */
  constructor(trained: Trained, options: SgdOptions) {
    checkTrained('Sgd', trained, options);
    const { momentum = 0, nesterov = false, weightDecay = 0, decoupled = false } = options;
    const { values } = trained;
    this.trained = trained;
    this.clock = new OptimizerClock(options);
    if (momentum > 0) this.momentum = keep(zeros(values.gpu, values.shape, `momentum of ${values.label}`));
    else this.unused = keep(empty(values.gpu, [1], 'unused'));
    const { vectors, threads } = spread(values);
    const decay = [decoupled ? 0 : weightDecay, decoupled ? weightDecay : 0].map(f32);
    this.words = params(vectors, threads, f32(momentum), nesterov ? 1 : 0, ...decay);
    this.threads = threads;
  }

  /** One update from the gradients as they are. */
  step(): void {
    const { values, gradients } = this.trained;
    this.clock.advance();
    values.gpu.run({
      shader: 'sgd',
      constants: { MOMENTUM: this.momentum !== undefined },
      bindings: [values.slice, gradients.slice, (this.momentum ?? this.unused!).slice, this.clock.now.slice],
      params: this.words,
      grid: [Math.ceil(this.threads / 64)],
      cost: { flops: values.size * (this.momentum ? 6 : 4), bytes: values.bytes * (this.momentum ? 5 : 3) },
      label: 'sgd',
    });
  }

  /** What a checkpoint has to hold: `clock` and `momentum`. */
  state(): Map<string, Tensor> {
    const state = new Map([['clock', this.clock.steps]]);
    if (this.momentum) state.set('momentum', this.momentum);
    return state;
  }

  release(): void {
    this.clock.release();
    this.momentum?.release();
    this.unused?.release();
  }
}
