// Weights to start from: every arm's network has them before its first step, a head of other classes starts anew and is named, and what does not fit is refused.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src/cli/train/options.ts';
import { drawStandIn } from '../../../src/data/synthetic/stand-in.ts';
import { writeSafetensors } from '../../../src/io/safetensors.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { configure, type JobConfig } from '../../../src/train/config.ts';
import { readNetwork, writeNetwork } from '../../../src/train/files/network-file.ts';
import { StageFactory } from '../../../src/train/run/stage-factory.ts';
import { planStages } from '../../../src/train/run/stage-plan.ts';
import { checkStart, keepWeights, keptWeights, readStartingWeights } from '../../../src/train/run/start.ts';
import { randomDict } from '../../support/evaluate.ts';
import { gpu } from '../../support/gpu.ts';
import { config, job, newFolder, plainConfig, removeFolders } from '../../support/jobs.ts';

afterAll(removeFolders);

const folder = newFolder();
const sets = drawStandIn({ train: 16, test: 10, seed: 9 });
const classes = sets.train.classes;
const normalization = { mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] };
const graph = describeModel('resnet-small', { width: 0.25 });
const dict = randomDict(graph, 5);
const own = join(folder, 'own.safetensors');
const others = join(folder, 'others.safetensors');
const torch = join(folder, 'torch.safetensors');
writeNetwork(own, { graph, dict, classes, normalization });
writeNetwork(others, { graph, dict, classes: classes.map((name) => `other ${name}`), normalization });
const full = randomDict(describeModel('resnet-small', { classes: 7 }), 6);
writeSafetensors(
  torch,
  new Map([...full].map(([name, { shape, data }]) => [`module.${name}`, { dtype: 'F32', shape, data }])),
);

/** The state dict of each arm's network before its first step. */
async function atFirst(of: JobConfig): Promise<Map<string, Awaited<ReturnType<typeof stateDict>>>> {
  const factory = new StageFactory({ gpu, config: of, ...sets, folder });
  const all = new Map();
  for (const plan of planStages(of)) {
    const stage = factory.build(plan, { size: 1000 });
    all.set(`${plan.arm}, ${plan.phase}`, await stateDict(stage.network));
    stage.release();
  }
  factory.release();
  return all;
}

describe('every network of a job', () => {
  it('has the weights of a network of a run, with its graph', async () => {
    const all = await atFirst(
      config({ weights: own, arms: ['plain', 'random', 'trained'], astrocyte: undefined, phase: ['search'] }),
    );
    const guides = await atFirst(config({ weights: own, arms: ['plain', 'random'], phase: ['guide'] }));
    expect([...all.keys(), ...guides.keys()]).toEqual(['trained AN, search', 'plain NN, guide', 'random AN, guide']);
    for (const found of [...all.values(), ...guides.values()])
      for (const [name, { data }] of dict) expect(found.get(name)!.data).toEqual(data);
  });

  it('starts its head anew where the classes are others, in number or by name', async () => {
    const check = (file: string, width = 1) =>
      checkStart(gpu, readStartingWeights(file), plainConfig({ width }), sets.train).skipped;
    expect(check(own)).toEqual([]);
    expect(check(others)).toEqual(['fc.weight', 'fc.bias']);
    expect([...check(torch)].sort()).toEqual(['module.fc.bias', 'module.fc.weight']);
    const [found] = (await atFirst(plainConfig({ weights: torch }))).values();
    expect(found.get('layer1.0.conv1.weight')!.data).toEqual(full.get('layer1.0.conv1.weight')!.data);
    expect(found.get('fc.weight')!.shape[0]).toBe(10);
  });

  it('is what the weights are for', () => {
    expect(() => checkStart(gpu, readStartingWeights(own), plainConfig({ width: 0.5 }), sets.train)).toThrow(
      /network of its own width/,
    );
    expect(() => checkStart(gpu, readStartingWeights(torch), plainConfig({ width: 0.5 }), sets.train)).toThrow(
      /torch\.safetensors: .*conv1\.weight is 16×3×3×3/,
    );
    expect(() => planStages(config({ weights: own, arms: ['random', 'narrow'] }))).toThrow(/fit no narrower network/);
    const arms = (...args: string[]) =>
      configure(parseOptions(args), { software: true, available: { train: 9, test: 9 } }).arms;
    expect(arms('--weights', 'a')).toEqual(['plain', 'magnitude', 'trained']);
    expect(arms()).toEqual(['plain', 'magnitude', 'trained', 'narrow']);
    expect(arms('--recipe', 'paper', '--weights', 'a')).toEqual(['plain', 'random', 'trained']);
    expect(arms('--recipe', 'paper')).toEqual(['plain', 'random', 'trained', 'narrow']);
  });
});

it('a job trains them, and its folder keeps what it started from', async () => {
  const run = newFolder();
  const before = gpu.memory.stats().current;
  const from = join(run, 'gone.safetensors');
  writeNetwork(from, { graph, dict, classes, normalization });
  keepWeights(run, from);
  rmSync(from);
  expect(existsSync(keptWeights(run, from))).toBe(true);
  await job(run, plainConfig({ weights: from })).job.run();
  const ended = readNetwork(join(run, 'plain-NN.safetensors'));
  expect(ended.graph.nodes).toEqual(graph.nodes);
  expect(ended.dict.get('fc.weight')!.data).not.toEqual(dict.get('fc.weight')!.data);
  expect(gpu.memory.stats().current).toBe(before);
  expect(() => readStartingWeights(keptWeights(run, ''))).not.toThrow();
});

it("a run's checkpoint is named for what it is", () => {
  const file = join(folder, 'checkpoint.safetensors');
  writeSafetensors(file, new Map(), { format: 'astrogpu checkpoint 1' });
  expect(() => readStartingWeights(file)).toThrow(/this is a run's checkpoint; name a network beside it/);
});
