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
  /** 3×3 convolutions, each with group normalization and ReLU, that classes are read from. */
  readonly cls_tower: Sequential;
  /** The same for boxes, centre-ness and the controller. */
  readonly bbox_tower: Sequential;
  /** 3×3 convolution to one logit a class. */
  readonly cls_logits: Conv2d;
  /** 3×3 convolution to the distances to the four edges, before scale and ReLU. */
  readonly bbox_pred: Conv2d;
  /** 3×3 convolution to the logit of centre-ness. */
  readonly ctrness: Conv2d;
  /** A learned factor of the distances for each level. */
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

  /** x f32 or f16 [N, h, w, channels], the map of level `level`, 0 for P3 to 4 for P7. */
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
