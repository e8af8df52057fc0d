// A compacted transformer is a network like any other: it runs, learns, is written to files of both kinds and explained.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gradCam } from '../../src/explain/maps/grad-cam.ts';
import { toOnnx } from '../../src/export/onnx/onnx.ts';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import type { AttentionNode } from '../../src/models/kinds/attention.ts';
import { Network } from '../../src/models/network.ts';
import { vit } from '../../src/models/zoo/vit.ts';
import { TRAIN } from '../../src/nn/module.ts';
import { Adam } from '../../src/nn/optim/adam.ts';
import { loadStateDict, type StateTensor } from '../../src/nn/state-dict.ts';
import { crossEntropy } from '../../src/ops/loss/cross-entropy.ts';
import { compact } from '../../src/prune/compact.ts';
import { backward } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { readNetwork, writeNetwork } from '../../src/train/files/network-file.ts';
import { distance } from '../support/check.ts';
import { evaluate, randomDict } from '../support/evaluate.ts';
import { gpu, on } from '../support/gpu.ts';
import { newFolder, removeFolders } from '../support/jobs.ts';
import { logitsError, networkLogits, onnxLogits } from '../support/onnx.ts';
import { generator, values } from '../support/random.ts';
import { gateRows, silenceResidual } from '../support/vit-gates.ts';

afterAll(removeFolders);

const [WIDTH, SIDE, COUNT] = [24, 12, 3];
const graph = vit({
  model: 'small vit',
  size: SIDE,
  patch: 4,
  width: WIDTH,
  blocks: 2,
  heads: 3,
  ratio: 2,
  classes: 3,
});
const dict = randomDict(graph, 5);
const next = generator(6);
// Heads of all sizes: the first of block 1 has no queries, the second no values.
gateRows(graph, dict, (layer, o) => {
  if (layer === 'blocks.1.attn.qkv' && (o < 8 || (o >= 2 * WIDTH + 8 && o < 2 * WIDTH + 16))) return false;
  return next() < 0.75;
});
silenceResidual(graph, dict, WIDTH, (c) => c % 4 === 1);
dict.get('blocks.1.attn.qkv.bias')!.data.fill(0, 0, 8);
const smaller = compact(graph, dict, { multiple: 1 });
const images = { values: values(8, COUNT * SIDE * SIDE * 3), shape: [COUNT, SIDE, SIDE, 3] };

interface Stored {
  graph: Graph;
  dict: ReadonlyMap<string, StateTensor>;
}

/** A network with memory and these values, until `use` is done with it. */
async function using<T>({ graph, dict }: Stored, use: (network: Network) => T | Promise<T>): Promise<T> {
  const network = new Network(graph).to(gpu, 1);
  loadStateDict(network, dict);
  const made = await use(network);
  network.release();
  return made;
}

it('has heads of several sizes, one of none, and norms of a width that is not theirs', () => {
  const nodes = smaller.graph.nodes;
  const attentions = nodes.filter((node) => node.op === 'attention');
  expect(attentions.map(({ heads }) => heads)).toEqual([3, 2]);
  for (const { depth, valueDepth } of attentions) expect([depth, valueDepth].some(Array.isArray)).toBe(true);
  expect(attentions[1].depth).toContain(0);
  for (const node of nodes) if (node.op === 'layerNorm') expect(node).toMatchObject({ channels: 19, width: WIDTH });
});

it('on the GPU it gives the same logits, and so does its file, by onnxruntime too', async () => {
  const expected = await networkLogits(graph, dict, images);
  const logits = await networkLogits(smaller.graph, smaller.dict, images);
  expect(logitsError(logits, expected)).toBeLessThan(1e-4);
  expect(logitsError(await onnxLogits(toOnnx(smaller.graph, smaller.dict), images), expected)).toBeLessThan(1e-4);

  const path = join(newFolder(), 'small.safetensors');
  const normalization = { mean: [0, 0, 0], std: [1, 1, 1] };
  writeNetwork(path, {
    graph: smaller.graph,
    dict: smaller.dict,
    classes: ['a', 'b', 'c'],
    normalization,
    standIn: false,
  });
  const read = readNetwork(path);
  expect(read.graph).toEqual(JSON.parse(JSON.stringify(smaller.graph)));
  expect(await networkLogits(read.graph, read.dict, images)).toEqual(logits);
});

