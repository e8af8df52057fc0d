// Self-attention of tokens with several heads: queries, keys and values come side by side from one linear layer, and heads stand side by side in the result.
import { array, union } from 'valibot';
import { concat, expand, mean, reshape, scaledDotProductAttention, selfAttention, slice } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import type { Carried } from '../node/compaction.ts';
import { channels, MOST_CHANNELS, name, positive, whole } from '../node/fields.ts';
import { type HeadSizes, type Heads, headRuns, headsOf, sizesOf } from '../node/heads.ts';
import { checkChannels, GraphError, type NodeBase, type NodeKind } from '../node/kind.ts';
import type { OnnxWriter } from '../node/onnx.ts';
import { partOf, sharedOut, type TracedOp } from '../node/traced.ts';

/** Channels of its input are those of all heads' queries, then keys, then values. A head without queries, as compaction may leave it, sees all tokens alike. */
export interface AttentionNode extends OneInput, HeadSizes {
  op: 'attention';
  /** What products of queries and keys are multiplied by. */
  scale: number;
}

const depths = whole(0, MOST_CHANNELS);
const sizes = union([depths, array(depths)], 'a whole number, or a list with one a head');

export const attention: NodeKind<AttentionNode> = {
  ...channelwise,
  op: 'attention',
  mixesPositions: true,
  fields: { input: name, heads: channels, depth: sizes, valueDepth: sizes, scale: positive },
  channels(node, [given]) {
    if (node.heads > given)
      throw new GraphError(`node ${node.name} has ${node.heads} heads and is given ${given} channels`);
    for (const list of [node.depth, node.valueDepth])
      if (typeof list !== 'number' && list.length !== node.heads)
        throw new GraphError(`node ${node.name} has ${node.heads} heads and sizes of ${list.length}`);
    const sum = (of: 'depth' | 'valueDepth'): number => headsOf(node).reduce((all, head) => all + head[of], 0);
    const result = sum('valueDepth');
    checkChannels(node, 2 * sum('depth') + result, given);
    return result;
  },
  extent({ name }, [given]) {
    if (given.length !== 1)
      throw new GraphError(`node ${name} takes tokens N×T×C and is given ${given.length === 2 ? 'a map' : 'a vector'}`);
    return given;
  },
  forward(node, [x]) {
    const runs = headRuns(node);
    const [{ heads, depth }] = runs;
    const { scale } = node;
    if (heads === node.heads && depth > 0) return selfAttention(x, { heads, depth, scale });
    const made = runs.map((run) => attended(x, run, scale));
    return made.length > 1 ? concat(made, -1) : made[0];
  },
  traced: { selfAttention: joinedOf, reshape: headsOfParts, flatten: headsOfParts },
  // Queries with keys, and what they find with values.
  macs: (node, [tokens]) =>
    headsOf(node).reduce((sum, { depth, valueDepth }) => sum + tokens ** 2 * (depth + valueDepth), 0),

  // A query's channel and the key's that it meets go together, and so do a value's and the result's.
  classes(node, [given], space) {
    for (const [h, { depth, valueDepth, query, key, value }] of headsOf(node).entries()) {
      for (let i = 0; i < depth; i++) {
        space.join(given[query + i], given[key + i]);
        space.apart(given[query + i], `${node.name} queries ${h}`);
      }
      for (let i = 0; i < valueDepth; i++) space.apart(given[value + i], `${node.name} values ${h}`);
    }
    return headsOf(node).flatMap(({ value, valueDepth }) => given.slice(value, value + valueDepth));
  },

  // What a query sees of values that are all the same is that, for its shares of them sum to 1.
  propagate(node, [{ constant, image }]) {
    const list = headsOf(node);
    return {
      constant: Float64Array.from(
        list.flatMap(({ value, valueDepth }) => [...constant.slice(value, value + valueDepth)]),
      ),
      image: Uint8Array.from(
        list.flatMap(({ depth, valueDepth, query, key, value }) => {
          const seen = [query, key].some((at) => image.subarray(at, at + depth).includes(1)) ? 1 : 0;
          return [...image.subarray(value, value + valueDepth)].map((reached, i) =>
            Number.isNaN(constant[value + i]) ? reached | seen : 0,
          );
        }),
      ),
    };
  },
  needs(node, own, [given], _, [carried]) {
    const needed = new Uint8Array(given);
    for (const head of headsOf(node)) {
      needed.set(own.subarray(head.result, head.result + head.valueDepth), head.value);
      if (!varies(head, own, carried)) continue;
      for (const at of [head.query, head.key]) needed.fill(1, at, at + head.depth);
    }
    return [needed];
  },
  // A constant channel of keys adds the same to all that a query meets, which the softmax cancels; one of queries adds a number for each key, and all such are one.
  wants(node, { given: [given], needed, wanted }) {
    const { constant, sums } = given;
    const list = new Uint8Array(constant.length);
    for (const head of headsOf(node)) {
      list.set(wanted.subarray(head.result, head.result + head.valueDepth), head.value);
      if (!varies(head, needed, given)) continue;
      for (let i = 0; i < head.depth; i++) {
        const [query, key] = [constant[head.query + i], constant[head.key + i]];
        if (!Number.isNaN(key) || query === 0 || (sums && !Number.isNaN(query))) continue;
        list[head.query + i] = list[head.key + i] = 1;
      }
    }
    return [list];
  },
  standIns(node, { given: [given], needed }) {
    if (!given.sums) return [];
    return headsOf(node)
      .filter((head) => varies(head, needed, given))
      .map(({ depth, query, key }) => {
        const size = new Float64Array(given.constant.length);
        for (let i = 0; i < depth; i++)
          if (Number.isNaN(given.constant[key + i])) size[key + i] = given.constant[query + i] || 0;
        return { of: node.input, size, by: 'rows' };
      });
  },
  rectified: () => false,
  shrink(node, { inputs: [input], stays: [stays] }) {
    const left = (from: number, count: number): number => stays.filter((c) => c >= from && c < from + count).length;
    const heads = headsOf(node)
      .map(({ depth, valueDepth, query, value }) => [left(query, depth), left(value, valueDepth)])
      .filter(([depth, valueDepth]) => depth + valueDepth > 0);
    const [depth, valueDepth] = [0, 1].map((i) => sizesOf(heads.map((head) => head[i])));
    return { ...node, input, heads: heads.length, depth, valueDepth };
  },

  onnx(node, [x], writer) {
    const factor = writer.constant(`${node.name}/scale`, [], Float32Array.of(node.scale));
    const made = headRuns(node).map((run) => onnxRun(x, run, factor, writer));
    return made.length > 1 ? writer.op('Concat', made, { axis: 2 }) : made[0];
  },
};

