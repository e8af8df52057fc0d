// What the commands are tried on: a tiny network of random values that tells three colors apart, and folders of pictures made on the spot.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import type { StateTensor } from '../../src/nn/state-dict.ts';
import { type NetworkFile, writeNetwork } from '../../src/train/files/network-file.ts';
import { type Color, plain, truncatedJpeg } from '../data/folder/image-files.ts';
import { values } from '../support/random.ts';

/** Where the commands run; made by beforeAll, since files of tests share their modules. */
export let cwd = '';
export const makeSamples = (): void => {
  cwd = mkdtempSync(join(tmpdir(), 'astrogpu-cli-'));
};
export const removeSamples = (): void => rmSync(cwd, { recursive: true, force: true });
export const inside = (...path: string[]): string => join(cwd, ...path);

export const CLASSES = ['blue', 'green', 'red'];
const COLORS: Record<string, Color> = { blue: [20, 30, 220], green: [30, 200, 40], red: [220, 40, 30] };

/** Images of 16×16, two convolutions of eight channels. */
export function tinyGraph(classes = CLASSES.length): Graph {
  const b = new GraphBuilder();
  const first = b.conv(b.image(), 'conv1', 8, { norm: 'bn1', relu: true });
  const second = b.conv(first, 'conv2', 8, { norm: 'bn2', relu: true, stride: 2 });
  b.linear(b.globalPool(second), 'fc', classes);
  return b.graph('tiny', 16);
}

/** Random values for a graph of convolutions, norms and linear layers, in torch layout. */
export function randomDict({ nodes }: Graph): Map<string, StateTensor> {
  const dict = new Map<string, StateTensor>();
  const add = (name: string, ...shape: number[]): void => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from(values(dict.size + 1, size), (value) => value / Math.sqrt(size / shape[0]));
    dict.set(name, { shape, data: name.endsWith('running_var') ? data.map((value) => 1 + value ** 2) : data });
  };
  for (const node of nodes)
    if (node.op === 'conv') {
      add(`${node.conv}.weight`, node.outputs, node.inputs, node.kernel, node.kernel);
      for (const part of ['weight', 'bias', 'running_mean', 'running_var']) add(`${node.norm}.${part}`, node.outputs);
    } else if (node.op === 'linear') {
      add(`${node.linear}.weight`, node.outputs, node.inputs);
      add(`${node.linear}.bias`, node.outputs);
    }
  return dict;
}

/** Filter gates of both convolutions: `open` of the first layer's eight are 1, of the second's all. */
export const gates = (open: number): NetworkFile['gates'] => ({
  kind: 'filter',
  maps: new Map([
    ['conv1', { shape: [8], data: Float32Array.from({ length: 8 }, (_, i) => (i < open ? 1 - i / 16 : 0)) }],
    ['conv2', { shape: [8], data: new Float32Array(8).fill(1) }],
  ]),
});

/** Writes a network's file and returns its name. */
export function network(name: string, change: Partial<NetworkFile> = {}): string {
  const graph = change.graph ?? tinyGraph();
  const third = [0.4, 0.4, 0.4];
  const normalization = { mean: third, std: third };
  writeNetwork(inside(name), { graph, dict: randomDict(graph), classes: CLASSES, normalization, ...change });
  return name;
}

/** Writes files below a folder and returns the folder's name; undefined makes an empty folder. */
export function write(folder: string, tree: Record<string, Buffer | undefined>): string {
  for (const [name, bytes] of Object.entries(tree)) {
    const path = inside(folder, name);
    mkdirSync(bytes === undefined ? path : dirname(path), { recursive: true });
    if (bytes !== undefined) writeFileSync(path, bytes);
  }
  return folder;
}

/** Five pictures of each class, in several formats. */
export async function colorFolder(folder: string, classes: readonly string[] = CLASSES): Promise<string> {
  const tree: Record<string, Buffer> = {};
  for (const name of classes)
    for (let i = 0; i < 5; i++) {
      const [r, g, b] = COLORS[name];
      const image = plain([r + i, g + 2 * i, b - i], 20 + i, 18);
      tree[`${name}/${i}.${i % 2 ? 'png' : 'jpg'}`] = await (i % 2 ? image.png() : image.jpeg()).toBuffer();
    }
  return write(folder, tree);
}

/** Pictures of the kinds that decoders stumble over, and one that is damaged. */
export async function oddPictures(folder: string): Promise<string> {
  return write(folder, {
    'gray.jpg': await plain([90, 90, 90]).toColorspace('b-w').jpeg().toBuffer(),
    'cmyk.jpg': await plain([200, 60, 10]).toColorspace('cmyk').jpeg().toBuffer(),
    'bad.jpg': await truncatedJpeg(),
    'alpha.png': await sharp({ create: { width: 9, height: 5, channels: 4, background: '#30c04080' } })
      .png()
      .toBuffer(),
  });
}
