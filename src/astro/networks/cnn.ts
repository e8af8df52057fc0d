// The astrocyte network `cnn` of docs/method.md §3: strided convolutions down to one row of features for each map, and a linear layer back to the map's size,
// one for each shape of map. The maps are averaged before it: from 64×64 pixels of 64 channels, the linear layer of a 512×512 map would have 7·10¹⁰ weights.
// The last convolution has a bias and no normalization: normalized and averaged over the same pixels, a map that is alone in its batch and small (16×3,
// two pixels after three halvings) would have the same features whatever it holds.
import { AstroError } from '../../gpu/index.ts';
import { Conv2d, Linear, Module } from '../../nn/index.ts';
import { concat, packedStride2, permuteScatter, relu, reshape, segmentMean } from '../../ops/index.ts';
import { type Tensor, view } from '../../tensor/index.ts';
import { HALVINGS, type PackedMaps } from '../packing/packed-maps.ts';
import { type MapSize, shapeName } from '../packing/region-groups.ts';
import { type Block, encoder, WIDTHS } from './blocks.ts';
import { AstrocyteNetwork } from './network.ts';

/** Features of a map. */
const FEATURES = WIDTHS[HALVINGS - 1];

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

export class Cnn extends AstrocyteNetwork {
  readonly encoder: Block[];
  readonly last: Conv2d;
  readonly heads: Heads;

  /** `maps`: those that it will see; equal shapes share a linear layer. */
  constructor(maps: readonly MapSize[]) {
    super();
    this.encoder = encoder(WIDTHS.slice(0, HALVINGS - 1));
    this.last = new Conv2d(WIDTHS[HALVINGS - 2], FEATURES, { bias: true });
    this.heads = new Heads(maps);
  }

  /** Throws AstroError for an atlas with a map of a shape that it was not made for. */
  override forward(features: Tensor, atlas: PackedMaps): Tensor {
    const { levels, shapes } = atlas;
    let y = atlas.place(features);
    for (const [i, { conv, norm }] of this.encoder.entries()) {
      const { halving, batches } = levels[i + 1];
      y = norm.forward(packedStride2(conv.forward(y), halving!), batches);
    }
    y = relu(packedStride2(this.last.forward(y), levels[HALVINGS].halving!));
    const pooled = segmentMean(y, shapes.pixels);
    const answers = shapes.groups.map(({ name, first, count }) => {
      const rows = view(pooled, [count, FEATURES], first * FEATURES);
      return reshape(this.head(name).forward(rows), [-1]);
    });
    return permuteScatter(concat(answers, 0), [atlas.gates], shapes.answers);
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
