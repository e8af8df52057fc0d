// The astrocyte network `unet` of docs/method.md §3: a UNet over feature maps of any size, all of them packed into one image.
import { Conv2d, ConvTranspose2d } from '../../nn/index.ts';
import { convTranspose2d, packedSkipConcat } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { DOWNSAMPLINGS, type PackedMaps } from '../packing/packed-maps.ts';
import { Block, encode, encoder, WIDTHS } from './blocks.ts';
import { AstrocyteNetwork } from './network.ts';

/** A UNet (Ronneberger, Fischer and Brox 2015) with one 3×3 convolution a level, which takes maps of any size; 237,649 parameters. */
export class UNet extends AstrocyteNetwork {
  /** A 3×3 convolution, norm and ReLU a level, from the largest size downwards. */
  readonly encoder: Block[];
  /** 2×2 transposed convolutions, from the smallest size upwards: each doubles the size and halves the channels. */
  readonly up: ConvTranspose2d[];
  /** A 3×3 convolution, norm and ReLU a level, behind what comes up joined with what the encoder had there. */
  readonly decoder: Block[];
  /** 3×3 convolution to one logit a gate. */
  readonly score: Conv2d;

  /** `inputs`: features of a gate that it sees. Default 1. */
  constructor(inputs = 1) {
    super(inputs);
    this.encoder = encoder(WIDTHS, inputs);
    const upwards = WIDTHS.slice(0, -1).reverse();
    this.up = upwards.map((width) => new ConvTranspose2d(width * 2, width));
    this.decoder = upwards.map((width) => new Block(width * 2, width));
    this.score = new Conv2d(WIDTHS[0], 1, { bias: true });
  }

  override lastLayers(): Conv2d[] {
    return [this.score];
  }

  override forward(features: Tensor, packed: PackedMaps): Tensor {
    const { levels } = packed;
    const skips = encode(this.encoder, packed.pack(features), levels);
    let y = skips.pop()!;
    for (const [i, block] of this.decoder.entries()) {
      const below = DOWNSAMPLINGS - i;
      const { weight, bias } = this.up[i];
      const skip = skips.pop()!;
      // The bias is added where maps lie, so that it leaves nothing between them.
      const joined = levels[below].images.map(({ downsampling }, k) =>
        packedSkipConcat(skip[k], convTranspose2d(y[k], weight.tensor, { stride: 2 }), bias!.tensor, downsampling!),
      );
      y = block.forward(joined, levels[below - 1].batches);
    }
    return packed.unpack(y.map((image) => this.score.forward(image)));
  }
}
