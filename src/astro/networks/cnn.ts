// The astrocyte network `cnn` of docs/method.md §3: strided convolutions down to one row of features for each map, and a linear layer back to the map's size,
// one for each shape of map. The maps are averaged before it: from 64×64 pixels of 64 channels, the linear layer of a 512×512 map would have 7·10¹⁰ weights.
// The last convolution has a bias and no normalization: normalized and averaged over the same pixels, a map that is alone in its batch and small (16×3,
// two pixels after three downsamplings) would have the same features whatever it holds.
import { AstroError } from '../../gpu/index.ts';
import { Conv2d, Linear, Module } from '../../nn/index.ts';
import { concat, packedStride2, permuteScatter, relu, reshape, segmentMean } from '../../ops/index.ts';
import { type Tensor, view } from '../../tensor/index.ts';
import { DOWNSAMPLINGS, type PackedMaps } from '../packing/packed-maps.ts';
import { type MapSize, shapeName } from '../packing/region-groups.ts';
import { type Block, encoder, WIDTHS } from './blocks.ts';
import { AstrocyteNetwork } from './network.ts';

/** Features of a map. */
const FEATURES = WIDTHS[DOWNSAMPLINGS - 1];

/** Linear layers by the shape of map that they are for. */
class Heads extends Module {
  readonly layers = new Map<string, Linear>();

  constructor(sizes: readonly MapSize[]) {
    super();
    for (const size of sizes) {
      const name = shapeName(size);
      if (!this.layers.has(name)) this.layers.set(name, new Linear(FEATURES, size.height * size.width));
    }
  }

  protected override members(): Iterable<[string, Linear]> {
    return this.layers;
  }
}

/** Strided convolutions, a mean over each map and a linear layer for each shape of map: it fits only the shapes that it was made for. */
export class Cnn extends AstrocyteNetwork {
  /** A 3×3 convolution, norm and ReLU a level, at each size of the maps. */
  readonly encoder: Block[];
  /** The last strided convolution, with a bias and no norm. */
  readonly last: Conv2d;
  /** A linear layer from the means of a map to its logits, for each shape of map. */
  readonly heads: Heads;

  /** `maps`: those that it will see; equal shapes share a linear layer. `inputs`: features of a gate, default 1. Throws AstroError where maps are not given. */
  constructor(maps?: readonly MapSize[], inputs = 1) {
    super(inputs);
    if (!maps)
      throw new AstroError(
        'the astrocyte network cnn is built for the shapes of its maps: give `maps`, a layout has them',
      );
    this.encoder = encoder(WIDTHS.slice(0, DOWNSAMPLINGS - 1), inputs);
    this.last = new Conv2d(WIDTHS[DOWNSAMPLINGS - 2], FEATURES, { bias: true });
    this.heads = new Heads(maps);
  }

  override lastLayers(): Module[] {
    return [this.heads];
  }

  /** Throws AstroError for a map of a shape that it was not made for. */
  override forward(features: Tensor, packed: PackedMaps): Tensor {
    const { levels, shapes } = packed;
    let y = packed.pack(features);
    for (const [i, { conv, norm }] of this.encoder.entries()) {
      const { images, batches } = levels[i + 1];
      y = norm.forward(
        images.map(({ downsampling }, k) => packedStride2(conv.forward(y[k]), downsampling!)),
        batches,
      );
    }
    const last = levels[DOWNSAMPLINGS].images.map(({ downsampling }, k) =>
      relu(packedStride2(this.last.forward(y[k]), downsampling!)),
    );
    const pooled = segmentMean(last, shapes.pixels);
    const outputs = shapes.groups.map(({ name, first, count }) => {
      const rows = view(pooled, [count, FEATURES], first * FEATURES);
      return reshape(this.head(name).forward(rows), [-1]);
    });
    return permuteScatter(concat(outputs, 0), [packed.gates], shapes.outputIndex);
  }

  private head(name: string): Linear {
    const { layers } = this.heads;
    const head = layers.get(name);
    if (!head)
      throw new AstroError(
        `the astrocyte network cnn has no linear layer for maps of ${name}; it was made for ${[...layers.keys()].join(', ')}`,
      );
    return head;
  }
}
