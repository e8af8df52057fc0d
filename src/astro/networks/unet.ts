// The astrocyte network of METHOD.md §3: a UNet over feature maps of any size, all of them in one image (see atlas.ts). It normalises each batch of maps
// by its own statistics, always: running averages over maps of many sizes would belong to none.
import { Conv2d, ConvTranspose2d, constant, Module, Parameter } from '../../nn/index.ts';
import { convTranspose2d, halve, joinHalves, type Segments, segmentNorm, type Tensor } from '../../tensor/index.ts';
import type { Level } from '../atlas.ts';

const WIDTHS = [16, 32, 64, 128];
/** Times that the sides of a map are halved. */
export const HALVINGS = WIDTHS.length - 1;
const EPSILON = 1e-5;

class Norm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], constant(1));
    this.bias = new Parameter([channels], constant(0));
  }
}

/** 3×3 convolution, normalisation, ReLU. */
class Block extends Module {
  readonly conv: Conv2d;
  readonly norm: Norm;

  constructor(inputs: number, outputs: number) {
    super();
    this.conv = new Conv2d(inputs, outputs);
    this.norm = new Norm(outputs);
  }

  forward(x: Tensor, batches: Segments): Tensor {
    const affine = { gamma: this.norm.weight.tensor, beta: this.norm.bias.tensor };
    return segmentNorm(this.conv.forward(x), batches, { affine, eps: EPSILON, relu: true });
  }
}

export class UNet extends Module {
  readonly encoder: Block[];
  readonly up: ConvTranspose2d[];
  readonly decoder: Block[];
  readonly score: Conv2d;

  constructor() {
    super();
    this.encoder = WIDTHS.map((width, i) => new Block(i === 0 ? 1 : WIDTHS[i - 1], width));
    const upwards = WIDTHS.slice(0, -1).reverse();
    this.up = upwards.map((width) => new ConvTranspose2d(width * 2, width));
    this.decoder = upwards.map((width) => new Block(width * 2, width));
    this.score = new Conv2d(WIDTHS[0], 1, { bias: true });
  }

  /** 1×H×W×1 to 1×H×W×1 logits; `levels` say where the maps lie, at full size and after each halving. */
  forward(x: Tensor, levels: readonly Level[]): Tensor {
    const skips: Tensor[] = [];
    let y = x;
    for (const [i, block] of this.encoder.entries()) {
      const { batches, halving } = levels[i];
      y = block.forward(halving ? halve(y, halving) : y, batches);
      skips.push(y);
    }
    skips.pop();
    for (const [i, block] of this.decoder.entries()) {
      const below = HALVINGS - i;
      const { weight, bias } = this.up[i];
      const up = convTranspose2d(y, weight.tensor, { stride: 2 });
      y = block.forward(joinHalves(skips.pop()!, up, bias.tensor, levels[below].halving!), levels[below - 1].batches);
    }
    return this.score.forward(y);
  }
}
