// Grad-CAM against what it must equal: CAM where the head is a pooled linear layer, gradients worked out by hand, and differences of the network itself.
import { describe, expect, it } from 'vitest';
import { type ClassMaps, gradCam } from '../../../src/explain/maps/grad-cam.ts';
import { findLayer, mapSizes } from '../../../src/explain/maps/layers.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { Network } from '../../../src/models/network.ts';
import { createModel, describeModel } from '../../../src/models/zoo/registry.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { relativeError } from '../../support/check.ts';
import { dataReference, forwardReference } from '../../support/conv.ts';
import { gpu, on } from '../../support/gpu.ts';
import { tinyNet } from '../../support/tiny-net.ts';
import { fillByFormula } from '../../support/torch.ts';
import { images, nodeValue, trained } from './networks.ts';

/** CAM (Zhou et al. 2016) in float64: the class's weights on the channels that the pooling gets. */
const cam = (activation: Float32Array, positions: number, weight: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: positions }, (_, p) => {
    let sum = 0;
    for (let c = 0; c < weight.length; c++) sum += weight[c] * activation[p * weight.length + c];
    return sum;
  });

describe('at the last layer of a network that ends in pooling and a linear layer', () => {
  it('is CAM up to the ReLU and 1 / positions, for every class', async () => {
    const network = await trained(createModel('resnet-small'));
    const x = images(2, 16);
    const activation = await nodeValue(network, x, 'layer3.0');
    const head = (await stateDict(network)).get('fc.weight')!.data;
    for (let k = 0; k < 10; k++) {
      const { maps, weights, height, width, layer, classes } = await gradCam(network, x, { classes: [k, 9 - k] });
      expect({ height, width, layer, classes }).toEqual({
        height: 4,
        width: 4,
        layer: 'layer3.0',
        classes: [k, 9 - k],
      });
      for (const [i, asked] of classes.entries()) {
        const weight = head.subarray(asked * 64, asked * 64 + 64);
        const expected = cam(activation.subarray(i * 16 * 64, (i + 1) * 16 * 64), 16, weight);
        // The forward pass that is recorded and the one that is not round their activations apart; a sum of 64 products loses little more.
        expect(
          relativeError(
            maps[i],
            expected.map((value) => Math.max(0, value) / 16),
            1e-3,
          ),
        ).toBeLessThan(1e-5);
        expect(
          relativeError(
            weights[i],
            Float64Array.from(weight, (w) => w / 16),
            1e-3,
          ),
        ).toBeLessThan(1e-6);
      }
    }
    for (const made of [x, network]) made.release();
  });

  it.each(['densenet-small', 'vgg16', 'resnet18-imagenet'])(
    'runs on %s, at its last map and at a first one',
    async (name) => {
      const network = await trained(createModel(name, { classes: 5, width: name === 'densenet-small' ? 0.5 : 0.0625 }));
      const x = images(1, 32);
      const first = network.graph.nodes[1].name;
      const last = findLayer(network.graph, { height: 32, width: 32 });
      for (const layer of [first, last]) {
        const { maps, weights, height, width, logits } = await gradCam(network, x, { layer, classes: [3] });
        expect({ height, width }).toEqual(mapSizes(network.graph, { height: 32, width: 32 }).get(layer));
        expect(maps[0]).toHaveLength(height * width);
        expect(weights[0].some((weight) => weight !== 0)).toBe(true);
        expect([...maps[0], ...weights[0]].every(Number.isFinite)).toBe(true);
        expect(relativeError(logits, await nodeValue(network, x, network.graph.nodes.at(-1)!.name))).toBeLessThan(1e-4);
      }
      for (const made of [x, network]) made.release();
    },
  );
});

