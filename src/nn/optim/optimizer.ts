// What the optimizers share: their step counter on the GPU, so that a captured step replays with a new learning rate, and their checks.
import { f32, params } from '../../gpu/index.ts';
import { empty, keep, needScalars, shapeText, type Tensor, TensorError, zeros } from '../../tensor/index.ts';
import { LossScale } from './loss-scale.ts';
import type { ParameterGroup } from './parameter-group.ts';

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** f32 [n], the learning rate of each step; the last one holds for ever. */
  schedule: Tensor;
  /** Default 0. */
  weightDecay?: number;
  /** Shrinks the weights themselves (Loshchilov and Hutter 2019) in place of adding to the gradient. Default false. */
  decoupled?: boolean;
  /** u32 [1]. While it is not 0 a step changes nothing, so that the weights of the first NaN can be looked at. */
  foundNonFinite?: Tensor;
  /**
   * Scales the loss dynamically: a step whose gradients are not all finite is left out, and its schedule does not advance. Default: where
   * `values` have an f16 copy; ask for it where only what the gradients pass through is f16.
   */
  lossScaling?: boolean;
}

/** Throws TensorError for a weight decay below 0, a gradient of another size, or a schedule that is not f32 [steps]. */
export function checkParameterGroup(
  name: string,
  { values, gradients }: ParameterGroup,
  { schedule, weightDecay = 0 }: OptimizerOptions,
): void {
  needScalars(name, { weightDecay });
  if (values.size !== gradients.size)
    throw new TensorError(
      `${name}: ${gradients.label} ${shapeText(gradients.shape)} does not fit ${values.label} ${shapeText(values.shape)}`,
    );
  if (schedule.dtype !== 'f32' || schedule.shape.length !== 1)
    throw new TensorError(
      `${name}: the schedule ${schedule.label} ${shapeText(schedule.shape)} ${schedule.dtype} must be f32 [steps]`,
    );
}

/** Counts an optimizer's steps on the GPU, and keeps its loss scale. */
export class StepCounter {
  /** u32 [1], steps done. */
  readonly steps: Tensor;
  /** f32 [4], what shaders/optim/step_counter.wgsl worked out for this step. */
  readonly now: Tensor;
  /** Of the loss, which the gradients are divided by. */
  readonly scale: LossScale;
  private readonly schedule: Tensor;
  private readonly foundNonFinite: Tensor;
  private readonly open?: Tensor;
  private readonly rates: ArrayBuffer;

  /** `betas`: whose powers correct Adam's bias. */
  constructor(group: ParameterGroup, options: OptimizerOptions, betas: [number, number] = [0, 0]) {
    const { schedule, foundNonFinite, lossScaling = group.values.half !== undefined } = options;
    const { gpu } = schedule;
    this.scale = new LossScale(group, lossScaling);
    this.steps = keep(zeros(gpu, [1], 'optimizer steps', 'u32'));
    this.now = keep(empty(gpu, [4], 'optimizer now'));
    this.schedule = schedule;
    if (!foundNonFinite) this.open = keep(zeros(gpu, [1], 'found non-finite', 'u32'));
    this.foundNonFinite = foundNonFinite ?? this.open!;
    const [rate1, rate2] = betas.map((beta) => f32(beta > 0 ? -Math.log(beta) : 100));
    this.rates = params(schedule.size, rate1, rate2, this.scale.interval);
  }

  /** Works out this step's numbers and goes on, unless foundNonFinite is set or the scaled gradients overflow. */
  advance(): void {
    const { schedule, foundNonFinite, steps, now, scale } = this;
    scale.checkOverflow();
    schedule.gpu.run({
      shader: 'optim/step_counter',
      bindings: [schedule, foundNonFinite, steps, now, scale.state, scale.found].map(({ slice }) => slice),
      params: this.rates,
      grid: [1],
      cost: { flops: 0, bytes: 44 },
      label: 'step counter',
    });
  }

  /** What a checkpoint has to hold: `clock`, and `loss-scale` where that moves. */
  state(): [string, Tensor][] {
    const { steps, scale } = this;
    return [['clock', steps], ...(scale.interval > 0 ? [['loss-scale', scale.state] as [string, Tensor]] : [])];
  }

  /** Frees its memory on the GPU; the schedule stays. */
  release(): void {
    for (const part of [this.steps, this.now, this.scale, this.open]) part?.release();
  }
}
