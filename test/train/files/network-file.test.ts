// A network's file: what comes back is what was written, and a file of something else is one line that says what is wrong.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CheckpointError, writeSafetensors } from '../../../src/io/safetensors.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { type NetworkFile, readNetwork, writeNetwork } from '../../../src/train/files/network-file.ts';
import { packNetwork, unpackNetwork } from '../../../src/train/files/network-tensors.ts';
import { newFolder, removeFolders } from '../../support/jobs.ts';

afterAll(removeFolders);

const file: NetworkFile = {
  graph: describeModel('resnet-small', { width: 0.1, classes: 3 }),
  dict: new Map([['conv1.weight', { shape: [2, 3, 3, 3], data: Float32Array.from({ length: 54 }, (_, i) => i / 7) }]]),
  gates: { kind: 'filter', maps: new Map([['conv1', { shape: [2], data: Float32Array.of(0, 0.75) }]]) },
  classes: ['ant', 'bee', 'çat'],
  normalization: { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
  standIn: true,
  source: { kind: 'folder', path: '/photos', folders: ['a', 'b', 'c'] },
};

it('comes back as it was written', () => {
  const path = join(newFolder(), 'net.safetensors');
  writeNetwork(path, file);
  expect(readNetwork(path)).toEqual(file);
  writeNetwork(path, { ...file, gates: undefined, standIn: false });
  const { gates, standIn } = readNetwork(path);
  expect([gates, standIn]).toEqual([undefined, false]);
});

it('is the same bytes in memory, where a damaged one is told, too', async () => {
  const path = join(newFolder(), 'net.safetensors');
  writeNetwork(path, file);
  const bytes = await packNetwork(file);
  expect(Buffer.from(bytes).equals(readFileSync(path))).toBe(true);
  expect(await unpackNetwork('net', bytes)).toEqual(file);
  bytes[bytes.length - 3] ^= 1;
  await expect(unpackNetwork('net', bytes)).rejects.toThrow(/^Checkpoint net: its bytes do not match/);
});

const good = {
  graph: JSON.stringify(file.graph),
  classes: '["ant"]',
  normalization: '{"mean":[0,0,0],"std":[1,1,1]}',
};
const graph = (change: (nodes: Record<string, unknown>[], graph: Record<string, unknown>) => void): string => {
  const changed = JSON.parse(good.graph);
  change(changed.nodes, changed);
  return JSON.stringify(changed);
};

it.each<[string, Record<string, string | undefined>, string]>([
  [
    'a source without a place',
    { source: '{"kind":"folder"}' },
    'its "source" is none of astrogpu\'s (path is missing)',
  ],
  [
    'classes that are no list',
    { classes: '{"0":"ant"}' },
    'its "classes" is none of astrogpu\'s (its content is an object; a list is wanted)',
  ],
  ['a class that is no name', { classes: '["ant", 3]' }, '([1] is 3; a text is wanted)'],
  ['a deviation of 0', { normalization: '{"mean":[0],"std":[0]}' }, '(std[0] is 0; a number above 0 is wanted)'],
  ['no normalization', { normalization: undefined }, 'its metadata has no "normalization"'],
  ['a file of weights alone', { graph: undefined }, 'its metadata has no "graph"'],
  ['a graph that is no JSON', { graph: '{' }, 'its "graph" is none of astrogpu\'s (it is not JSON'],
  ['a graph of something else', { graph: '{"nodes": 3}' }, 'its "graph" is none of astrogpu\'s (model is missing)'],
  ['an empty graph', { graph: '{"model":"m","size":8,"nodes":[]}' }, 'a graph takes a source'],
  [
    'a node of a kind that is none',
    { graph: '{"model":"m","size":8,"nodes":[{"op":"fft","name":"a"}]}' },
    'node a is of the kind "fft", which is none; there are image, conv, norm,',
  ],
  [
    'a node that is none',
    { graph: graph((nodes) => (nodes[1] = null as never)) },
    'nodes[1] is null; an object is wanted',
  ],
  [
    'a field of another type',
    { graph: graph((nodes) => (nodes[1].outputs = '4')) },
    'node conv1: outputs is "4"; a number is wanted',
  ],
  ['a field that is not there', { graph: graph((nodes) => delete nodes[1].relu) }, 'node conv1: relu is missing'],
  ...(
    [
      ['outputs', 1e308],
      ['outputs', 0],
      ['kernel', 2.5],
      ['stride', 0],
      ['padding', -1],
      ['padding', 1e9],
    ] as const
  ).map(([field, value]): [string, Record<string, string>, string] => [
    `a ${field} of ${value}`,
    { graph: graph((nodes) => (nodes[1][field] = value)) },
    `node conv1: ${field} is ${value}; a whole number from`,
  ]),
  [
    'images of an endless side',
    { graph: graph((_, graph) => (graph.size = 1e99)) },
    'size is 1e+99; a whole number from',
  ],
  [
    'a cost beyond counting',
    {
      graph: graph((nodes, graph) => {
        graph.size = 65536;
        nodes.splice(1, nodes.length);
        const size = { inputs: 3, outputs: 1048576, kernel: 65536, stride: 1, padding: 65536, bias: false, relu: true };
        nodes.push({ op: 'conv', name: 'a', input: 'image', conv: 'a', ...size });
      }),
    },
    'more than can be counted',
  ],
])('%s', (_, metadata, text) => {
  const path = join(newFolder(), 'net.safetensors');
  writeSafetensors(path, new Map(), JSON.parse(JSON.stringify({ ...good, ...metadata })));
  expect(() => readNetwork(path)).toThrow(CheckpointError);
  expect(() => readNetwork(path)).toThrow(text);
});
