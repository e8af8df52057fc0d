// BoxInst as a module: what its outputs are, what of it is trained, and backbones of any widths.
import { describe, expect, it } from 'vitest';
import { BoxInst, maskParameters } from '../../../src/detect/model/box-inst.ts';
import { groupsOf } from '../../../src/detect/model/fcos-head.ts';
import { AstroError } from '../../../src/gpu/index.ts';
import { describeModel } from '../../../src/models/zoo/registry.ts';
import { vgg } from '../../../src/models/zoo/vgg.ts';
import type { Precision } from '../../../src/nn/arena.ts';
import { EVAL, TRAIN } from '../../../src/nn/module.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { add } from '../../../src/ops/arithmetic/binary.ts';
import { sum } from '../../../src/ops/reduce/sum.ts';
import { backward, noGrad, traceOps } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { distance } from '../../support/check.ts';
import { smallBackbone } from '../../support/detector.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const SMALL = { backbone: smallBackbone(), classes: 3, channels: 16, towers: 1, maskChannels: 8, maskTowers: 1 };

const images = (height: number, width: number, n = 1) => on(values(1, n * height * width * 3), [n, height, width, 3]);

describe('outputs', () => {
  it('have the locations of all levels one behind the other', async () => {
    const detector = new BoxInst(SMALL).to(gpu, 1);
    const x = images(64, 96, 2);
    const { levels, ...outputs } = noGrad(() => scope(() => detector.forward(x, EVAL)));
    expect(levels).toEqual([
      { height: 8, width: 12, stride: 8, from: 0, to: 64, first: 0 },
      { height: 4, width: 6, stride: 16, from: 64, to: 128, first: 96 },
      { height: 2, width: 3, stride: 32, from: 128, to: 256, first: 120 },
      { height: 1, width: 2, stride: 64, from: 256, to: 512, first: 126 },
      { height: 1, width: 1, stride: 128, from: 512, to: Number.POSITIVE_INFINITY, first: 128 },
    ]);
    const shapes = Object.fromEntries(Object.entries(outputs).map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({
      logits: [2, 129, 3],
      regression: [2, 129, 4],
      centerness: [2, 129],
      controllers: [2, 129, 233],
      maskFeatures: [2, 8, 12, 16],
    });
    // Weights start small, so every class begins near its prior.
    const probabilities = (await outputs.logits.floats()).map((logit) => 1 / (1 + Math.exp(-logit)));
    for (const probability of probabilities) expect(Math.abs(probability - 0.01)).toBeLessThan(0.005);
    for (const one of [x, ...Object.values(outputs), detector]) one.release();
  });

  it.skipIf(!gpu.capabilities.f16)('agree in f16 with f32, and are f32', async () => {
    const x = images(64, 64);
    const run = async (precision: Precision): Promise<Map<string, Float32Array>> => {
      const detector = new BoxInst(SMALL).to(gpu, 1, { precision });
      const { levels: _, ...outputs } = noGrad(() => scope(() => detector.forward(x, EVAL)));
      const found = new Map<string, Float32Array>();
      for (const [name, output] of Object.entries(outputs)) {
        expect(output.dtype).toBe('f32');
        found.set(name, await output.floats());
        output.release();
      }
      detector.release();
      return found;
    };
    const [half, wide] = [await run('f16'), await run('f32')];
    // About thirty roundings of 2⁻¹¹ on the longest way.
    for (const [name, output] of wide) expect(distance(half.get(name)!, output), name).toBeLessThan(30 * 2 ** -11);
    x.release();
  });

  it.each([
    [16, 233],
    [8, 169],
  ])('of a controller for %i features are %i numbers', (features, numbers) => {
    expect(maskParameters(features)).toBe(numbers);
  });

  it.each([
    [256, 32],
    [64, 8],
    [20, 2],
    [12, 1],
    [4, 1],
    [36, 4],
  ])('of %i channels are normalized in %i groups', (channels, groups) => {
    expect(groupsOf(channels)).toBe(groups);
  });
});

describe('what is frozen', () => {
  const trained = (options: object): string[] =>
    new BoxInst({ ...SMALL, ...options })
      .namedParameters()
      .flatMap(([name]) => (name.startsWith('backbone.bottom_up.') ? [name.slice(19)] : []));

  it('are by default the stem, the first stage and all batch normalizations', () => {
    expect(trained({})).toEqual([
      'layer2.0.conv1.weight',
      'layer2.0.downsample.0.weight',
      'layer2.0.conv2.weight',
      'layer3.0.conv1.weight',
      'layer3.0.downsample.0.weight',
      'layer3.0.conv2.weight',
      'layer4.0.conv1.weight',
      'layer4.0.downsample.0.weight',
      'layer4.0.conv2.weight',
    ]);
  });

  it.each([
    [0, 'conv1.weight'],
    [1, 'layer1.0.conv1.weight'],
    [2, 'layer2.0.conv1.weight'],
    [3, 'layer3.0.conv1.weight'],
    [4, 'layer4.0.conv1.weight'],
    [5, undefined],
  ])('are the parts before a number of stages: %i', (freezeAt, first) => {
    expect(trained({ freezeAt, freezeNorm: false })[0]).toBe(first);
  });

  it('is not gone through backward, and stays as it is', async () => {
    const detector = new BoxInst(SMALL).to(gpu, 1);
    const before = await stateDict(detector);
    const x = images(64, 64);
    const recorded: string[] = [];
    scope(() => {
      const outputs = traceOps(
        (_, output) => {
          if (output.requiresGrad) recorded.push(output.shape.join('×'));
        },
        () => detector.forward(x, TRAIN),
      );
      backward(add(sum(outputs.logits), add(sum(outputs.controllers), sum(outputs.maskFeatures))));
    });
    // The stem is 32×32, the first stage 16×16.
    expect(recorded.filter((shape) => /^1×(32×32|16×16)×/.test(shape))).toEqual([]);
    const after = await stateDict(detector);
    for (const [name, { data }] of before) {
      const moved = name.startsWith('mask_branch.') && /running_(mean|var)$/.test(name);
      if (moved) expect(after.get(name)!.data, name).not.toEqual(data);
      else expect(after.get(name)!.data, name).toEqual(data);
    }
    for (const one of [x, detector]) one.release();
  });

  it('moves its running statistics where normalizations are trained, but for the frozen stages', async () => {
    const detector = new BoxInst({ ...SMALL, freezeNorm: false }).to(gpu, 1);
    const x = images(64, 64);
    scope(() => detector.forward(x, TRAIN));
    const state = await stateDict(detector);
    const mean = (norm: string): Float32Array => state.get(`backbone.bottom_up.${norm}.running_mean`)!.data;
    expect(mean('layer1.0.bn1').every((value) => value === 0)).toBe(true);
    expect(mean('layer2.0.bn1').some((value) => value !== 0)).toBe(true);
    for (const one of [x, detector]) one.release();
  });
});

describe('a backbone', () => {
  it.each(['resnet18-imagenet', 'resnet34-imagenet', 'resnet50-imagenet'])('may be %s', (model) => {
    const { config } = new BoxInst({ backbone: describeModel(model), classes: 80 });
    const blocks = model === 'resnet18-imagenet' ? [1, 1, 1] : [3, 5, 2];
    expect(config.backbone.outputs).toEqual(blocks.map((last, stage) => `layer${stage + 2}.${last}`));
    expect(config.backbone.nodes.at(-1)!.name).toBe(`layer4.${blocks[2]}`);
  });

  it('may be a chain without blocks', () => {
    const backbone = vgg({ model: 'chain', stages: [[4], [4], [8], [8], [12, 12], [16]], classes: 2 });
    const { config } = new BoxInst({ ...SMALL, backbone });
    expect(config.backbone.outputs).toHaveLength(3);
  });

  it('without its maps is refused with the strides that it has', () => {
    expect(() => new BoxInst({ ...SMALL, backbone: describeModel('resnet18') })).toThrow(
      'resnet18 has no map with a stride of 16, only of 1, 2, 4, 8; take a network for ImageNet, such as resnet50-imagenet',
    );
  });
});

describe('a description', () => {
  it('makes the same detector again', () => {
    const detector = new BoxInst({ ...SMALL, freezeAt: 1 });
    const again = BoxInst.of(JSON.parse(JSON.stringify(detector.describe())));
    const names = (of: BoxInst): string[] => of.namedParameters().map(([name, { shape }]) => `${name} ${shape}`);
    expect(names(again)).toEqual(names(detector));
    expect(again.describe()).toEqual(detector.describe());
  });

  it.each([
    [{ towers: -1 }, "a detector's configuration: towers is -1; a whole number from 0 to 16 is wanted"],
    [{ freezeAt: 7 }, "a detector's configuration: freezeAt is 7; a whole number from 0 to 5 is wanted"],
    [{ classes: 0 }, "a detector's configuration: classes is 0; a whole number from 1 to 65536 is wanted"],
    [{ backbone: 3 }, "a detector's configuration: backbone is 3; an object is wanted"],
    [{ backbone: { model: 'none' } }, 'size is missing'],
  ])('of other values is refused: %j', (wrong, message) => {
    const made = () => BoxInst.of({ ...new BoxInst(SMALL).describe(), ...wrong });
    expect(made).toThrow(AstroError);
    expect(made).toThrow(message);
  });
});
