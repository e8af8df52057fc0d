// A map as a sequence of tokens, as transformers take images (Dosovitskiy et al. 2021): its positions row by row, a learned class token in front, and to each
// token what is learned of its place. Parameters have timm's names and layouts.
import { optional } from 'valibot';
import { Module, normal, Parameter } from '../../nn/index.ts';
import { add, cast, concat, expand, reshape } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { OneInput } from '../node/channelwise.ts';
import { stateVector } from '../node/compaction.ts';
import { channels, grid, name } from '../node/fields.ts';
import { checkChannels, GraphError, type NodeKind } from '../node/kind.ts';

export interface TokensNode extends OneInput {
  op: 'tokens';
  /** Parameters are `tokens`.cls_token and `tokens`.pos_embed; without it cls_token and pos_embed. */
  tokens?: string;
  channels: number;
  /** Rows and columns of the map that the places belong to. */
  grid: readonly number[];
}

/** The class token and the places. */
class Tokens extends Module {
  readonly classToken: Parameter;
  readonly positions: Parameter;

  /** Both start as timm's: the class token at next to nothing, places normal with deviation 0.02. */
  constructor(positions: number, channels: number) {
    super();
    this.classToken = new Parameter([1, 1, channels], normal(1e-6));
    this.positions = new Parameter([1, 1 + positions, channels], normal(0.02));
  }

  protected override *members(): Iterable<[string, Parameter]> {
    yield ['cls_token', this.classToken];
    yield ['pos_embed', this.positions];
  }

  forward(map: Tensor): Tensor {
    const [count, , , channels] = map.shape;
    const first = expand(this.classToken.masked, [count, 1, channels]);
    const stored = first.dtype === map.dtype ? first : cast(first, 'f16');
    return add(concat([stored, reshape(map, [count, -1, channels])], 1), this.positions.masked);
  }
}

const countOf = ({ grid: [rows, columns] }: TokensNode): number => rows * columns;

/** The class token and the places by name, with their rows. */
const offsetsOf = (node: TokensNode): [string, number][] => {
  const name = (part: string): string => (node.tokens === undefined ? part : `${node.tokens}.${part}`);
  return [
    [name('cls_token'), 1],
    [name('pos_embed'), 1 + countOf(node)],
  ];
};

export const tokens: NodeKind<TokensNode> = {
  op: 'tokens',
  fields: { input: name, tokens: optional(name), channels, grid },
  reads: ({ input }) => [input],
  channels: (node, [given]) => checkChannels(node, node.channels, given),
  extent(node, [given]) {
    if (given.join() !== node.grid.join())
      throw new GraphError(
        `node ${node.name} has places for ${node.grid.join('×')} tokens and is given ${given.join('×') || 'no map'}; make the model for images of that size`,
      );
    return [1 + countOf(node)];
  },
  layers: (node) => [[node.tokens ?? '', new Tokens(countOf(node), node.channels)]],
  forward: ({ tokens = '' }, [map], { layer }) => layer<Tokens>(tokens).forward(map),
  macs: () => 0,
  places: (node) => ({ name: offsetsOf(node)[1][0], front: 1, grid: node.grid }),
  resized: (node, [given]) => ({ ...node, grid: given }),
  classes: (_, [given]) => given,

  // A constant plus places varies from token to token, unless all come to one.
  propagate(node, [{ constant, image }], values) {
    const [first, places] = offsetsOf(node).map(([name, rows]) => values.vector(name, rows * node.channels, 0));
    const at = (row: number, c: number): number => places[row * node.channels + c];
    const rows = Array.from({ length: countOf(node) }, (_, i) => i + 1);
    return {
      constant: constant.map((k, c) => {
        const own = first[c] + at(0, c);
        return rows.every((row) => k + at(row, c) === own) ? own : Number.NaN;
      }),
      image,
    };
  },
  needs: (_, own) => [own],
  rectified: () => false,
  offsets: offsetsOf,
  shrink: (node, { inputs: [input], channels }) => ({ ...node, input, channels }),
  write: (node, { part }) =>
    offsetsOf(node).map(([name, rows]) => [
      name,
      { ...stateVector(part(name, rows)), shape: [1, rows, node.channels] },
    ]),

  onnx(node, [map], writer) {
    const { channels } = node;
    const rows = 1 + countOf(node);
    const [first, places] = offsetsOf(node).map(([name, rows]) => {
      const shape = [1, rows, channels];
      return writer.constant(name, shape, writer.tensor(name, shape));
    });
    const integers = (...list: number[]): string => writer.op('Constant', [], { value_ints: list });
    const listed = writer.op('Reshape', [map, integers(0, channels, rows - 1)]);
    const each = writer.op('Transpose', [listed], { perm: [0, 2, 1] });
    // Zeros in front of the tokens, and behind the class token: their sum is both, for any number of images.
    const behind = writer.op('Pad', [each, integers(0, 1, 0, 0, 0, 0)]);
    const before = writer.op('Pad', [first, integers(0, 0, 0, 0, rows - 1, 0)]);
    return writer.op('Add', [writer.op('Add', [behind, before]), places]);
  },
};
