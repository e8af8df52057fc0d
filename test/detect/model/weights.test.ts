// Weights that others trained: backbones by torchvision's and Detectron2's names, networks of astrogpu whole and compacted, and whole detectors by AdelaiDet's names.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BoxInst } from '../../../src/detect/model/box-inst.ts';
import { loadBackbone, publishedWeights, readBackbone } from '../../../src/detect/model/weights.ts';
import { CheckpointError, type StoredTensor, writeSafetensors } from '../../../src/io/index.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { Network } from '../../../src/models/network.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { EVAL } from '../../../src/nn/module.ts';
import { StateDictError, type StateTensor, stateDict } from '../../../src/nn/state-dict.ts';
import { compact } from '../../../src/prune/compact.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { writeNetwork } from '../../../src/train/files/network-file.ts';
import { adelaidetName, smallBackbone } from '../../support/detector.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-detector-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = { classes: 3, channels: 16, towers: 1, maskChannels: 8, maskTowers: 1 };
const THIN = describeModel('resnet50-imagenet', { width: 1 / 16, classes: 4 });

async function dictOf(graph: Graph): Promise<Map<string, StateTensor>> {
  const network = new Network(graph).to(gpu, 1);
  const dict = await stateDict(network);
  network.release();
  return dict;
}

const stored = (dict: ReadonlyMap<string, StateTensor>): Map<string, StoredTensor> =>
  new Map([...dict].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }]));

const renamed = (dict: ReadonlyMap<string, StateTensor>, name: (own: string) => string): Map<string, StoredTensor> =>
  new Map([...stored(dict)].map(([own, tensor]) => [name(own), tensor]));

function networkFile(name: string, graph: Graph, dict: Map<string, StateTensor>): string {
  const file = join(folder, `${name}.safetensors`);
  const normalization = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] };
  writeNetwork(file, { graph, dict, classes: ['a', 'b', 'c'], normalization });
  return file;
}

describe('a backbone', () => {
  it('is a network of astrogpu without its head, with its own normalization', async () => {
    const graph = smallBackbone();
    const dict = await dictOf(graph);
    const backbone = readBackbone(networkFile('whole', graph, dict));
    expect(backbone.normalization.mean).toEqual([0.4, 0.5, 0.6]);
    expect([...backbone.dict.keys()].sort()).toEqual([...dict.keys()].filter((name) => !name.startsWith('fc.')).sort());
    const detector = new BoxInst({ ...SMALL, backbone: backbone.graph }).to(gpu, 2);
    loadBackbone(detector, backbone.dict);
    const loaded = await stateDict(detector);
    for (const [name, { data }] of backbone.dict)
      expect(loaded.get(`backbone.bottom_up.${name}`)!.data, name).toEqual(data);
    detector.release();
  });

  it.each([
    [
      'some channels',
      (name: string, output: number) => /layer[234]\.0\.(conv2|downsample)/.test(name) && output % 3 === 0,
    ],
    ['a whole branch', (name: string) => name.startsWith('layer3.0.conv2')],
    ['a whole way past a branch', (name: string) => name.startsWith('layer3.0.downsample.0')],
  ])('may be compacted: without %s', async (_, cut) => {
    const graph = smallBackbone();
    const dict = await dictOf(graph);
    for (const [name, { shape, data }] of dict) {
      if (shape.length !== 4) continue;
      const each = data.length / shape[0];
      for (let output = 0; output < shape[0]; output++)
        if (cut(name, output)) data.fill(0, output * each, (output + 1) * each);
    }
    const smaller = compact(graph, dict);
    const file = networkFile('compact', smaller.graph, smaller.dict);
    const backbone = readBackbone(file);
    expect(backbone.graph.outputs).toEqual(['layer2.0', 'layer3.0', 'layer4.0']);
    const detector = new BoxInst({ ...SMALL, backbone: backbone.graph }).to(gpu, 2);
    loadBackbone(detector, backbone.dict);
    const x = on(values(1, 64 * 64 * 3), [1, 64, 64, 3]);
    const { levels, ...outputs } = noGrad(() => scope(() => detector.forward(x, EVAL)));
    expect(levels[0]).toMatchObject({ height: 8, width: 8 });
    expect((await outputs.logits.floats()).every(Number.isFinite)).toBe(true);
    for (const one of [x, detector, ...Object.values(outputs)]) one.release();
  });

  // What Detectron2 calls torchvision's names.
  const detectron = (name: string): string =>
    name
      .replace(/^conv1\./, 'stem.conv1.')
      .replace(/^bn1\./, 'stem.conv1.norm.')
      .replace(/^layer(\d)\./, (_, stage) => `res${Number(stage) + 1}.`)
      .replace(/\.bn(\d)\./, '.conv$1.norm.')
      .replace('.downsample.0.', '.shortcut.')
      .replace('.downsample.1.', '.shortcut.norm.');

  it.each([
    ["torchvision's", (name: string) => name],
    ["Detectron2's", detectron],
    ["Detectron2's behind a prefix", (name: string) => `backbone.bottom_up.${detectron(name)}`],
  ])('by %s names needs no head', async (_, name) => {
    const full = describeModel('resnet18-imagenet');
    const shapes = new Network(full).namedParameters();
    const dict = new Map<string, StateTensor>();
    for (const [own, { shape }] of [...shapes, ...new Network(full).namedBuffers()]) {
      const turned = shape.length === 4 ? [shape[3], shape[2], shape[0], shape[1]] : [...shape];
      dict.set(own, { shape: turned, data: new Float32Array(turned.reduce((a, b) => a * b)).fill(dict.size) });
    }
    for (const part of ['weight', 'bias']) dict.delete(`fc.${part}`);
    const file = join(folder, 'public.safetensors');
    writeSafetensors(file, renamed(dict, name));
    const backbone = readBackbone(file, 'resnet18-imagenet');
    expect(backbone.normalization.mean[0]).toBe(0.485);
    expect(backbone.dict.get('layer4.1.bn2.running_var')).toEqual(dict.get('layer4.1.bn2.running_var'));
    expect(backbone.dict.get('layer2.0.downsample.0.weight')).toEqual(dict.get('layer2.0.downsample.0.weight'));
  });

  it('of other shapes is refused with a list', async () => {
    const dict = await dictOf(smallBackbone());
    const file = join(folder, 'other.safetensors');
    writeSafetensors(file, stored(dict));
    expect(() => readBackbone(file)).toThrow(CheckpointError);
    expect(() => readBackbone(file)).toThrow(
      /other\.safetensors: .*conv1\.weight is 8×3×7×7, the network has 64×3×7×7/,
    );
  });
});

