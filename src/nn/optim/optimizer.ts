// What all optimizers are: a step counter, moments in the layout of the parameters, and one kernel that updates all of them at once.
import { f32, needOptions, params } from '../../gpu/index.ts';
import { empty, keep, needScalars, shapeText, Tensor, TensorError, zeros } from '../../tensor/index.ts';
import { type FlatParameters, launchShape, type Piece, piecesOf } from './flat-parameters.ts';
import { type LearningRate, ratesOf } from './learning-rate.ts';
import { groupTable, type ParameterGroup } from './parameter-groups.ts';
import { StepCounter } from './step-counter.ts';

/** What every optimizer takes. In a step gradients are unscaled, then clipped by norm, then by value; then comes weight decay, and the update. */
export interface OptimizerOptions {
  /** The learning rate: a number, or one of each step. */
  lr: LearningRate;
  /** Default 0. */
  weightDecay?: number;
  /** Shrinks the weights themselves (Loshchilov and Hutter 2019) in place of adding to the gradient. Default false. */
  decoupled?: boolean;
  /** Other learning rates and decays for some parameters, of a module's arena. Default: none. */
  groups?: readonly ParameterGroup[];
  /**
   * Shortens all gradients by one factor where their norm, over all parameters together, is larger, as torch's clip_grad_norm_ does. A step whose norm is not
   * finite is left out, and its schedule does not advance; see `gradientNorm`. Default: none.
   */
  clipNorm?: number;
  /** Brings each gradient into ±clipValue; NaN stays NaN. Default: none. */
  clipValue?: number;
  /** u32 [1]. While it is not 0 a step changes nothing, so that the weights of the first NaN can be looked at. */
  foundNonFinite?: Tensor;
  /**
   * Scales the loss dynamically: a step whose gradients are not all finite is left out, and its schedule does not advance. Default: where
   * `values` have an f16 copy; ask for it where only what the gradients pass through is f16.
   */
  lossScaling?: boolean;
}

const OPTIONS = [
  'lr',
  'weightDecay',
  'decoupled',
  'groups',
  'clipNorm',
  'clipValue',
  'foundNonFinite',
  'lossScaling',
] satisfies (keyof OptimizerOptions)[];

/** One optimizer's way. */
interface Update {
  /** The kernel, which includes optim/update and binds the moments last. */
  shader: string;
  constants?: Record<string, boolean>;
  /** What it takes besides OptimizerOptions. */
  options: readonly string[];
  /** Names in the state, and what they are. */
  moments: Record<string, string>;
  /** `params.own` of the kernel, up to four. */
  own: readonly number[];
  /** Default: none, nothing is corrected. */
  betas?: readonly [number, number];
  /** Operations for a value. */
  flops: number;
}

function checkOptions(name: string, flat: FlatParameters, options: object, known: readonly string[]): void {
  if (!(flat?.values instanceof Tensor && flat.gradients instanceof Tensor))
    throw new TensorError(`${name}: the first argument must be a module's arena, as in new ${name}(network.arena, …)`);
  if (typeof options !== 'object' || options === null)
    throw new TensorError(
      `${name}: the options are ${options === undefined ? 'missing' : options}; give an object as { lr: 0.1 }`,
    );
  needOptions(name, options, known);
  const { values, gradients } = flat;
  if (values.size !== gradients.size)
    throw new TensorError(
      `${name}: ${gradients.label} ${shapeText(gradients.shape)} does not fit ${values.label} ${shapeText(values.shape)}`,
    );
}

/** A way to make parameters better from their gradients, one dispatch for all of them: Sgd, Adam, AdamW or Lion. Its state is on the GPU, so that a captured step replays. */
export abstract class Optimizer {
  /** f32 [steps], the rates: `optimizer.lr.set([0.01])` gives a single one another value, also between replays. */
  readonly lr: Tensor;
  private readonly flat: FlatParameters;
  private readonly update: Update;
  private readonly counter: StepCounter;
  private readonly moments = new Map<string, Tensor>();
  private readonly table?: Tensor;
  private readonly constants: Record<string, boolean>;
  /** Bound where there is no f16 copy or no moment. */
  private readonly unused: readonly Tensor[];
  private readonly made: Tensor[];
  private readonly launches: readonly { piece: Piece; words: ArrayBuffer; threads: number }[];

