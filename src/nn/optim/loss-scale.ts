// Dynamic loss scaling (Micikevicius et al. 2018), on the GPU alone: gradients that pass through f16 are kept away from its lower end by a factor on
// the loss, which is halved when one overflows and doubled after a long time without. The numbers are those of torch.amp.GradScaler.
import { params } from '../../gpu/index.ts';
import { keep, type Tensor, tensor, zeros } from '../../tensor/index.ts';
import { launchShape, type ParameterGroup } from './parameter-group.ts';

const START = 65536;
/** Steps without an overflow after which the scale doubles. */
const INTERVAL = 2000;

/** The factor on the loss of one parameter group: constant 1 unless it is dynamic. shaders/optim/step_counter.wgsl moves it. */
export class LossScale {
  /** f32 [2]: the scale, and the good steps since it last changed. */
  readonly state: Tensor;
  /** f32 [1], the scale: what backward() starts with in place of 1. */
  readonly gradient: Tensor;
  /** u32 [1]: not 0 if a gradient was not finite at the last look. */
  readonly found: Tensor;
  /** Steps between two doublings; 0 if the scale is 1 for ever. */
  readonly interval: number;
  private readonly group: ParameterGroup;
  /** Stands for `group.used` where all places are. */
  private readonly all?: Tensor;

  constructor(group: ParameterGroup, dynamic: boolean) {
    const { gpu, size } = group.gradients;
    this.group = group;
    this.interval = dynamic ? INTERVAL : 0;
    this.state = keep(tensor(gpu, [dynamic ? START : 1, 0], [2], 'loss scale'));
    this.gradient = keep(this.state.alias([1]));
    this.found = keep(zeros(gpu, [1], 'overflow', 'u32'));
    if (dynamic && !group.used) this.all = keep(tensor(gpu, [size], [1], 'places used', 'u32'));
  }

  /** Looks for a gradient that is not finite, if the scale may have made one. */
  checkOverflow(): void {
    if (this.interval === 0) return;
    const { gradients, used } = this.group;
    const { vectors, threads } = launchShape(gradients);
    const table = used ?? this.all!;
    gradients.gpu.run({
      shader: 'optim/overflow',
      bindings: [gradients.slice, table.slice, this.found.slice],
      params: params(vectors, threads, Math.ceil(gradients.size / table.size)),
      grid: [Math.ceil(threads / 64)],
      cost: { flops: 0, bytes: gradients.bytes },
      label: 'overflow',
    });
  }

  /** Frees its memory on the GPU. */
  release(): void {
    for (const part of [this.state, this.gradient, this.found, this.all]) part?.release();
  }
}
