// What the astrocyte networks here are built of. They normalize each batch of maps by its own statistics, always: running averages over maps of many sizes
// would belong to none.
import { Conv2d, constant, Module, Parameter } from '../../nn/index.ts';
import { packedMaxPool2, type Segments, segmentNorm } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { DOWNSAMPLINGS, type PackedLevel } from '../packing/packed-maps.ts';

/** Channels at full size and after each downsampling. */
export const WIDTHS = Array.from({ length: DOWNSAMPLINGS + 1 }, (_, level) => 16 * 2 ** level);
const EPSILON = 1e-5;

/** Normalization by segments, most often batches of maps, and ReLU. */
export class Norm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], constant(1));
    this.bias = new Parameter([channels], constant(0));
  }

  forward(xs: readonly Tensor[], batches: Segments): Tensor[] {
    const affine = { gamma: this.weight.tensor, beta: this.bias.tensor };
    return segmentNorm(xs, batches, { affine, eps: EPSILON, relu: true });
  }
}

/** 3×3 convolution, normalization, ReLU. */
export class Block extends Module {
  readonly conv: Conv2d;
  readonly norm: Norm;

  constructor(inputs: number, outputs: number) {
    super();
    this.conv = new Conv2d(inputs, outputs);
    this.norm = new Norm(outputs);
  }

  /** The images of a level, each f32 [1,H,W,inputs], to as many channels as it has outputs. */
  forward(xs: readonly Tensor[], batches: Segments): Tensor[] {
    return this.norm.forward(
      xs.map((x) => this.conv.forward(x)),
      batches,
    );
  }
}

/** The blocks of an encoder with these widths, the first one for images of so many channels. */
export const encoder = (widths: readonly number[], inputs: number): Block[] =>
  widths.map((width, i) => new Block(i === 0 ? inputs : widths[i - 1], width));

/** Images f32 [1,H,W,inputs] to what each block makes of them: at full size, and after each 2×2 max-pool. */
export function encode(
  blocks: readonly Block[],
  images: readonly Tensor[],
  levels: readonly PackedLevel[],
): Tensor[][] {
  const outputs: Tensor[][] = [];
  for (const [i, block] of blocks.entries()) {
    const { images: at, batches } = levels[i];
    const given = at.map(({ downsampling }, k) =>
      downsampling ? packedMaxPool2(outputs[i - 1][k], downsampling) : images[k],
    );
    outputs.push(block.forward(given, batches));
  }
  return outputs;
}
