// BoxInst's network (Tian et al. 2021), which is CondInst's: a feature pyramid on a backbone of any graph, FCOS's head with a controller, and a mask branch. What it is
// trained with and how its outputs become objects stand elsewhere.
import type { Graph } from '../../models/index.ts';
import { Conv2d, Module, type Pass } from '../../nn/index.ts';
import { cast, concat, reshape } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { type BoxInstConfig, type BoxInstOptions, checkedConfig, configOf } from './config.ts';
import { FcosHead } from './fcos-head.ts';
import { headStart } from './init.ts';
import { type FeatureLevel, featureLevels } from './levels.ts';
import { MaskBranch } from './mask-branch.ts';
import { backboneGraph, Pyramid } from './pyramid.ts';

/** What BoxInst gives, f32: L are the locations of all levels, P3's first, row by row. */
export interface BoxInstOutputs {
  /** [N, L, classes]. */
  logits: Tensor;
  /** Left, top, right, bottom, in strides of the level, not below 0, [N, L, 4]. */
  regression: Tensor;
  /** [N, L], as logits. */
  centerness: Tensor;
  /** For each location the parameters of its mask head, [N, L, maskParameters]. */
  controllers: Tensor;
  /** [N, H/8, W/8, maskFeatures]. */
  maskFeatures: Tensor;
  levels: readonly FeatureLevel[];
}

/** Channels between the layers of a mask head, of which there are three. */
export const MASK_HEAD_CHANNELS = 8;

/** Numbers that a mask head of three 1×1 convolutions takes, on two coordinates and so many features: 233 for 16. */
export const maskParameters = (maskFeatures: number): number => {
  const widths = [maskFeatures + 2, MASK_HEAD_CHANNELS, MASK_HEAD_CHANNELS, 1];
  return widths.slice(1).reduce((sum, outputs, i) => sum + (widths[i] + 1) * outputs, 0);
};

/**
 * The network of BoxInst. Without memory until `to(gpu, seed)`; names of its state dict are AdelaiDet's, those of the backbone its graph's behind `backbone.bottom_up.`.
 *
 * @example
 * const detector = new BoxInst({ backbone: describeModel('resnet50-imagenet'), classes: 80 }).to(gpu, 1);
 * const { logits, levels } = detector.forward(images, TRAIN); // f32 [N, H, W, 3], normalized, H and W multiples of 32
 */
export class BoxInst extends Module {
  /** What it is made of. Its backbone is the graph without its head. */
  readonly config: BoxInstConfig;
  /** Images to the maps P3 to P7. */
  readonly backbone: Pyramid;
  /** What is said of each location: classes, box, centre-ness. */
  readonly fcos_head: FcosHead;
  /** 3×3 convolution from the box tower to the weights of each location's mask head. */
  readonly controller: Conv2d;
  /** P3 to P5 to the features that mask heads read. */
  readonly mask_branch: MaskBranch;

  /** Throws GraphError for a graph without maps of strides 8, 16 and 32, and DetectError for options of other values than they take. */
  constructor(options: BoxInstOptions) {
    super();
    const config = configOf(options);
    const graph = backboneGraph(config.backbone as Graph);
    this.config = { ...config, backbone: graph };
    const { channels, maskFeatures } = config;
    this.backbone = new Pyramid(graph, channels, config);
    this.fcos_head = new FcosHead(config);
    this.controller = new Conv2d(channels, maskParameters(maskFeatures), headStart());
    this.mask_branch = new MaskBranch(config);
  }

  /** The detector of a description, which may come from a file. Throws GraphError and DetectError for one that is none. */
  static of(description: unknown): BoxInst {
    return new BoxInst(checkedConfig(description));
  }

  /** Plain JSON, from which BoxInst.of() makes it again, without its weights. */
  describe(): BoxInstConfig {
    return this.config;
  }

  /** Images [N, H, W, 3], normalized, f32 or f16, sides multiples of 32. Throws TensorError for others. */
  forward(images: Tensor, pass: Pass): BoxInstOutputs {
    const maps = this.backbone.forward(images, pass);
    const heads = maps.map((map, level) => this.fcos_head.forward(map, level));
    const controllers = heads.map(({ tower }) => this.controller.forward(tower));
    const centerness = joined(heads.map((head) => head.centerness));
    return {
      logits: joined(heads.map(({ logits }) => logits)),
      regression: joined(heads.map(({ regression }) => regression)),
      centerness: reshape(centerness, centerness.shape.slice(0, 2)),
      controllers: joined(controllers),
      maskFeatures: cast(this.mask_branch.forward(maps, pass), 'f32'),
      levels: featureLevels(maps.map(({ shape: [, height, width] }) => [height, width])),
    };
  }
}

/** Maps [N, h, w, C] as one list of locations [N, L, C], f32. */
function joined(maps: readonly Tensor[]): Tensor {
  const lists = maps.map((map) => {
    const [n, height, width, channels] = map.shape;
    return reshape(map, [n, height * width, channels]);
  });
  return cast(concat(lists, 1), 'f32');
}
