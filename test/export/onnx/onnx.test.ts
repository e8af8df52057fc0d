// ONNX files: onnxruntime loads them and computes what the network does, for every model and for graphs as compaction leaves them; and what does not fit is refused.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cifar10Classes } from '../../../src/data/cifar10/records.ts';
import { CIFAR10_NORMALIZATION } from '../../../src/data/loader/device-data.ts';
import { ExportError } from '../../../src/export/errors.ts';
import { toOnnx } from '../../../src/export/onnx/onnx.ts';
import { writeOnnx } from '../../../src/export/onnx/onnx-file.ts';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import type { GraphNode } from '../../../src/models/kinds/index.ts';
import { GraphError } from '../../../src/models/node/kind.ts';
import { describeModel, modelNames } from '../../../src/models/zoo/registry.ts';
import { compact } from '../../../src/prune/compact.ts';
import { cutWeights } from '../../support/evaluate.ts';
import {
  compareOnnx,
  type Images,
  logitsError,
  normalized,
  onnxLogits,
  pixels,
  randomState,
} from '../../support/onnx.ts';
import { decodeOnnx } from '../../support/onnx-decode.ts';
import { values } from '../../support/random.ts';

/** What is promised. Both sides compute in float32 and sum in other orders, which makes 1e-7 a layer and 1e-5 in the deepest network here. */
const TOLERANCE = 1e-4;
/** How much another image moves the logits at least: ten times what is allowed. */
const SPREAD = 10 * TOLERANCE;

function expectEqual({ error, spread }: { error: number; spread: number }): void {
  expect(error).toBeLessThan(TOLERANCE);
  expect(spread).toBeGreaterThan(SPREAD);
}

const noise = (...shape: Images['shape']): Images => ({
  values: values(
    9,
    shape.reduce((a, b) => a * b),
  ),
  shape,
});

/** Every kind of node, with odd numbers of channels, odd windows, and constants where blocks were. */
function oddGraph(): Graph {
  const nodes: GraphNode[] = [
    { op: 'image', name: 'image', channels: 3 },
    {
      op: 'conv',
      name: 'a',
      input: 'image',
      conv: 'a',
      norm: 'an',
      inputs: 3,
      outputs: 7,
      kernel: 5,
      stride: 2,
      padding: 2,
      bias: true,
      relu: true,
    },
    { op: 'shift', name: 'b', input: 'a', shift: 'b', channels: 7, relu: true },
    {
      op: 'conv',
      name: 'c',
      input: 'b',
      conv: 'c',
      inputs: 7,
      outputs: 1,
      kernel: 3,
      stride: 1,
      padding: 1,
      bias: false,
      relu: true,
    },
    {
      op: 'conv',
      name: 'd',
      input: 'c',
      conv: 'd',
      inputs: 1,
      outputs: 7,
      kernel: 3,
      stride: 1,
      padding: 1,
      bias: true,
      residual: 'b',
      relu: false,
    },
    { op: 'shift', name: 'e', input: 'd', shift: 'e', channels: 7, relu: false },
    { op: 'concat', name: 'f', inputs: ['e', 'c', 'b'] },
    { op: 'norm', name: 'g', input: 'f', norm: 'g', channels: 15, relu: false },
    { op: 'maxPool', name: 'h', input: 'g', kernel: 3, stride: 2, padding: 1 },
    { op: 'avgPool', name: 'i', input: 'h', kernel: 3, stride: 1, padding: 1 },
    {
      op: 'conv',
      name: 'j',
      input: 'i',
      conv: 'j',
      norm: 'jn',
      inputs: 15,
      outputs: 5,
      kernel: 2,
      stride: 1,
      padding: 0,
      bias: false,
      relu: true,
    },
    { op: 'globalPool', name: 'k', input: 'j' },
    { op: 'shift', name: 'l', input: 'k', shift: 'l', channels: 5, relu: true },
    { op: 'linear', name: 'fc', input: 'l', linear: 'fc', inputs: 5, outputs: 3 },
  ];
  return { model: 'odd', size: 19, nodes };
}

/** Transformers have as many places as their images have patches; the others take images of any size. */
const sizeOf = (name: string): number | undefined => (name.startsWith('vit') ? 32 : undefined);

