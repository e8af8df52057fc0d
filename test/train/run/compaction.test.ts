// The end of an arm: what nothing feeds is silent under the final gates, the file says the same, and the compacted network as well.
import { afterAll, expect, it } from 'vitest';
import { Astrocyte } from '../../../src/astro/astrocyte.ts';
import { GateLayout } from '../../../src/astro/gate-layout.ts';
import { leftUngated } from '../../../src/astro/left-ungated.ts';
import { Regulator } from '../../../src/astro/regulation.ts';
import { DeviceData } from '../../../src/data/loader/device-data.ts';
import { drawStandIn } from '../../../src/data/synthetic/stand-in.ts';
import { Network } from '../../../src/models/network.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { EVAL } from '../../../src/nn/module.ts';
import { compact } from '../../../src/prune/compact.ts';
import { CompactError } from '../../../src/prune/error.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { loadNetwork } from '../../../src/train/files/loaded-network.ts';
import { readNetwork } from '../../../src/train/files/network-file.ts';
import { armFile, writeArm } from '../../../src/train/run/arm-result.ts';
import { compactArm, writeFolded } from '../../../src/train/run/compaction.ts';
import type { Stage } from '../../../src/train/stages/stage.ts';
import { gpu } from '../../support/gpu.ts';
import { newFolder, removeFolders } from '../../support/jobs.ts';
import { values } from '../../support/random.ts';

afterAll(removeFolders);

const network = createModel('resnet-small', { width: 0.25 }).to(gpu, 3);
const { train } = drawStandIn({ train: 20, test: 1, seed: 4 });
const data = new DeviceData(gpu, train);
const trainedOn = { classes: train.classes, normalization: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] } };
const x = tensor(gpu, values(5, 2 * 32 * 32 * 3), [2, 32, 32, 3]);

/** A stage's parts that writeArm reads, under gates that the caller sets. */
async function settled(
  open: (layer: string, output: number, input: number) => boolean,
  except: readonly string[] = [],
): Promise<Stage> {
  const layout = new GateLayout(network, 'connection', except);
  const regulator = new Regulator(gpu, layout, new Astrocyte().to(gpu, 1), {
    ...{ T: 1, mode: 'replace', feature: 'avg', absolute: false, norm: 'mean', backpropThroughGates: false },
  });
  const gates = new Float32Array(layout.total);
  for (const { name, at, length, columns } of layout.entries)
    for (let i = 0; i < length; i++)
      gates[at + i] = open(name, Math.floor(i / columns), i % columns) ? 0.5 + 0.5 * ((i * 7) % 11) * 0.09 : 0;
  regulator.gate.set(gates);
  await regulator.finalizeGates();
  return { arm: 'trained AN', network, regulator } as unknown as Stage;
}

const logits = async (of: () => Tensor): Promise<Float32Array> => {
  const y = noGrad(() => scope(of));
  const found = await y.floats();
  y.release();
  return found;
};

it('a channel without input gives nothing, though its β is not zero, and the files agree', async () => {
  for (const [name, parameter] of network.namedParameters())
    if (/(bn\d|downsample\.1)\.bias$/.test(name)) parameter.tensor.set(values(6, parameter.shape[0]));
  for (const [name, buffer] of network.namedBuffers())
    buffer.tensor.set(values(7, buffer.shape[0]).map((v) => (name.endsWith('var') ? v * v + 0.2 : v)));
  const stage = await settled((layer, output) => layer !== 'layer2.0.conv1' || output !== 3);
  const { graph } = network;
  const regulator = stage.regulator!;
  const inner = await logits(() =>
    regulator.gated(() => {
      const [value] = network.values(x, EVAL, ['layer2.0.conv1', graph.nodes.at(-1)!.name]);
      return value;
    }),
  );
  const channels = 8;
  expect(inner.filter((_, i) => i % channels === 3).every((value) => value === 0)).toBe(true);
  expect(inner.some((value) => value !== 0)).toBe(true);

  const folder = newFolder();
  const counts = await writeArm(folder, stage, trainedOn);
  const expected = await logits(() => regulator.gated(() => network.forward(x, EVAL)));
  writeFolded(folder, stage.arm);
  const whole = readNetwork(armFile(folder, `${stage.arm} folded`));
  expect(whole.gates).toBeUndefined();
  const smaller = compact(whole.graph, whole.dict, { multiple: 1 });
  expect(new Network(smaller.graph).parameterCount()).toBe(counts.parametersStructural);
  expect(counts.parametersStructural).toBeLessThan(network.parameterCount());
  const largest = Math.max(...expected.map(Math.abs));
  for (const { graph, dict } of [whole, smaller]) {
    const loaded = loadNetwork(gpu, graph, dict);
    const found = await logits(() => loaded.forward(x, EVAL));
    expect(Math.max(...found.map((value, i) => Math.abs(value - expected[i]))) / largest).toBeLessThan(1e-4);
    loaded.release();
  }
});

it('a network whose inner layers alone have gates is read back as it ran', async () => {
  const outer = leftUngated(network, 'inner');
  const stage = await settled((_, output, input) => (output + input) % 3 > 0, outer);
  const folder = newFolder();
  await writeArm(folder, stage, trainedOn);
  const file = readNetwork(armFile(folder, stage.arm));
  const gated = network.gatedLayers().flatMap(({ name }) => (outer.includes(name) ? [] : [name]));
  expect([...file.gates!.maps.keys()].sort()).toEqual(gated.sort());
  const expected = await logits(() => stage.regulator!.gated(() => network.forward(x, EVAL)));
  writeFolded(folder, stage.arm);
  const whole = readNetwork(armFile(folder, `${stage.arm} folded`));
  const loaded = loadNetwork(gpu, whole.graph, whole.dict);
  const found = await logits(() => loaded.forward(x, EVAL));
  const largest = Math.max(...expected.map(Math.abs));
  expect(Math.max(...found.map((value, i) => Math.abs(value - expected[i]))) / largest).toBeLessThan(1e-4);
  loaded.release();
});

it('settling again, as after other gates, keeps no memory of the first time', async () => {
  const { regulator } = await settled((layer, output) => layer !== 'layer2.0.conv1' || output !== 3);
  const before = gpu.memory.stats().current;
  await regulator!.finalizeGates();
  expect(gpu.memory.stats().current).toBe(before);
});

it('compactArm writes the smaller network, and says why where there is none', async () => {
  const folder = newFolder();
  await writeArm(folder, await settled((_, output, input) => (output + input) % 3 > 0 && output % 4 > 0), trainedOn);
  const done = await compactArm(folder, 'trained AN', data, 10);
  const file = readNetwork(armFile(folder, 'trained AN compact'));
  expect(file).toMatchObject({ classes: [...train.classes], normalization: trainedOn.normalization });
  expect('failure' in done ? done : done.after.parameters).toBe(new Network(file.graph).parameterCount());
  if (!('failure' in done)) {
    expect(done.before.milliseconds).toBeGreaterThan(0);
    const { median, low, high } = done.time!;
    expect(low).toBeLessThanOrEqual(median);
    expect(high).toBeGreaterThanOrEqual(median);
  }

  await writeArm(folder, { ...(await settled((layer) => layer !== 'conv1')), arm: 'cut off' }, trainedOn);
  const failed = await compactArm(folder, 'cut off', data, 10);
  expect(failed).toMatchObject({ failure: expect.stringContaining('keep more connections') });
  expect(() => readNetwork(armFile(folder, 'cut off compact'))).toThrow('there is no such file');
  expect(() => compact(network.graph, new Map())).toThrow(CompactError);
});
