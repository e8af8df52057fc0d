// The Vision Transformer (Dosovitskiy et al. 2021) in the sizes of DeiT (Touvron et al. 2021): patches of the image as tokens, blocks of attention and MLP with the
// normalization first, and a head on the class token. Names are timm's.
import { AstroError, needFields } from '../../gpu/index.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';

/** The sizes of a ViT. */
export interface VitConfig {
  model: string;
  /** Side of the images: a multiple of the patch. */
  size: number;
  /** Side of a patch. */
  patch: number;
  /** Channels of a token, a multiple of the heads. */
  width: number;
  /** Attention and MLP, so often. */
  blocks: number;
  heads: number;
  /** Channels within an MLP, in widths. Default 4. */
  ratio?: number;
  classes: number;
}

/** As timm starts all linear layers; its truncation at ±2 is out of reach. */
const DEVIATION = 0.02;

/**
 * A ViT (Dosovitskiy et al. 2021) by timm's names. It starts as timm's: linear layers and places normal with deviation 0.02, their biases at 0, the class token
 * normal with deviation 1e-6, normalizations at 1 and 0; the patches' convolution normal with the deviation that torch's uniform start has, 1/√(3·fan-in), its bias at 0.
 * Throws AstroError for images that patches do not fill.
 */
export function vit(config: VitConfig): Graph {
  needFields('vit', 'config', config, {
    model: 'a text',
    size: 'a whole number',
    patch: 'a whole number',
    width: 'a whole number',
    blocks: 'a whole number',
    heads: 'a whole number',
    classes: 'a whole number',
  });
  const { model, size, patch, width, blocks, heads, ratio = 4, classes } = config;
  const side = size / patch;
  if (!Number.isInteger(side) || side < 1)
    throw new AstroError(`model ${model}: size ${size} is no multiple of its patches' side, ${patch}`);
  const b = new GraphBuilder();
  const linear = (input: string, name: string, outputs: number): string =>
    b.linear(input, name, outputs, { filter: 'output', deviation: DEVIATION });
  const image = b.image();
  const deviation = 1 / Math.sqrt(3 * b.width(image) * patch ** 2);
  const patches = b.conv(image, 'patch_embed.proj', width, {
    kernel: patch,
    stride: patch,
    padding: 0,
    bias: true,
    deviation,
  });
  let x = b.tokens(patches, [side, side]);
  for (let i = 0; i < blocks; i++) {
    const name = `blocks.${i}`;
    const joined = linear(b.layerNorm(x, `${name}.norm1`), `${name}.attn.qkv`, 3 * width);
    const seen = linear(b.attention(joined, `${name}.attn`, heads), `${name}.attn.proj`, width);
    x = b.sum(`${name}.sum`, x, seen);
    const hidden = linear(b.layerNorm(x, `${name}.norm2`), `${name}.mlp.fc1`, ratio * width);
    x = b.sum(name, x, linear(b.gelu(hidden, `${name}.mlp.act`), `${name}.mlp.fc2`, width));
  }
  b.linear(b.token(b.layerNorm(x, 'norm')), 'head', classes, { deviation: DEVIATION });
  return b.graph(model, size);
}
