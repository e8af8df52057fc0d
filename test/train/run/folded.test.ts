// An arm's network with its gates folded in: the tensors that torchvision's network of that name loads, no more and no fewer, of its shapes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/io/safetensors.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { writeNetwork } from '../../../src/train/files/network-file.ts';
import { writeFolded } from '../../../src/train/run/compaction.ts';
import { gpu } from '../../support/gpu.ts';
import { newFolder, removeFolders } from '../../support/jobs.ts';

afterAll(removeFolders);

const golden: Record<string, Record<string, number[]>> = JSON.parse(
  readFileSync(new URL('../../golden/torchvision-names.json', import.meta.url), 'utf8'),
);

it("a ResNet of ImageNet is torchvision's by names and shapes", async () => {
  const folder = newFolder();
  const network = createModel('resnet18-imagenet').to(gpu, 1);
  const { graph } = network;
  const gate = Float32Array.from({ length: 64 }, (_, i) => i / 64);
  writeNetwork(join(folder, 'trained-AN.safetensors'), {
    ...{ graph, dict: await stateDict(network), classes: Array.from({ length: 1000 }, (_, i) => `class ${i}`) },
    normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    gates: { kind: 'filter', maps: new Map([['layer1.0.conv1', { shape: [64], data: gate }]]) },
  });
  network.release();
  writeFolded(folder, 'trained AN');
  const { tensors } = readSafetensors(join(folder, 'trained-AN-folded.safetensors'));
  const found = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, [...shape]]));
  expect(found).toEqual(golden.resnet18);
});
