// The astrocyte network `fcn` of docs/method.md §3: the UNet's encoder, a score at each of its three smaller sizes, and their sum on the way up as FCN-8s
// (Long, Shelhamer and Darrell 2015) has it. One score a pixel is all that travels upwards, so the decoder costs next to nothing.
import { bilinear, Conv2d, ConvTranspose2d } from '../../nn/index.ts';
import { packedMask, packedUpsampleAdd, permuteScatter } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { DOWNSAMPLINGS, type PackedMaps } from '../packing/packed-maps.ts';
import { type Block, encode, encoder, WIDTHS } from './blocks.ts';
import { AstrocyteNetwork } from './network.ts';

/** An FCN-8s over feature maps of any size. */
export class Fcn extends AstrocyteNetwork {
  /** A 3×3 convolution, norm and ReLU a level, from the largest size downwards. */
  readonly encoder: Block[];
  /** From the smallest size upwards. */
  readonly scores: Conv2d[];
  /** Transposed convolutions that double the size of the scores. */
  readonly up: ConvTranspose2d[];

  /** `inputs`: features of a gate that it sees. Default 1. */
  constructor(inputs = 1) {
    super(inputs);
    this.encoder = encoder(WIDTHS, inputs);
    this.scores = WIDTHS.slice(1)
      .reverse()
      .map((width) => new Conv2d(width, 1, { kernel: 1, bias: true }));
    this.up = this.scores.map(
      () => new ConvTranspose2d(1, 1, { kernel: 4, padding: 1, bias: false, init: bilinear(4) }),
    );
  }

  override lastLayers(): Conv2d[] {
    return this.scores;
  }

  override forward(features: Tensor, packed: PackedMaps): Tensor {
    const { levels } = packed;
    const outputs = encode(this.encoder, packed.pack(features), levels);
    const logits = levels[0].images.map((_, k) => {
      const scored = (i: number): Tensor => this.scores[i].forward(outputs[DOWNSAMPLINGS - i][k]);
      let y = packedMask(scored(0), levels[DOWNSAMPLINGS].images[k].downsampling!.childIndex);
      for (const [i, up] of this.up.entries()) {
        const { upsampleIndex, fine } = levels[DOWNSAMPLINGS - i].images[k].downsampling!;
        const larger = up.forward(y);
        y =
          i + 1 < DOWNSAMPLINGS
            ? packedUpsampleAdd(scored(i + 1), larger, upsampleIndex)
            : permuteScatter(larger, [1, fine.height, fine.width, 1], upsampleIndex);
      }
      return y;
    });
    return packed.unpack(logits);
  }
}