describe('published weights', () => {
  const options = { ...SMALL, backbone: THIN };
  async function made(): Promise<Map<string, StateTensor>> {
    const detector = new BoxInst(options).to(gpu, 4);
    const dict = await stateDict(detector);
    detector.release();
    return dict;
  }

  it("are found by AdelaiDet's names, what only training has left out, and take R, G, B", async () => {
    const dict = await made();
    const extra: StoredTensor = { dtype: 'F32', shape: [1], data: Float32Array.of(1) };
    const file = renamed(dict, adelaidetName);
    for (const name of [
      'mask_head.sizes_of_interest',
      'mask_head._iter',
      'mask_branch.logits.bias',
      'mask_branch.seg_head.0.0.weight',
    ])
      file.set(name, extra);
    file.set('mask_branch.refine.0.1.num_batches_tracked', extra);
    const found = publishedWeights(new BoxInst(options), file);
    expect([...found.dict.keys()].sort()).toEqual([...dict.keys()].sort());
    expect(found.skipped).toHaveLength(5);
    expect(found.normalization.std[0]).toBeCloseTo(1 / 255, 10);
    expect(found.normalization.mean.map((mean) => mean * 255)).toEqual(
      [123.675, 116.28, 103.53].map((mean) => expect.closeTo(mean, 9)),
    );
    for (const [name, { shape, data }] of dict)
      if (name !== 'backbone.bottom_up.conv1.weight') expect(found.dict.get(name), name).toEqual({ shape, data });
    const [given, turned] = [dict, found.dict].map((of) => of.get('backbone.bottom_up.conv1.weight')!.data);
    const channel = (of: Float32Array, c: number) => of.slice(49 * c, 49 * (c + 1));
    expect([0, 1, 2].map((c) => channel(turned, c))).toEqual([2, 1, 0].map((c) => channel(given, c)));
    expect(
      publishedWeights(new BoxInst(options), file, { pixels: 'rgb' }).dict.get('backbone.bottom_up.conv1.weight')!.data,
    ).toEqual(given);
  });

  it('behind a wrapper are found, too', async () => {
    const dict = await made();
    const { dict: found } = publishedWeights(
      new BoxInst(options),
      renamed(dict, (name) => `model.${adelaidetName(name)}`),
    );
    expect(found.size).toBe(dict.size);
  });

  it('of another detector are listed', async () => {
    const file = renamed(await made(), adelaidetName);
    file.delete('controller.bias');
    file.set('controller.other', { dtype: 'F32', shape: [1], data: Float32Array.of(1) });
    const load = () => publishedWeights(new BoxInst({ ...options, classes: 7 }), file);
    expect(load).toThrow(StateDictError);
    expect(load).toThrow(
      /4 of its tensors do not fit: fcos_head\.cls_logits\.weight is 3×16×3×3, the network has 7×16×3×3; .*controller\.bias is missing; controller\.other is not in the network/,
    );
  });
});
