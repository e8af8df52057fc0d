// The astrocyte network `fcn` of docs/method.md §3: the UNet's encoder, a score at each of its three smaller sizes, and their sum on the way up as FCN-8s
// (Long, Shelhamer and Darrell 2015) has it. One score a pixel is all that travels upwards, so the decoder costs next to nothing.
import { bilinear, Conv2d, ConvTranspose2d } from '../../nn/index.ts';
import { packedMask, packedUpsampleAdd, permuteScatter } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { PackedMaps } from '../packing/packed-maps.ts';
import { type Block, encode, encoder, HALVINGS, WIDTHS } from './blocks.ts';
import { AstrocyteNetwork } from './network.ts';

export class Fcn extends AstrocyteNetwork {
  readonly encoder: Block[];
  /** From the smallest size upwards. */
  readonly scores: Conv2d[];
  readonly up: ConvTranspose2d[];

  constructor() {
    super();
    this.encoder = encoder(WIDTHS);
    this.scores = WIDTHS.slice(1)
      .reverse()
      .map((width) => new Conv2d(width, 1, { kernel: 1, bias: true }));
    this.up = this.scores.map(
      () => new ConvTranspose2d(1, 1, { kernel: 4, padding: 1, bias: false, init: bilinear(4) }),
    );
  }

  override forward(features: Tensor, atlas: PackedMaps): Tensor {
    const { levels } = atlas;
    const outputs = encode(this.encoder, atlas.place(features), levels);
    const scored = (i: number): Tensor => this.scores[i].forward(outputs[HALVINGS - i]);
    let y = packedMask(scored(0), levels[HALVINGS].halving!.childIndex);
    for (const [i, up] of this.up.entries()) {
      const { upsampleIndex, fine } = levels[HALVINGS - i].halving!;
      const larger = up.forward(y);
      y =
        i + 1 < HALVINGS
          ? packedUpsampleAdd(scored(i + 1), larger, upsampleIndex)
          : permuteScatter(larger, [1, fine.height, fine.width, 1], upsampleIndex);
    }
    return atlas.take(y);
  }
}
