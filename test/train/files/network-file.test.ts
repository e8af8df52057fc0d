// A network's file: what comes back is what was written, and a file of something else is one line that says what is wrong.
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CheckpointError, writeSafetensors } from '../../../src/io/safetensors.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { type NetworkFile, readNetwork, writeNetwork } from '../../../src/train/files/network-file.ts';
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

it.each([
  [
    'a source without a place',
    { graph: JSON.stringify(file.graph), classes: '[]', normalization: '{}', source: '{"kind":"folder"}' },
    'its "source" does not say where its images lay',
  ],
  ['a file of weights alone', {}, 'its metadata has no "graph"'],
  ['a graph that is no JSON', { graph: '{' }, 'its "graph" is not JSON'],
  [
    'a graph of something else',
    { graph: '{"nodes": 3}', classes: '[]', normalization: '{}' },
    'its "graph" is none of',
  ],
  ['an empty graph', { graph: '{"nodes": []}', classes: '[]', normalization: '{}' }, 'a graph takes a source'],
  [
    'a node of a kind that is none',
    { graph: '{"nodes": [{"op": "fft", "name": "a"}]}', classes: '[]', normalization: '{}' },
    'node a is of the kind "fft", which is none; there are image, conv, norm,',
  ],
])('%s', (_, metadata, text) => {
  const path = join(newFolder(), 'net.safetensors');
  writeSafetensors(path, new Map(), metadata as Record<string, string>);
  expect(() => readNetwork(path)).toThrow(CheckpointError);
  expect(() => readNetwork(path)).toThrow(text);
});