  protected constructor(name: string, flat: FlatParameters, options: OptimizerOptions, update: Update) {
    checkOptions(name, flat, options, [...OPTIONS, ...update.options]);
    const { weightDecay = 0, decoupled = false, groups = [], clipNorm, clipValue, foundNonFinite } = options;
    needScalars(name, { weightDecay });
    for (const [key, most] of Object.entries({ clipNorm, clipValue }))
      if (most !== undefined && !(typeof most === 'number' && most > 0 && most < Number.POSITIVE_INFINITY))
        throw new TensorError(`${name}: ${key} is ${most}, it must be a number above 0`);
    const { values } = flat;
    const { gpu, shape, half, label } = values;
    const { rates, made } = ratesOf(name, gpu, options.lr);
    const grouped = groups.length !== 0;
    if (grouped) this.table = groupTable(name, flat, groups, weightDecay);
    this.lr = rates;
    this.flat = flat;
    this.update = update;
    const { lossScaling = half !== undefined } = options;
    const { betas = [0, 0] } = update;
    this.counter = new StepCounter(flat, { rates, betas, lossScaling, clipNorm, foundNonFinite });
    for (const [key, what] of Object.entries(update.moments))
      this.moments.set(key, keep(zeros(gpu, shape, `${what} of ${label}`, 'f32', true)));
    this.unused = [1, 2].map(() => keep(empty(gpu, [1], 'unused')));
    this.made = [
      ...(made ? [rates] : []),
      ...(this.table ? [this.table] : []),
      ...this.moments.values(),
      ...this.unused,
    ];
    this.constants = { HALF: half !== undefined, GROUPS: grouped, CLIP: clipValue !== undefined };
    const own = [0, 1, 2, 3].map((i) => update.own[i] ?? 0);
    const scalars = [...own, weightDecay, clipValue ?? 0].map(f32);
    this.launches = piecesOf(values).map((piece) => {
      const { vectors, threads } = launchShape(values, piece.size);
      const run = flat.used ? values.size / flat.used.size / 4 : vectors;
      return { piece, words: params(vectors, threads, run, decoupled ? 1 : 0, ...scalars), threads };
    });
  }

  /** f32 [1]: the gradient that backward() has to start with. 1, or under loss scaling what the loss is multiplied with. */
  get lossScale(): Tensor {
    return this.counter.lossScale;
  }

  /** f32 [1]: the norm of all gradients at the last step, unscaled, before they were clipped; it is only worked out where there is a `clipNorm`, and NaN elsewhere. */
  get gradientNorm(): Tensor {
    return this.counter.norm;
  }

  /** f32, what is left of former gradients, in the layout of the values: the momentum, of Adam the first moment. None where an optimizer remembers none. */
  get momentum(): Tensor | undefined {
    return this.moments.values().next().value;
  }

  /** Gradients as they are, in the layout of the values: what accumulateGradients() adds to. */
  get gradients(): Tensor {
    return this.flat.gradients;
  }

  /** One update from the gradients as they are, which are divided by `lossScale`. */
  step(): void {
    const { flat, update, counter, constants, unused } = this;
    const { values, gradients } = flat;
    const { half } = values;
    counter.advance();
    const moments = this.moments.size > 0 ? [...this.moments.values()] : [unused[1]];
    const { now } = counter;
    const runs = flat.used ? values.size / flat.used.size : 1;
    for (const { piece, words, threads } of this.launches) {
      const table = this.table ? piece.of(this.table, runs, 2) : now.slice;
      values.gpu.run({
        shader: update.shader,
        constants: { ...update.constants, ...constants },
        types: { H: half ? 'vec4h' : 'vec4f' },
        bindings: [
          ...[piece.of(values), piece.of(gradients), now.slice, table],
          ...[half ?? unused[0], ...moments].map((tensor) => piece.of(tensor)),
        ],
        params: words,
        grid: [Math.ceil(threads / 64)],
        cost: {
          flops: piece.size * update.flops,
          bytes: piece.size * 4 * (3 + 2 * this.moments.size) + (half ? piece.size * 2 : 0),
        },
        label: update.shader.split('/')[1],
      });
    }
  }

  /** What a checkpoint has to hold: `clock`, the moments, and `loss-scale` where there is one. With the parameters and `lr` it gives the same bits as an unbroken run. */
  state(): Map<string, Tensor> {
    return new Map([...this.counter.state(), ...this.moments]);
  }

  /** Frees its state; values, gradients, and rates that it was given as a tensor stay. */
  release(): void {
    this.counter.release();
    for (const tensor of this.made) tensor.release();
  }
}
