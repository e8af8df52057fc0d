// The mask branch of CondInst (Tian et al. 2020): P3, P4 and P5 as one map at the stride of P3, which all instances' mask heads read. Names are AdelaiDet's.
import { BatchNorm2d, Conv2d, convNorm, Module, type Pass, Sequential } from '../../nn/index.ts';
import { add, alignedBilinear } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { branchStart, plainStart } from './init.ts';

/** A 3×3 convolution, its batch normalization and a ReLU. */
class Block extends Module {
  private readonly conv: Conv2d;
  private readonly norm: BatchNorm2d;

  constructor(inputs: number, outputs: number) {
    super();
    this.conv = new Conv2d(inputs, outputs, branchStart(inputs));
    this.norm = new BatchNorm2d(outputs);
  }

  protected override *members(): Iterable<[string, Module]> {
    yield ['0', this.conv];
    yield ['1', this.norm];
  }

  forward(x: Tensor, pass: Pass): Tensor {
    return convNorm(this.conv, this.norm, x, pass, { relu: true });
  }
}

/** Widths of the mask branch. */
export interface MaskBranchOptions {
  /** Of the pyramid. */
  channels: number;
  maskChannels: number;
  /** Convolutions behind the sum. */
  maskTowers: number;
  /** Channels of what comes out. */
  maskFeatures: number;
}

/** P3, P4 and P5 to features for masks [N, H/8, W/8, maskFeatures]. */
export class MaskBranch extends Module {
  /** Convolution, norm and ReLU for each of P3, P4 and P5, which are then summed at the size of P3. */
  readonly refine: readonly Block[];
  /** Convolutions behind the sum, the last one to `maskFeatures` channels. */
  readonly tower: Sequential;

  constructor({ channels, maskChannels, maskTowers, maskFeatures }: MaskBranchOptions) {
    super();
    this.refine = [0, 1, 2].map(() => new Block(channels, maskChannels));
    this.tower = new Sequential(
      ...Array.from({ length: maskTowers }, () => new Block(maskChannels, maskChannels)),
      new Conv2d(maskChannels, maskFeatures, plainStart(maskChannels)),
    );
  }

  /** Levels as the pyramid gives them, P3 first; what is coarser than P5 is left out. */
  forward(levels: readonly Tensor[], pass: Pass): Tensor {
    const [fine, ...coarse] = this.refine.map((block, i) => block.forward(levels[i], pass));
    const sum = coarse.reduce((all, map, i) => add(all, alignedBilinear(map, 2 ** (i + 1))), fine);
    return this.tower.forward(sum, pass);
  }
}