describe('onnxruntime computes what the network does', () => {
  it.each(modelNames.map((name) => [name, name.endsWith('-small') ? 1 : 0.1] as const))(
    '%s at width %f',
    { timeout: 240_000 },
    async (name, width) => {
      const large = name.endsWith('-imagenet');
      const graph = describeModel(name, { width, size: sizeOf(name), ...(large && { classes: 17 }) });
      expectEqual(await compareOnnx(graph, await randomState(graph, 3), normalized(await pixels(2, large ? 2 : 1))));
    },
  );

  it('every kind of node, on images of any number and shape', async () => {
    const graph = oddGraph();
    const dict = await randomState(graph, 5);
    for (const images of [noise(2, 19, 19, 3), noise(3, 24, 17, 3)])
      expectEqual(await compareOnnx(graph, dict, images));
  });

  it('pixels, where the file normalizes', async () => {
    const graph = describeModel('resnet-small');
    expectEqual(await compareOnnx(graph, await randomState(graph, 4), await pixels(2), CIFAR10_NORMALIZATION));
  });
});

describe('a compacted network as a file gives the logits of the whole one as a file', () => {
  it.each(modelNames)('%s', async (name) => {
    const large = name.endsWith('-imagenet');
    const graph = describeModel(name, { width: name.endsWith('-small') ? 1 : 0.1, size: sizeOf(name), classes: 7 });
    const dict = await randomState(graph, 3);
    // Whole channels, so that there is something to remove, and a part of what is left.
    cutWeights(graph, dict, (_, output, input) => output % 4 !== 3 && (output + input) % 9 > 0);
    const { removed, ...smaller } = compact(graph, dict);
    expect(removed.parameters).toBeGreaterThan(0);
    const images = normalized(await pixels(2, large ? 2 : 1));
    const [whole, compacted] = [
      await onnxLogits(toOnnx(graph, dict), images),
      await onnxLogits(toOnnx(smaller.graph, smaller.dict), images),
    ];
    expectEqual({
      error: logitsError(compacted, whole),
      spread: logitsError(whole.slice(7), whole.slice(0, 7)),
    });
  });
});

