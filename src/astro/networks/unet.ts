// The astrocyte network of METHOD.md §3: a UNet over feature maps of any size. It normalises by its batch's own statistics, always: maps of many
// sizes pass through one network, and running averages over them would belong to none.
import { Conv2d, ConvTranspose2d, InstanceBatchNorm, Module } from '../../nn/index.ts';
import { concat, crop, maxPool2d, pad, type Tensor } from '../../tensor/index.ts';

const WIDTHS = [16, 32, 64, 128];
/** Three halvings. */
const MULTIPLE = 2 ** (WIDTHS.length - 1);

/** 3×3 convolution, normalisation, ReLU. */
class Level extends Module {
  readonly conv: Conv2d;
  readonly norm: InstanceBatchNorm;

  constructor(inputs: number, outputs: number) {
    super();
    this.conv = new Conv2d(inputs, outputs);
    this.norm = new InstanceBatchNorm(outputs);
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(this.conv.forward(x), { relu: true });
  }
}

export class UNet extends Module {
  readonly encoder: Level[];
  readonly up: ConvTranspose2d[];
  readonly decoder: Level[];
  readonly score: Conv2d;

  constructor() {
    super();
    this.encoder = WIDTHS.map((width, i) => new Level(i === 0 ? 1 : WIDTHS[i - 1], width));
    const upwards = WIDTHS.slice(0, -1).reverse();
    this.up = upwards.map((width) => new ConvTranspose2d(width * 2, width));
    this.decoder = upwards.map((width) => new Level(width * 2, width));
    this.score = new Conv2d(WIDTHS[0], 1, { bias: true });
  }

  /** B×H×W×1 feature maps to B×H×W×1 logits, for any H and W. */
  forward(x: Tensor): Tensor {
    const [, height, width] = x.shape;
    const ragged = [height, width].map((side) => (MULTIPLE - (side % MULTIPLE)) % MULTIPLE);
    let y = ragged.some(Boolean)
      ? pad(x, [
          [0, 0],
          [0, ragged[0]],
          [0, ragged[1]],
          [0, 0],
        ])
      : x;
    const skips: Tensor[] = [];
    for (const [i, level] of this.encoder.entries()) {
      if (i > 0) y = maxPool2d(y, { kernel: 2 });
      y = level.forward(y);
      skips.push(y);
    }
    skips.pop();
    for (const [i, level] of this.decoder.entries())
      y = level.forward(concat([skips.pop()!, this.up[i].forward(y)], 3));
    y = this.score.forward(y);
    return ragged.some(Boolean) ? crop(y, height, width) : y;
  }
}
