// The head of FCOS (Tian et al. 2019, 2021), one for all levels: a tower that tells classes, a tower for boxes that also says how central a location is, and on the
// latter the controller (Tian et al. 2020), which writes the parameters of a mask head for every location. Names are AdelaiDet's.
import { Conv2d, constant, GroupNorm, Module, Parameter, Sequential } from '../../nn/index.ts';
import { cast, mul, relu } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { headStart } from './init.ts';
import { STRIDES } from './levels.ts';

/** Probability that logits of classes begin with: few locations are an object's. */
const PRIOR = 0.01;
const MOST_GROUPS = 32;
/** In a group; with fewer the coarsest level, a location or two, would be normalized to constants. */
const LEAST_CHANNELS = 8;

/** Groups of a normalization of so many channels: 32, fewer where they are narrow. */
export function groupsOf(channels: number): number {
  let groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(channels / LEAST_CHANNELS)));
  while (channels % groups !== 0) groups--;
  return groups;
}

/** A factor that is learned. */
class Scale extends Module {
  readonly scale = new Parameter([1], constant(1));

  /** x · scale, in f32. */
  forward(x: Tensor): Tensor {
    return mul(cast(x, 'f32'), this.scale.masked);
  }
}

/** What the head says of one level, each [N, h, w, …]. */
export interface HeadOutputs {
  logits: Tensor;
  /** Distances to the edges of the box, in strides. */
  regression: Tensor;
  centerness: Tensor;
  /** What the controller reads. */
  tower: Tensor;
}

/** Logits of classes, boxes and centre-ness of every location of a level. */
export class FcosHead extends Module {
  readonly cls_tower: Sequential;
  readonly bbox_tower: Sequential;
  readonly cls_logits: Conv2d;
  readonly bbox_pred: Conv2d;
  readonly ctrness: Conv2d;
  readonly scales: readonly Scale[];

  constructor({ channels, towers, classes }: { channels: number; towers: number; classes: number }) {
    super();
    const tower = (): Sequential =>
      new Sequential(
        ...Array.from({ length: towers }, () => [
          new Conv2d(channels, channels, headStart()),
          new GroupNorm(groupsOf(channels), channels),
          relu,
        ]).flat(),
      );
    this.cls_tower = tower();
    this.bbox_tower = tower();
    this.cls_logits = new Conv2d(channels, classes, headStart(PRIOR));
    this.bbox_pred = new Conv2d(channels, 4, headStart());
    this.ctrness = new Conv2d(channels, 1, headStart());
    this.scales = STRIDES.map(() => new Scale());
  }

  forward(x: Tensor, level: number): HeadOutputs {
    const tower = this.bbox_tower.forward(x);
    return {
      logits: this.cls_logits.forward(this.cls_tower.forward(x)),
      regression: relu(this.scales[level].forward(this.bbox_pred.forward(tower))),
      centerness: this.ctrness.forward(tower),
      tower,
    };
  }
}