describe('the file', () => {
  it('says what it is', async () => {
    const graph = describeModel('resnet-small');
    const dict = await randomState(graph, 1);
    const bytes = toOnnx(graph, dict, { classes: cifar10Classes, ...CIFAR10_NORMALIZATION });
    expect(Buffer.compare(bytes, toOnnx(graph, dict, { classes: cifar10Classes, ...CIFAR10_NORMALIZATION }))).toBe(0);
    const { irVersion, opset, name, metadata, values } = decodeOnnx(bytes);
    expect({ irVersion, opset, name, values }).toEqual({
      irVersion: 8,
      opset: 17,
      name: 'resnet-small',
      values: { images: ['N', 3, 'H', 'W'], logits: ['N', 10] },
    });
    expect(metadata).toEqual({
      model: 'resnet-small',
      size: '32',
      input: 'pixels from 0 to 1',
      classes: JSON.stringify(cifar10Classes),
      mean: '[0.4914,0.4822,0.4465]',
      std: '[0.247,0.2435,0.2616]',
    });
    expect(decodeOnnx(toOnnx(graph, dict)).metadata).toEqual({
      model: 'resnet-small',
      size: '32',
      input: 'normalized',
    });
  });

  it('holds constants by their torch names, with normalizations folded in', async () => {
    const graph = oddGraph();
    const dict = await randomState(graph, 2);
    const { nodes, tensors } = decodeOnnx(toOnnx(graph, dict));
    expect(nodes.map(({ op }) => op).join(' ')).toBe(
      'Conv Relu Add Relu Conv Relu Conv Add Add Concat BatchNormalization MaxPool AveragePool Conv Relu GlobalAveragePool Flatten Add Relu Gemm',
    );
    const of = (tensor: string): number => dict.get(tensor)!.data[0];
    const scale = of('an.weight') / Math.sqrt(of('an.running_var') + 1e-5);
    expect(tensors['a.weight'].shape).toEqual([7, 3, 5, 5]);
    expect(tensors['a.weight'].data[0]).toBe(Math.fround(of('a.weight') * scale));
    expect(tensors['a.bias'].data[0]).toBe(Math.fround(of('an.bias') + (of('a.bias') - of('an.running_mean')) * scale));
    for (const name of ['c.weight', 'd.bias', 'e.bias', 'g.running_var', 'l.bias', 'fc.weight'])
      expect(tensors[name].data).toEqual(dict.get(name)!.data);
    const folded = ['an', 'jn'].flatMap((norm) =>
      ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${norm}.${part}`),
    );
    expect(new Set([...Object.keys(tensors), ...folded])).toEqual(new Set([...dict.keys(), 'j.bias']));
  });
});

describe('refused', async () => {
  const graph = oddGraph();
  const dict = await randomState(graph, 6);
  const without = new Map([...dict].filter(([name]) => name !== 'b.bias'));
  const linear = (outputs: number): Graph => {
    const b = new GraphBuilder();
    b.linear(b.globalPool(b.conv(b.image(), 'conv', 40_000, { kernel: 1 })), 'fc', outputs);
    return b.graph('giant', 8);
  };
  const renamed = JSON.parse(JSON.stringify(graph).replaceAll('"b"', '"logits"')) as Graph;
  it.each<[string, Graph, Parameters<typeof toOnnx>[1], Parameters<typeof toOnnx>[2], string]>([
    ['a tensor too few', graph, without, {}, 'the state dict has no b.bias'],
    [
      'one too many',
      graph,
      new Map([...dict, ['z.weight', { shape: [1], data: values(1, 1) }]]),
      {},
      'z.weight are not in odd',
    ],
    [
      'one of another shape',
      graph,
      new Map([...dict, ['b.bias', { shape: [2], data: values(1, 2) }]]),
      {},
      'b.bias is 2, the graph needs 7',
    ],
    [
      'a value called as the output',
      renamed,
      new Map([...dict, ['logits.bias', dict.get('b.bias')!]]),
      {},
      'two values of the file would be called logits',
    ],
    ['classes that are not the logits', graph, dict, { classes: ['cat'] }, '1 names are given for 3 logits'],
    ['mean without std', graph, dict, { mean: [0, 0, 0] }, 'std is missing'],
    ['too few channels', graph, dict, { mean: [0], std: [1] }, 'images of 3 channels'],
    ['a std of 0', graph, dict, { mean: [0, 0, 0], std: [1, 1, 0] }, 'std above 0'],
    ['2 GiB', linear(13_500), new Map(), {}, 'giant has 2.0 GiB of weights'],
  ])('%s', (_, graph, dict, options, message) => {
    expect(() => toOnnx(graph, dict, options)).toThrow(ExportError);
    expect(() => toOnnx(graph, dict, options)).toThrow(message);
  });

  it('no pooling, as a graph that does not hang together', () => {
    const nodes = graph.nodes.map(
      (node): GraphNode =>
        node.op === 'globalPool' ? { ...node, op: 'maxPool', kernel: 1, stride: 1, padding: 0 } : node,
    );
    expect(() => toOnnx({ ...graph, nodes }, dict)).toThrow(GraphError);
    expect(() => toOnnx({ ...graph, nodes }, dict)).toThrow('which no globalPool has made N×C');
  });
});

describe('on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is there whole or not at all', async () => {
    const graph = oddGraph();
    const dict = await randomState(graph, 7);
    const path = join(folder, 'odd.onnx');
    writeFileSync(path, 'before');
    expect(() => writeOnnx(path, graph, new Map())).toThrow(ExportError);
    expect(readFileSync(path, 'utf8')).toBe('before');
    writeOnnx(path, graph, dict);
    expect(Buffer.compare(readFileSync(path), toOnnx(graph, dict))).toBe(0);
    expect(() => writeOnnx(join(folder, 'nowhere', 'odd.onnx'), graph, dict)).toThrow('cannot be written');
    expect(readdirSync(folder)).toEqual(['odd.onnx']);
  });
});

describe('values that are not finite', () => {
  const graph = describeModel(modelNames[0]);

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%d is named with its place',
    async (bad) => {
      const dict = await randomState(graph, 1);
      const [name, { shape, data }] = [...dict].find(([, tensor]) => tensor.shape.length === 4)!;
      const at = [1, 0, 2, 1];
      data[at.reduce((flat, index, i) => flat * shape[i] + index, 0)] = bad;
      expect(() => toOnnx(graph, dict)).toThrow(ExportError);
      expect(() => toOnnx(graph, dict)).toThrow(`${name}[${at}] is ${bad}, and 1 of its ${data.length} values`);
    },
  );

  it('are found where folding makes them', async () => {
    const dict = await randomState(graph, 1);
    const [, { data }] = [...dict].find(([name]) => name.endsWith('running_var'))!;
    data[0] = -1;
    expect(() => toOnnx(graph, dict)).toThrow(/is NaN, and \d+ of its/);
  });
});