it('heads of any sizes are computed as they lie, one whose values nobody has too', async () => {
  for (const valueDepth of [
    [4, 0],
    [0, 3],
    [2, 2],
    [1, 5],
  ]) {
    const b = new GraphBuilder();
    const tokens = b.tokens(b.conv(b.image(), 'patches', 6, { kernel: 4, stride: 4, padding: 0, bias: true }), [3, 3]);
    const qkv = b.linear(tokens, 'qkv', 16 + valueDepth[0] + valueDepth[1]);
    const node = { op: 'attention', name: 'seen', input: qkv, heads: 2, depth: 4, valueDepth, scale: 0.5 } as const;
    b.linear(b.token(b.add<AttentionNode>(node)), 'head', 3);
    const made = b.graph('heads', SIDE);
    const values = randomDict(made, 9);
    const expected = Float32Array.from(evaluate(made, values, images.values.subarray(0, SIDE * SIDE * 3)));
    expect(logitsError((await networkLogits(made, values, images)).slice(0, 3), expected)).toBeLessThan(1e-5);
    expect(logitsError((await onnxLogits(toOnnx(made, values), images)).slice(0, 3), expected)).toBeLessThan(1e-5);
  }
});

describe('learning', () => {
  /** The loss on the images, with its gradients. */
  const lossOf = async (network: Network): Promise<number> => {
    const [x, labels] = [on(images.values, images.shape), on([0, 1, 2], [COUNT], 'u32')];
    const loss = scope(() => {
      const made = crossEntropy(network.forward(x, TRAIN), labels);
      backward(made);
      return made;
    });
    const [value] = await loss.floats();
    for (const made of [x, labels, loss]) made.release();
    return value;
  };

  it('gradients of what it kept are those of the whole network', async () => {
    const slopes = (of: Stored) =>
      using(of, async (network) => {
        await lossOf(network);
        const read = new Map<string, Float32Array>();
        for (const [name, { tensor }] of network.namedParameters()) read.set(name, await tensor.grad!.floats());
        return read;
      });
    const [whole, left] = [await slopes({ graph, dict }), await slopes(smaller)];
    // Of the residual, the channels that live; channel 1 stands for all others and is another one.
    for (const name of ['patch_embed.proj.weight', 'patch_embed.proj.bias', 'cls_token', 'pos_embed'])
      expect(
        distance(
          left.get(name)!.filter((_, i) => i % 19 !== 1),
          whole.get(name)!.filter((_, i) => i % 4 !== 1),
        ),
        name,
      ).toBeLessThan(1e-4);
    expect(distance(left.get('head.bias')!, whole.get('head.bias')!)).toBeLessThan(1e-4);
  });

  it('lowers its loss', () =>
    using(smaller, async (network) => {
      const adam = new Adam(network.arena, { lr: 0.003 });
      const losses: number[] = [];
      for (let step = 0; step < 4; step++) {
        losses.push(await lossOf(network));
        adam.step();
      }
      expect(losses[3]).toBeLessThan(losses[0]);
      adam.release();
    }));
});

it('Grad-CAM shows what it shows of the whole one, where they have the same channels', async () => {
  const show = (of: Stored, layer?: string) =>
    using(of, async (network) => {
      const x = on(images.values, images.shape);
      const shown = await gradCam(network, x, { layer });
      x.release();
      return shown;
    });
  const [whole, left] = [await show({ graph, dict }, 'blocks.0'), await show(smaller, 'blocks.0')];
  expect(left).toMatchObject({ layer: 'blocks.0', height: 3, width: 3, classes: whole.classes });
  for (const [i, map] of whole.maps.entries()) expect(distance(left.maps[i], map)).toBeLessThan(1e-3);
  expect((await show(smaller)).layer).toBe('blocks.1.norm1');
});