/** Tokens that hold queries, keys and values already. */
function joinedOf({ inputs: [x], details, fresh }: TracedOp): AttentionNode | undefined {
  if (x.node === undefined || details.hides) return undefined;
  const [heads, depth, valueDepth, scale] = ['heads', 'depth', 'depthV', 'scale'].map((key) => Number(details[key]));
  return { op: 'attention', name: fresh('attention'), input: x.node, heads, depth, valueDepth, scale };
}

/** The heads of scaledDotProductAttention laid side by side: of three nodes, or of three parts of one in their order. */
function headsOfParts({ inputs: [x], output, fresh }: TracedOp): NodeBase[] | undefined {
  const { made } = x;
  if (made?.op !== 'scaledDotProductAttention' || !made.details.headsLast || made.details.hides) return undefined;
  const parts = made.inputs.map(sharedOut);
  const [q, k, v] = parts.map((part) => part?.of);
  const same = parts.every((part) => part?.heads === parts[0]?.heads);
  if (!q || !k || !v || !same || q.shape.length !== 3 || output.join() !== v.shape.join()) return undefined;
  const heads = parts[0]!.heads;
  const [depth, valueDepth] = [q, v].map(({ shape }) => shape[2] / heads);
  const node = {
    op: 'attention',
    name: fresh('attention'),
    heads,
    depth,
    valueDepth,
    scale: Number(made.details.scale),
  };
  const nodes = [q, k, v].map(({ node }) => node);
  if (nodes.every((name) => name !== undefined)) {
    const joined = { op: 'concat', name: fresh(`${node.name}.joined`), inputs: nodes };
    return [joined, { ...node, input: joined.name } as NodeBase];
  }
  const [from, ...others] = [q, k, v].map(partOf);
  const starts = [from, ...others].map((part) => part?.begin.at(-1));
  const whole = from?.shape[2] === heads * (2 * depth + valueDepth);
  const ordered = starts.join() === [0, heads * depth, 2 * heads * depth].join();
  if (!whole || !ordered || others.some((part) => part?.node !== from.node)) return undefined;
  return [{ ...node, input: from.node } as NodeBase];
}

/** Whether what a head gives varies, of what is needed of it. */
const varies = ({ value, valueDepth, result }: Heads, needed: Uint8Array, { constant }: Carried): boolean =>
  Array.from({ length: valueDepth }, (_, i) => i).some((i) => needed[result + i] && Number.isNaN(constant[value + i]));

/** The result of heads that have as many channels each. */
function attended(x: Tensor, { heads, depth, valueDepth, query, key, value }: Heads, scale: number): Tensor {
  const [count, tokens] = x.shape;
  const part = (at: number, depth: number): Tensor =>
    reshape(slice(x, [0, 0, at], [count, tokens, heads * depth]), [count, tokens, heads, depth]);
  const v = part(value, valueDepth);
  const y =
    depth > 0
      ? scaledDotProductAttention(part(query, depth), part(key, depth), v, { scale, headsLast: true })
      : expand(mean(v, 1, true), v.shape);
  return reshape(y, [count, tokens, heads * valueDepth]);
}

function onnxRun(
  x: string,
  { heads, depth, valueDepth, query, key, value }: Heads,
  factor: string,
  writer: OnnxWriter,
): string {
  const integers = (...list: number[]): string => writer.op('Constant', [], { value_ints: list });
  const cut = (at: number, depth: number): string =>
    writer.op('Slice', [x, integers(at), integers(at + heads * depth), integers(2)]);
  if (depth === 0) {
    const all = cut(value, valueDepth);
    return writer.op('Expand', [writer.op('ReduceMean', [all], { axes: [1] }), writer.op('Shape', [all])]);
  }
  /** As heads before tokens, or before depth where `perm` says so. */
  const part = (at: number, depth: number, perm: number[]): string =>
    writer.op('Transpose', [writer.op('Reshape', [cut(at, depth), integers(0, 0, heads, depth)])], { perm });
  const q = part(query, depth, [0, 2, 1, 3]);
  const k = part(key, depth, [0, 2, 3, 1]);
  const v = part(value, valueDepth, [0, 2, 1, 3]);
  const scores = writer.op('Mul', [writer.op('MatMul', [q, k]), factor]);
  const found = writer.op('MatMul', [writer.op('Softmax', [scores], { axis: -1 }), v]);
  const tokens = writer.op('Transpose', [found], { perm: [0, 2, 1, 3] });
  return writer.op('Reshape', [tokens, integers(0, 0, heads * valueDepth)]);
}
