// The backbone of a detector: a network without its head, and the feature pyramid on what its stages end with (Lin et al. 2017), to which two coarser levels are added.
// Names are Detectron2's.
import { channelsOf, type Graph, kindOf, Network, partOf, stageEnds, stemEnd } from '../../models/index.ts';
import { BatchNorm2d, Conv2d, Module, type Pass } from '../../nn/index.ts';
import { add, relu, resize } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { DetectError } from '../errors.ts';
import { pyramidStart } from './init.ts';
import { STRIDES } from './levels.ts';

/** Strides of the stages that the pyramid reads. */
const READ = STRIDES.slice(0, 3);

/** What of the backbone stays as it is loaded. */
export interface FrozenBackbone {
  /** Stages that are not trained: 0 none, 1 the stem, 2 the first stage too, and so on, as Detectron2 counts them. */
  freezeAt: number;
  /** Are batch normalizations frozen everywhere: running statistics, and no gradient for scale and offset? */
  freezeNorm: boolean;
}

/** A graph up to its maps of strides 8, 16 and 32, which are its outputs. One that has these outputs already is taken as it is. Throws GraphError where it has no such maps. */
export function backboneGraph(graph: Graph): Graph {
  return graph.outputs?.length === READ.length ? graph : partOf(graph, stageEnds(graph, READ));
}

/** P6 and P7, from P5. */
class TopBlock extends Module {
  readonly p6: Conv2d;
  readonly p7: Conv2d;

  constructor(channels: number) {
    super();
    this.p6 = new Conv2d(channels, channels, { ...pyramidStart(channels, 3), stride: 2 });
    this.p7 = new Conv2d(channels, channels, { ...pyramidStart(channels, 3), stride: 2 });
  }

  forward(p5: Tensor): Tensor[] {
    const p6 = this.p6.forward(p5);
    return [p6, this.p7.forward(relu(p6))];
  }
}

/** f32 or f16 images [N, H, W, 3], sides multiples of 32, to P3 … P7, each [N, H/stride, W/stride, channels]. */
export class Pyramid extends Module {
  /** The backbone, which ends in C3, C4 and C5: maps of strides 8, 16 and 32. */
  readonly bottom_up: Network;
  /** 1×1 convolution of C3. */
  readonly fpn_lateral3: Conv2d;
  /** 1×1 convolution of C4. */
  readonly fpn_lateral4: Conv2d;
  /** 1×1 convolution of C5. */
  readonly fpn_lateral5: Conv2d;
  /** 3×3 convolution to P3, behind the sum of its lateral and the map above. */
  readonly fpn_output3: Conv2d;
  /** 3×3 convolution to P4, likewise. */
  readonly fpn_output4: Conv2d;
  /** 3×3 convolution to P5, of its lateral alone. */
  readonly fpn_output5: Conv2d;
  /** P5 to P6 and P7, by a 3×3 convolution of stride 2 each. */
  readonly top_block: TopBlock;
  private readonly stages: readonly string[];

  /** On a graph of backboneGraph(). Throws DetectError for more stages to freeze than there are. */
  constructor(graph: Graph, channels: number, frozen: FrozenBackbone) {
    super();
    this.bottom_up = new Network(graph);
    this.stages = graph.outputs!;
    const [c3, c4, c5] = widthsOf(graph, this.stages);
    const lateral = (inputs: number): Conv2d => new Conv2d(inputs, channels, pyramidStart(inputs, 1));
    const output = (): Conv2d => new Conv2d(channels, channels, pyramidStart(channels, 3));
    this.fpn_lateral3 = lateral(c3);
    this.fpn_lateral4 = lateral(c4);
    this.fpn_lateral5 = lateral(c5);
    this.fpn_output3 = output();
    this.fpn_output4 = output();
    this.fpn_output5 = output();
    this.top_block = new TopBlock(channels);
    this.freezeBackbone(frozen);
  }

  private freezeBackbone({ freezeAt, freezeNorm }: FrozenBackbone): void {
    const { graph } = this.bottom_up;
    const ends = [stemEnd(graph), ...stageEnds(graph, [4]), ...this.stages];
    if (!(Number.isInteger(freezeAt) && freezeAt >= 0 && freezeAt <= ends.length))
      throw new DetectError(
        `freezeAt is ${freezeAt}; a whole number from 0 (nothing is frozen) to ${ends.length} is wanted`,
      );
    const last = graph.nodes.findIndex(({ name }) => name === ends[freezeAt - 1]);
    const layers = graph.nodes.slice(0, last + 1).flatMap((node) =>
      kindOf(node)
        .layers(node)
        .map(([name]) => `${name}.`),
    );
    this.bottom_up.freeze((name) => layers.some((layer) => name.startsWith(layer)));
    if (!freezeNorm) return;
    for (const [, module] of this.bottom_up.namedModules()) if (module instanceof BatchNorm2d) module.freeze();
  }

  /** P3 to P7 in order, of images f32 or f16 [N, H, W, 3]. */
  forward(images: Tensor, pass: Pass): Tensor[] {
    const [c3, c4, c5] = this.bottom_up.values(images, pass, this.stages);
    const top = this.fpn_lateral5.forward(c5);
    const middle = add(this.fpn_lateral4.forward(c4), resize(top, { scale: 2 }));
    const fine = add(this.fpn_lateral3.forward(c3), resize(middle, { scale: 2 }));
    const p5 = this.fpn_output5.forward(top);
    return [this.fpn_output3.forward(fine), this.fpn_output4.forward(middle), p5, ...this.top_block.forward(p5)];
  }
}

/** Channels of nodes' values, whatever compaction left of them. */
function widthsOf(graph: Graph, nodes: readonly string[]): number[] {
  const channels = channelsOf(graph);
  return nodes.map((name) => channels.get(name)!);
}