describe('the gradient at an inner layer', () => {
  it('is the one in float64', async () => {
    const network = tinyNet().to(gpu, 5);
    const x = images(2, 8);
    const a = await nodeValue(network, x, 'conv1');
    const dict = await stateDict(network);
    const [w, head] = [network.arena.tensors.get('conv2.weight')!, dict.get('fc.weight')!.data];
    const kernel = await w.floats();
    const same = {
      n: 2,
      h: 8,
      w: 8,
      ci: 6,
      ho: 8,
      wo: 8,
      co: 10,
      kh: 3,
      kw: 3,
      sh: 1,
      sw: 1,
      ph: 1,
      pw: 1,
      dh: 1,
      dw: 1,
    };
    const geometry = { ...same, groups: 1 };
    const y = forwardReference(geometry, a, kernel);
    const classes = [1, 2];
    const dy = y.map((value, i) => (value > 0 ? head[classes[Math.floor(i / 640)] * 10 + (i % 10)] / 64 : 0));
    const da = dataReference(geometry, dy, kernel);
    const { maps, weights, height, width } = await gradCam(network, x, { layer: 'conv1', classes });
    expect([height, width]).toEqual([8, 8]);
    for (const i of [0, 1]) {
      const expected = Float64Array.from({ length: 6 }, (_, c) => {
        let sum = 0;
        for (let p = 0; p < 64; p++) sum += da[(i * 64 + p) * 6 + c];
        return sum / 64;
      });
      // Sums of 640 products in f32, each off by 6e-8 of its size.
      expect(relativeError(weights[i], expected, 1e-4)).toBeLessThan(1e-5);
      const map = cam(a.subarray(i * 384, (i + 1) * 384), 64, expected).map((value) => Math.max(0, value));
      expect(relativeError(maps[i], map, 1e-4)).toBeLessThan(1e-5);
    }
    for (const made of [x, network]) made.release();
  });

  it.each(['layer1.0', 'layer2.0.conv1', 'layer2.0'])(
    'is what a constant added to a channel of %s does',
    async (layer) => {
      const network = await trained(new Network(withShift(describeModel('resnet-small'), layer)));
      const x = images(1, 8);
      const shift = network.arena.tensors.get('probe.bias')!;
      shift.set(new Float32Array(shift.size));
      const { weights, height, width } = await gradCam(network, x, { layer, classes: [4] });
      const logit = async (channel: number, by: number): Promise<number> => {
        shift.set(Float32Array.from({ length: shift.size }, (_, c) => (c === channel ? by : 0)));
        return (await nodeValue(network, x, 'fc'))[4];
      };
      const h = 2 ** -7;
      const measured: number[] = [];
      for (const channel of [0, 5, 11]) measured.push((await logit(channel, h)) - (await logit(channel, -h)));
      // Logits of size 1 round by 1e-7, so differences of 1e-3 err by 1e-4; ReLUs that the step takes over their kink are the rest.
      const actual = [0, 5, 11].map((channel) => weights[0][channel] * height * width * 2 * h);
      expect(relativeError(actual, measured, 1e-3)).toBeLessThan(0.03);
      for (const made of [x, network]) made.release();
    },
  );
});

it('a layer of a dense block has in its last channels what its last convolution has', async () => {
  const network = await trained(createModel('densenet-small', { classes: 4 }));
  const x = images(2, 8);
  const name = 'features.denseblock2.denselayer2';
  const [whole, added] = [
    await gradCam(network, x, { layer: name }),
    await gradCam(network, x, { layer: `${name}.conv2` }),
  ];
  expect(whole.weights[0].length - added.weights[0].length).toBe(20 + 8);
  for (const i of [0, 1]) {
    expect(added.weights[i].some((weight) => weight !== 0)).toBe(true);
    expect(relativeError(whole.weights[i].slice(-8), added.weights[i], 1e-6)).toBeLessThan(1e-5);
  }
  for (const made of [x, network]) made.release();
});

/** A graph in which everything that read a node reads `probe` in its place: the node with a constant added to each channel. */
function withShift(graph: Graph, name: string): Graph {
  const nodes = graph.nodes.map((node) => structuredClone(node));
  const at = nodes.findIndex((node) => node.name === name);
  for (const node of nodes) {
    if ('input' in node && node.input === name) node.input = 'probe';
    if (node.op === 'conv' && node.residual === name) node.residual = 'probe';
  }
  const channels = (nodes[at] as { outputs: number }).outputs;
  nodes.splice(at + 1, 0, { op: 'shift', name: 'probe', input: name, shift: 'probe', channels, relu: false });
  return { ...graph, nodes };
}

