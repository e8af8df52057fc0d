// Detectors in files: the same detector comes back, and other kinds of files are told apart in a line each.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DetectError } from '../../../src/detect/errors.ts';
import { BoxInst } from '../../../src/detect/model/box-inst.ts';
import { type DetectorUse, loadDetector, saveDetector } from '../../../src/detect/model/detector-file.ts';
import { readBackbone } from '../../../src/detect/model/weights.ts';
import { readSafetensors, writeSafetensors } from '../../../src/io/index.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { readNetwork, writeNetwork } from '../../../src/train/files/network-file.ts';
import { smallBackbone } from '../../support/detector.ts';
import { gpu } from '../../support/gpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-detector-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'detector.safetensors');

const USE: DetectorUse = {
  categories: [
    { id: 1, name: 'person' },
    { id: 18, name: 'dog' },
  ],
  preprocessing: { normalization: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] }, shortSide: 128, longSide: 256 },
};

const detector = new BoxInst({
  ...{ backbone: smallBackbone(), classes: 2, channels: 16, towers: 1, maskChannels: 8, maskTowers: 1, freezeAt: 1 },
}).to(gpu, 1);
afterAll(() => detector.release());
await saveDetector(file, detector, USE);

it('come back as they were', async () => {
  const { detector: again, dict, ...use } = loadDetector(file);
  expect(use).toEqual(USE);
  expect(again.describe()).toEqual(detector.describe());
  again.to(gpu, 7).loadStateDict(dict);
  expect(await stateDict(again)).toEqual(await stateDict(detector));
  again.release();
});

it('may have other values than their module, such as an average of its weights', async () => {
  const dict = await stateDict(detector);
  for (const { data } of dict.values()) data.fill(3);
  const path = join(folder, 'average.safetensors');
  await saveDetector(path, detector, { ...USE, dict });
  expect(loadDetector(path).dict.get('controller.bias')!.data[0]).toBe(3);
});

it('have a category for each class', async () => {
  await expect(saveDetector(file, detector, { ...USE, categories: [] })).rejects.toThrow(DetectError);
});

it('are no networks, and networks are no detectors', async () => {
  expect(() => readNetwork(file)).toThrow(
    'detector.safetensors: this is a detector (BoxInst), no network that tells classes apart.',
  );
  expect(() => readBackbone(file)).toThrow('this is a detector; a backbone is a network that tells classes apart.');
  const network = join(folder, 'network.safetensors');
  writeNetwork(network, {
    graph: smallBackbone(),
    dict: new Map(),
    classes: ['a', 'b', 'c'],
    normalization: { mean: [0], std: [1] },
  });
  expect(() => loadDetector(network)).toThrow(
    'network.safetensors: this is a network that tells classes apart (small), no detector',
  );
});

const { tensors, metadata } = readSafetensors(file);
const changed = (change: (parts: { tensors: typeof tensors; metadata: typeof metadata }) => void): string => {
  const parts = { tensors: new Map(tensors), metadata: { ...metadata } };
  change(parts);
  const path = join(folder, 'changed.safetensors');
  writeSafetensors(path, parts.tensors, parts.metadata);
  return path;
};

it.each<[string, Parameters<typeof changed>[0], string]>([
  [
    'of another kind',
    ({ metadata }) => Object.assign(metadata, { detector: 'Other' }),
    'this is a detector of the kind "Other"; BoxInst is known here',
  ],
  [
    'without its configuration',
    ({ metadata }) => delete metadata.configuration,
    'its "configuration" is no detector\'s (it is empty)',
  ],
  [
    'with another configuration',
    ({ metadata }) => Object.assign(metadata, { configuration: '{"classes":2}' }),
    'its "configuration" is no detector\'s (a detector\'s configuration: backbone is missing)',
  ],
  [
    'with a category too many',
    ({ metadata }) => Object.assign(metadata, { categories: '[{"id":1,"name":"a"}]' }),
    'its "categories" is no detector\'s (there are 1, and the detector has 2 classes)',
  ],
  [
    'with another preprocessing',
    ({ metadata }) => Object.assign(metadata, { preprocessing: metadata.preprocessing.replace('128', '0') }),
    'its "preprocessing" is no detector\'s (shortSide is 0; a whole number from 1 is wanted)',
  ],
  ['without a tensor', ({ tensors }) => tensors.delete('controller.bias'), 'controller.bias is missing'],
  [
    'with a tensor of another dtype',
    ({ tensors }) => tensors.set('controller.bias', { dtype: 'I32', shape: [1], data: Int32Array.of(1) }),
    'tensor "controller.bias" is I32, a detector\'s are F32',
  ],
  [
    "of nobody's",
    ({ metadata }) => {
      for (const key of Object.keys(metadata)) delete metadata[key];
    },
    'this is no detector of astrogpu; published weights go by publishedWeights()',
  ],
])('%s are refused', (_, change, message) => {
  expect(() => loadDetector(changed(change))).toThrow(message);
});

it('that are cut short are refused', () => {
  const path = join(folder, 'short.safetensors');
  writeFileSync(path, readFileSync(file).subarray(0, 1000));
  expect(() => loadDetector(path)).toThrow('short.safetensors');
});
