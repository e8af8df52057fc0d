// train --weights as a person runs it: the model and the normalization come from the file, what is left out is said, and the run goes on without the file.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { createModel, describeModel } from '../../src/models/zoo/registry.ts';
import { stateDict } from '../../src/nn/state-dict.ts';
import { readNetwork } from '../../src/train/files/network-file.ts';
import { astrogpu, type Ended } from '../support/command.ts';
import { gpu } from '../support/gpu.ts';
import { colorFolder, cwd, inside, makeSamples, network, randomDict, removeSamples } from './samples.ts';

const run = (line: string): Promise<Ended> => astrogpu(line.split(' '), cwd);

beforeAll(async () => {
  makeSamples();
  await colorFolder('colors');
  const graph = { ...describeModel('resnet-small', { width: 0.25, classes: 2 }), size: 16 };
  network('two.safetensors', { graph, dict: randomDict(graph), classes: ['cat', 'dog'] });
  const plain = randomDict(describeModel('resnet-small'));
  writeSafetensors(
    inside('torch.safetensors'),
    new Map([...plain].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }])),
  );
});
afterAll(removeSamples);

it('starts from a network of other classes, and says what is left out', async () => {
  const { code, stdout } = await run(
    'train --data colors --weights two.safetensors --phase guide --arms plain --epochs 1 --batch 6 --out run',
  );
  expect(code).toBe(0);
  expect(stdout).toContain(
    'weights: each network starts from two.safetensors, all but the head of other classes, which starts anew: fc.weight, fc.bias\n',
  );
  expect(stdout).toContain('weights: mean 0.4, 0.4, 0.4, std 0.4, 0.4, 0.4 (the file says so)\n');
  const { graph, classes, normalization } = readNetwork(inside('run', 'plain-NN.safetensors'));
  expect(graph.size).toBe(16);
  expect(classes).toEqual(['blue', 'green', 'red']);
  expect(normalization.mean).toEqual([0.4, 0.4, 0.4]);
  rmSync(inside('two.safetensors'));
  const extended = await run('train --resume run --epochs 2');
  expect(extended.code).toBe(0);
  expect(extended.stderr).toMatch(/^extended from 1 to 2 epochs: /m);
  expect(extended.stdout).toContain('The run had 1 epoch and was extended to 2 (--resume DIR --epochs 2):');
});

it('starts a vision transformer from shards for images of another size, and keeps them as one file', async () => {
  const made = createModel('vit-tiny-cifar', { width: 1 / 48, size: 16, classes: 5 }).to(gpu, 1);
  const dict = [...(await stateDict(made))];
  made.release();
  const weight_map: Record<string, string> = {};
  mkdirSync(inside('vit'));
  for (const part of [0, 1]) {
    const some = dict.filter((_, i) => i % 2 === part);
    for (const [name] of some) weight_map[`module.${name}`] = `${part}.safetensors`;
    writeSafetensors(
      inside('vit', `${part}.safetensors`),
      new Map(some.map(([name, { shape, data }]) => [`module.${name}`, { dtype: 'F32', shape, data }])),
    );
  }
  writeFileSync(inside('vit', 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
  const { code, stdout } = await run(
    `train --data colors --weights vit --model vit-tiny-cifar --width ${1 / 48} --size 24 --phase guide --arms plain --epochs 1 --batch 6 --out vit-run`,
  );
  expect(code).toBe(0);
  expect(stdout).toContain('starts anew: module.head.weight, module.head.bias\n');
  expect(stdout).toContain('weights: pos_embed interpolated from 4×4 to 6×6 patches (bicubic)\n');
  expect(readSafetensors(inside('vit-run', 'starting-weights.safetensors')).tensors.size).toBe(dict.length);
  const wrong = await run('train --data colors --weights vit --model vit-tiny-cifar --out none');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/^Checkpoint vit: the state dict is of another network, 80 of its tensors/);
  expect(wrong.stderr).toContain('\n  blocks.{0-5}.attn.qkv.weight is 12×4, the network has 576×192\n');
});

it('asks for the model where the file does not say it, and refuses another one', async () => {
  const [unnamed, other] = await Promise.all([
    run('train --data colors --weights torch.safetensors --out none'),
    run('train --data colors --weights run/plain-NN.safetensors --model resnet18 --out other'),
  ]);
  expect([unnamed.code, other.code]).toEqual([2, 2]);
  expect(unnamed.stderr).toMatch(/^--weights torch\.safetensors: the file does not say what it is of; name the model/);
  expect(other.stderr).toMatch(
    /^--model resnet18: the network of --weights run\/plain-NN\.safetensors is a resnet-small/,
  );
});