describe('the class', () => {
  it('is the predicted one unless asked for, and images do not see each other', async () => {
    const network = await trained(createModel('resnet-small'));
    const x = images(3, 8);
    const together = await gradCam(network, x, { layer: 'layer2.0' });
    const rows = [0, 1, 2].map((i) => [...together.logits.subarray(i * 10, i * 10 + 10)]);
    expect(together.classes).toEqual(rows.map((row) => row.indexOf(Math.max(...row))));
    expect(together).toEqual(await gradCam(network, x, { layer: 'layer2.0', classes: together.classes }));
    const data = await x.floats();
    const alone = on(data.subarray(192, 384), [1, 8, 8, 3]);
    const { maps } = await gradCam(network, alone, { layer: 'layer2.0' });
    expect(relativeError(maps[0], together.maps[1], 1e-3)).toBeLessThan(1e-5);
    for (const made of [x, alone, network]) made.release();
  });

  it.skipIf(!gpu.capabilities.f16)('is explained alike in f16', async () => {
    const [whole, half] = [createModel('resnet-small').to(gpu, 2), createModel('resnet-small')];
    half.to(gpu, 2, { precision: 'f16' });
    const x = images(1, 16);
    const run = (network: Network): Promise<ClassMaps> => gradCam(network, x, { layer: 'conv1', classes: [2] });
    const [exact, rounded] = [await run(whole), await run(half)];
    // Activations and gradients are rounded by 2⁻¹¹, in some 20 places each.
    expect(relativeError(rounded.weights[0], exact.weights[0], 1e-6)).toBeLessThan(40 * 2 ** -11);
    expect(relativeError(rounded.maps[0], exact.maps[0], 1e-6)).toBeLessThan(40 * 2 ** -11);
    for (const made of [x, whole, half]) made.release();
  });
});

describe('tokens', () => {
  it('weights are what a constant added to the places of patches does, and the map has no class token', async () => {
    const graph = vit({ model: 'small vit', size: 12, patch: 4, width: 8, blocks: 2, heads: 2, classes: 5 });
    const network = new Network(graph).to(gpu, 3);
    await fillByFormula(network);
    const x = images(2, 12);
    const { maps, weights, height, width } = await gradCam(network, x, { layer: 'tokens', classes: [1, 4] });
    expect([height, width]).toEqual([3, 3]);
    const activation = await nodeValue(network, x, 'tokens');
    for (const i of [0, 1]) {
      const patches = activation.subarray((i * 10 + 1) * 8, (i + 1) * 10 * 8);
      expect(
        relativeError(
          maps[i],
          cam(patches, 9, weights[i]).map((value) => Math.max(0, value)),
        ),
      ).toBeLessThan(1e-6);
    }
    const places = network.arena.tensors.get('pos_embed')!;
    const own = await places.floats();
    const logit = async (channel: number, by: number): Promise<number> => {
      places.set(own.map((value, i) => (i >= 8 && i % 8 === channel ? value + by : value)));
      return (await nodeValue(network, x, 'head'))[5 + 4];
    };
    const h = 2 ** -6;
    for (const channel of [0, 3, 7]) {
      const slope = ((await logit(channel, h)) - (await logit(channel, -h))) / (2 * h * 9);
      expect(Math.abs(slope - weights[1][channel])).toBeLessThan(2e-3 * Math.max(...weights[1].map(Math.abs)));
    }
    for (const made of [x, network]) made.release();
  });

  it('by default at the last normalization before attention, behind which patches do not reach the logits', async () => {
    const network = createModel('vit-tiny-cifar', { classes: 3, width: 1 / 6 }).to(gpu, 1);
    const x = images(1, 32);
    const { layer, weights, maps } = await gradCam(network, x);
    expect(layer).toBe('blocks.5.norm1');
    expect(maps[0]).toHaveLength(64);
    expect(weights[0].some((weight) => weight !== 0)).toBe(true);
    const late = await gradCam(network, x, { layer: 'norm' });
    expect(late.weights[0].every((weight) => weight === 0)).toBe(true);
    for (const made of [x, network]) made.release();
  });
});
