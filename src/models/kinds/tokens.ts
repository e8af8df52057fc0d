// A map as a sequence of tokens, as transformers take images (Dosovitskiy et al. 2021): its positions row by row, a learned class token in front, and to each
// token what is learned of its place.
import { array, length, optional, pipe } from 'valibot';
import { Module, normal, Parameter } from '../../nn/index.ts';
import { add, cast, concat, expand, reshape } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { OneInput } from '../node/channelwise.ts';
import { stateVector } from '../node/compaction.ts';
import { channels, grid, name } from '../node/fields.ts';
import { checkChannels, GraphError, type NodeKind } from '../node/kind.ts';
import { RESHAPES, type TracedOp } from '../node/traced.ts';

export interface TokensNode extends OneInput {
  op: 'tokens';
  /** Of the class token and the places; default timm's. */
  names?: readonly string[];
  channels: number;
  /** Rows and columns of the map that the places belong to. */
  grid: readonly number[];
}

/** The class token and the places. */
class Tokens extends Module {
  readonly classToken: Parameter;
  readonly positions: Parameter;
  private readonly names: readonly string[];

  /** Both start as timm's: the class token at next to nothing, places normal with deviation 0.02. */
  constructor(names: readonly string[], positions: number, channels: number) {
    super();
    this.names = names;
    this.classToken = new Parameter([1, 1, channels], normal(1e-6));
    this.positions = new Parameter([1, 1 + positions, channels], normal(0.02));
  }

  protected override *members(): Iterable<[string, Parameter]> {
    const [first, places] = this.names;
    yield [first, this.classToken];
    yield [places, this.positions];
  }

  forward(map: Tensor): Tensor {
    const [count, , , channels] = map.shape;
    const first = expand(this.classToken.masked, [count, 1, channels]);
    const stored = first.dtype === map.dtype ? first : cast(first, 'f16');
    return add(concat([stored, reshape(map, [count, -1, channels])], 1), this.positions.masked);
  }
}

const countOf = ({ grid: [rows, columns] }: TokensNode): number => rows * columns;

const namesOf = ({ names = ['cls_token', 'pos_embed'] }: TokensNode): readonly string[] => names;

/** The class token and the places by name, with their rows. */
const offsetsOf = (node: TokensNode): [string, number][] =>
  namesOf(node).map((name, i) => [name, i === 0 ? 1 : 1 + countOf(node)]);

/** Places added to a class token and what lies behind it, a map in a row. */
function tokensOf({ inputs, fresh }: TracedOp): TokensNode | undefined {
  const places = inputs.find(({ parameter }) => parameter !== undefined);
  const joined = inputs.find(({ made }) => made?.op === 'concat')?.made;
  const [first, list, ...others] = joined?.inputs ?? [];
  const [map] = list?.made && RESHAPES.has(list.made.op) ? list.made.inputs : [];
  const token = first?.made?.op === 'expand' ? first.made.inputs[0] : first;
  if (!places || !token?.parameter || map?.node === undefined || others.length > 0) return undefined;
  const [, height, width, channels] = map.shape;
  const shapes = [token, list, places].map(({ shape }) => shape.slice(1).join());
  const wanted = [1, height * width, 1 + height * width].map((rows) => `${rows},${channels}`);
  if (map.shape.length !== 4 || shapes.join(';') !== wanted.join(';') || places.shape[0] !== 1) return undefined;
  const names = [token.parameter, places.parameter!];
  return { op: 'tokens', name: fresh('tokens'), input: map.node, names, channels, grid: [height, width] };
}

export const tokens: NodeKind<TokensNode> = {
  op: 'tokens',
  fields: { input: name, names: optional(pipe(array(name), length(2, 'two names'))), channels, grid },
  reads: ({ input }) => [input],
  channels: (node, [given]) => checkChannels(node, node.channels, given),
  extent(node, [given]) {
    if (given.join() !== node.grid.join())
      throw new GraphError(
        `node ${node.name} has places for ${node.grid.join('×')} tokens and is given ${given.join('×') || 'no map'}; make the model for images of that size`,
      );
    return [1 + countOf(node)];
  },
  // Parameters have whole names, so that the layer has none.
  layers: (node) => [['', new Tokens(namesOf(node), countOf(node), node.channels)]],
  forward: (_, [map], { layer }) => layer<Tokens>('').forward(map),
  traced: { add: tokensOf },
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
