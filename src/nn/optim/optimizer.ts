// What the optimisers share: their step counter on the GPU, so that a captured step replays with a new learning rate, and their checks.
import { f32, params } from '../../gpu/index.ts';
import { empty, keep, shapeText, type Tensor, TensorError, zeros } from '../../tensor/index.ts';

/** Flat f32 tensors of one size: all parameters of a network, and their gradients in the same places. */
export interface Trained {
  values: Tensor;
  gradients: Tensor;
}

export interface OptimizerOptions {
  /** f32 [n], the learning rate of each step; the last one holds for ever. */
  schedule: Tensor;
  /** Default 0. */
  weightDecay?: number;
  /** Shrinks the weights themselves (Loshchilov and Hutter 2019) in place of adding to the gradient. Default false. */
  decoupled?: boolean;
  /** u32 [1]. While it is not 0 a step changes nothing, so that the weights of the first NaN can be looked at. */
  latch?: Tensor;
}

/** Throws TensorError for a gradient of another size, or an empty or wrong schedule. */
export function checkTrained(name: string, { values, gradients }: Trained, { schedule }: OptimizerOptions): void {
  if (values.size !== gradients.size)
    throw new TensorError(
      `${name}: ${gradients.label} ${shapeText(gradients.shape)} does not fit ${values.label} ${shapeText(values.shape)}`,
    );
  if (schedule.dtype !== 'f32' || schedule.shape.length !== 1)
    throw new TensorError(`${name}: the schedule ${schedule.label} must be f32 [steps]`);
}

/** How many vec4s there are, and how many threads share them: software adapters pay for each. */
export function spread(values: Tensor): { vectors: number; threads: number } {
  const vectors = Math.ceil(values.size / 4);
  const each = values.gpu.adapter.software ? 16 : Math.ceil(vectors / 2 ** 21);
  return { vectors, threads: Math.ceil(vectors / each) };
}

/** Counts an optimiser's steps on the GPU. */
export class OptimizerClock {
  /** u32 [1], steps done. */
  readonly steps: Tensor;
  /** f32 [4], what shaders/optimizer_clock.wgsl worked out for this step. */
  readonly now: Tensor;
  private readonly schedule: Tensor;
  private readonly latch: Tensor;
  private readonly open?: Tensor;
  private readonly rates: ArrayBuffer;

  /** `betas`: whose powers correct Adam's bias. */
  constructor({ schedule, latch }: OptimizerOptions, betas: [number, number] = [0, 0]) {
    const { gpu } = schedule;
    this.steps = keep(zeros(gpu, [1], 'optimizer clock', 'u32'));
    this.now = keep(empty(gpu, [4], 'optimizer now'));
    this.schedule = schedule;
    if (!latch) this.open = keep(zeros(gpu, [1], 'optimizer latch', 'u32'));
    this.latch = latch ?? this.open!;
    const [rate1, rate2] = betas.map((beta) => f32(beta > 0 ? -Math.log(beta) : 100));
    this.rates = params(schedule.size, rate1, rate2);
  }

  /** Works out this step's numbers and goes on, unless the latch is set. */
  advance(): void {
    this.schedule.gpu.run({
      shader: 'optimizer_clock',
      bindings: [this.schedule.slice, this.latch.slice, this.steps.slice, this.now.slice],
      params: this.rates,
      grid: [1],
      cost: { flops: 0, bytes: 32 },
      label: 'optimizer clock',
    });
  }

  release(): void {
    for (const tensor of [this.steps, this.now, this.open]) tensor?.release();
  }
}
