// Other people's checkpoints: the names of torchvision, timm and the common CIFAR repositories, every floating-point type, and classifiers of other classes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toHalf } from '../../../src/gpu/device/half.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../src/io/safetensors.ts';
import { adaptNames, isClassifier } from '../../../src/models/checkpoint/names.ts';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import { Network } from '../../../src/models/network.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { floatsOf } from '../../../src/nn/safetensors.ts';
import { StateDictError, stateDict } from '../../../src/nn/state-dict.ts';
import { type LoadOptions, loadNetworkWeights } from '../../../src/train/files/weights.ts';
import { gpu } from '../../support/gpu.ts';
import { halfValues } from '../../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The network's state dict under drawn values that f16 holds exactly, by names that `rename` makes of its own. */
async function drawn(network: Network, rename = (name: string): string => name): Promise<Map<string, StoredTensor>> {
  const stored = new Map<string, StoredTensor>();
  let seed = 1;
  for (const [name, { shape, data }] of await stateDict(network))
    stored.set(rename(name), { dtype: 'F32', shape, data: halfValues(seed++, data.length) });
  return stored;
}

async function expectLoaded(network: Network, wanted: ReadonlyMap<string, StoredTensor>): Promise<void> {
  const state = await stateDict(network);
  expect([...state.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [name, { data }] of wanted) expect(state.get(name)!.data, name).toEqual(data);
}

/** Through a file, as a checkpoint comes. */
function load(network: Network, tensors: ReadonlyMap<string, StoredTensor>, options?: LoadOptions) {
  const file = join(folder, 'weights.safetensors');
  writeSafetensors(file, tensors);
  return loadNetworkWeights(network, readSafetensors(file).tensors, options);
}

function refusal(action: () => void): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(StateDictError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('the weights were accepted');
}

const DENSE = 'features.denseblock1.denselayer1';
const NAMES: [model: string, theirs: string, ours: string][] = [
  ['resnet18', 'module.layer2.0.shortcut.1.running_var', 'layer2.0.downsample.1.running_var'],
  ['resnet18', 'linear.weight', 'fc.weight'],
  ['resnet18', '_orig_mod.module.conv1.weight', 'conv1.weight'],
  ['resnet18', 'model.fc.bias', 'fc.bias'],
  ['resnet18', 'conv1.0.weight', 'conv1.weight'],
  ['resnet18', 'conv1.1.bias', 'bn1.bias'],
  ['resnet18', 'conv3_x.1.residual_function.0.weight', 'layer2.1.conv1.weight'],
  ['resnet18', 'conv5_x.0.residual_function.4.running_mean', 'layer4.0.bn2.running_mean'],
  ['resnet18', 'conv4_x.0.shortcut.0.weight', 'layer3.0.downsample.0.weight'],
  ['resnet50-imagenet', 'last_linear.bias', 'fc.bias'],
  ['resnet50-imagenet', 'layer1.0.downsample.1.weight', 'layer1.0.downsample.1.weight'],
  ['vgg16', 'features.0.weight', 'features.0.weight'],
  ['vgg16', 'head.fc.weight', 'classifier.weight'],
  ['vgg16', 'classifier.1.bias', 'classifier.bias'],
  ['densenet-bc-100-12', 'features.norm_final.weight', 'features.norm5.weight'],
  ['densenet-bc-100-12', `module.${DENSE}.norm.2.running_var`, `${DENSE}.norm2.running_var`],
  ['densenet-bc-100-12', `${DENSE}.conv.1.weight`, `${DENSE}.conv1.weight`],
  ['densenet-bc-100-12', 'fc.weight', 'classifier.weight'],
  ['densenet-bc-100-12', 'dense1.0.bn1.weight', 'dense1.0.bn1.weight'],
  ['densenet-bc-100-12', 'bn1.num_batches_tracked', 'bn1.num_batches_tracked'],
];

describe('names', () => {
  it.each(NAMES)('%s: %s is %s', (model, theirs, ours) => {
    expect(adaptNames(createModel(model), [theirs]).get(theirs)).toBe(ours);
  });

  it("no second name stands for the same tensor, and the network's own comes first", () => {
    const names = ['module.fc.weight', 'linear.weight', 'fc.weight', 'classifier.bias', 'linear.bias'];
    expect([...adaptNames(createModel('resnet18'), names).values()]).toEqual([
      'module.fc.weight',
      'linear.weight',
      'fc.weight',
      'fc.bias',
      'linear.bias',
    ]);
  });

  it('a classifier is told from other layers', () => {
    const classifiers = ['fc.weight', 'module.linear.bias', 'classifier.6.weight', 'head.fc.bias'];
    expect(classifiers.filter(isClassifier)).toEqual(classifiers);
    expect(['features.0.weight', 'layer1.0.fc.weight', 'conv1.weight', 'fc.lora.weight'].filter(isClassifier)).toEqual(
      [],
    );
  });
});

describe('loadNetworkWeights', () => {
  it.each<[string, (name: string) => string]>([
    ["a torchvision file's own names", (name) => name],
    [
      'pytorch-cifar under DataParallel',
      (name) => `module.${name.replace('downsample', 'shortcut').replace(/^fc/, 'linear')}`,
    ],
    [
      'pytorch-cifar100',
      (name) =>
        name
          .replace(/^conv1\./, 'conv1.0.')
          .replace(/^bn1\./, 'conv1.1.')
          .replace(/^layer(\d)\./, (_, stage) => `conv${Number(stage) + 1}_x.`)
          .replace(/\.conv(\d)\./, (_, n) => `.residual_function.${3 * (Number(n) - 1)}.`)
          .replace(/\.bn(\d)\./, (_, n) => `.residual_function.${3 * (Number(n) - 1) + 1}.`)
          .replace('downsample', 'shortcut'),
    ],
  ])('a ResNet by %s', async (_, rename) => {
    const network = createModel('resnet-small').to(gpu, 1);
    const wanted = await drawn(network);
    const given = await drawn(network, rename);
    given.set(rename('bn1.num_batches_tracked'), { dtype: 'I64', shape: [], data: BigInt64Array.of(9n) });
    expect(load(network, given)).toEqual({ skipped: [], resized: [] });
    await expectLoaded(network, wanted);
    network.release();
  });

  it('a DenseNet by the names of old torchvision and efficient_densenet_pytorch', async () => {
    const network = createModel('densenet-small').to(gpu, 1);
    const wanted = await drawn(network);
    const old = (name: string): string =>
      name.replace(/(denselayer\d+\.(?:norm|conv))/, '$1.').replace('norm5', 'norm_final');
    load(network, await drawn(network, old));
    await expectLoaded(network, wanted);
    network.release();
  });

  it.each<[StoredTensor['dtype'], (data: Float32Array) => StoredTensor['data']]>([
    ['F64', (data) => Float64Array.from(data)],
    ['F16', toHalf],
    // The upper half of an f32; these values have at most eight significant bits.
    ['BF16', (data) => Uint16Array.from(new Uint32Array(data.buffer), (bits) => bits >>> 16)],
  ])('a file in %s', async (dtype, convert) => {
    const network = createModel('resnet-small').to(gpu, 1);
    const wanted = await drawn(network);
    for (const stored of wanted.values())
      stored.data = (stored.data as Float32Array).map((value) => Math.floor(value * 128) / 128);
    const given = new Map<string, StoredTensor>();
    for (const [name, { shape, data }] of wanted)
      given.set(name, { dtype, shape, data: convert(data as Float32Array) });
    load(network, given);
    await expectLoaded(network, wanted);
    network.release();
  });

  it('special values keep their meaning', () => {
    const bits = Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x7f80, 0x7fc0);
    expect([...floatsOf({ dtype: 'BF16', shape: [5], data: bits })!]).toEqual([
      1,
      -2,
      2 ** -133,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    expect([...floatsOf({ dtype: 'F64', shape: [1], data: Float64Array.of(0.1) })!]).toEqual([Math.fround(0.1)]);
  });
});

describe('another classifier', () => {
  it('is a mismatch with a hint; skipped, the network keeps its own', async () => {
    const network = createModel('resnet-small', { classes: 3 }).to(gpu, 1);
    const before = await stateDict(network);
    const source = createModel('resnet-small', { classes: 7 }).to(gpu, 2);
    const given = await drawn(source, (name) => name.replace(/^fc/, 'linear'));
    expect(refusal(() => load(network, given))).toBe(
      'the state dict is of another network, 2 of its tensors do not fit: fc.weight is 7×64, the network has 3×64; ' +
        "fc.bias is 7, the network has 3; classifier: 'skip' loads all but the classifier",
    );
    expect(await stateDict(network)).toEqual(before);
    expect(load(network, given, { classifier: 'skip' })).toEqual({
      skipped: ['linear.weight', 'linear.bias'],
      resized: [],
    });
    const wanted = await drawn(source);
    for (const name of ['fc.weight', 'fc.bias']) wanted.set(name, { dtype: 'F32', ...before.get(name)! });
    await expectLoaded(network, wanted);
    for (const made of [network, source]) made.release();
  });

  it('of several layers, as in an ImageNet VGG16, is skipped as a whole; a file without one will do', async () => {
    const b = new GraphBuilder();
    b.linear(b.globalPool(b.conv(b.image(), 'features.0', 4, { bias: true, relu: true })), 'classifier', 2);
    const network = new Network(b.graph('vgg', 8)).to(gpu, 1);
    const given = await drawn(network, (name) => name.replace('classifier', 'classifier.6'));
    for (const n of [0, 3]) given.set(`classifier.${n}.weight`, { dtype: 'F32', shape: [1], data: Float32Array.of(1) });
    expect(refusal(() => load(network, given))).toContain("classifier: 'skip' loads all but the classifier");
    expect(load(network, given, { classifier: 'skip' }).skipped).toHaveLength(4);
    for (const name of given.keys()) if (name.startsWith('classifier')) given.delete(name);
    expect(refusal(() => load(network, given))).toContain('classifier.weight is missing; classifier.bias is missing');
    expect(load(network, given, { classifier: 'skip' })).toEqual({ skipped: [], resized: [] });
    network.release();
  });

  it('of a file is skipped for a network that has none', async () => {
    const whole = createModel('resnet-small').to(gpu, 1);
    const given = await drawn(whole);
    const nodes = whole.graph.nodes.filter(({ op }) => op !== 'linear' && op !== 'globalPool');
    const network = new Network({ ...whole.graph, nodes }).to(gpu, 1);
    expect(refusal(() => load(network, given))).toContain(
      "fc.weight is not in the network; fc.bias is not in the network; classifier: 'skip'",
    );
    expect(load(network, given, { classifier: 'skip' })).toEqual({ skipped: ['fc.weight', 'fc.bias'], resized: [] });
    await expectLoaded(network, new Map([...given].filter(([name]) => !name.startsWith('fc.'))));
    for (const made of [network, whole]) made.release();
  });

  it('does not hide what else is wrong, or what is no floating-point number', async () => {
    const network = createModel('resnet-small', { classes: 3 }).to(gpu, 1);
    const given = await drawn(network);
    given.delete('bn1.running_var');
    given.set('bn1.bias', { dtype: 'I64', shape: [16], data: new BigInt64Array(16) });
    given.set('extra', { dtype: 'F32', shape: [1], data: Float32Array.of(1) });
    const message =
      'the state dict is of another network, 3 of its tensors do not fit: bn1.running_var is missing; extra is not in the network; ' +
      'bn1.bias is I64, weights are F32, F64, F16 or BF16';
    expect(refusal(() => load(network, given))).toBe(message);
    expect(refusal(() => load(network, given, { classifier: 'skip' }))).toBe(message);
    network.release();
  });
});

describe('what surrounds weights', () => {
  it.each(['backbone.', 'encoder.model.', 'module._orig_mod.', 'student.'])(
    'a prefix of all names, %s, is left out',
    async (prefix) => {
      const network = createModel('resnet-small').to(gpu, 1);
      const wanted = await drawn(network);
      load(network, new Map([...wanted].map(([name, tensor]) => [prefix + name, tensor])));
      await expectLoaded(network, wanted);
      network.release();
    },
  );

  it('the own first part of names is none', () => {
    const network = createModel('vgg16');
    const names = [...network.namedParameters()].map(([name]) => name).filter((name) => name.startsWith('features.'));
    expect([...adaptNames(network, names).values()]).toEqual(names);
  });

  it('counters of any whole-number type are passed over, and what else is too much is named', async () => {
    const network = createModel('resnet-small').to(gpu, 1);
    const wanted = await drawn(network);
    const counters: [string, StoredTensor][] = [
      ['bn1.num_batches_tracked', { dtype: 'I32', shape: [], data: Int32Array.of(7) }],
      ['n_averaged', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }],
      ['steps', { dtype: 'U16', shape: [2], data: Uint16Array.of(1, 2) }],
    ];
    expect(load(network, new Map([...wanted, ...counters])).skipped).toEqual([]);
    await expectLoaded(network, wanted);
    const mask: StoredTensor = { dtype: 'BOOL', shape: [4], data: Uint8Array.of(1, 0, 1, 1) };
    expect(refusal(() => load(network, new Map([...wanted, ['mask', mask]])))).toContain('mask is not in the network');
    const first = refusal(() =>
      load(network, new Map([...wanted, ['conv1.weight', { ...mask, dtype: 'I8', data: Int8Array.of(1, 2, 3, 4) }]])),
    );
    expect(first).toContain('conv1.weight is I8, weights are F32, F64, F16 or BF16');
    network.release();
  });

  it('a mismatch shows a pair of names', async () => {
    const network = createModel('resnet-small').to(gpu, 1);
    const renamed = await drawn(network, (name) =>
      name.replace(/^conv1\./, 'stem.conv.').replace(/^bn1\./, 'stem.bn.'),
    );
    expect(refusal(() => load(network, renamed))).toContain(
      'a pair of names: "conv1.weight" of the network, "stem.conv.weight" of the file',
    );
    const one = await drawn(network, (name) => (name === 'conv1.weight' ? 'module.first.weight' : `module.${name}`));
    expect(refusal(() => load(network, one))).toContain(
      'a pair of names: "conv1.weight" of the network, "module.first.weight" of the file',
    );
    network.release();
  });
});
