// What is not a product: normalization, elementwise ops, pooling, reductions, gates and optimizers. Memory decides their speed.
import { Adam, Sgd } from 'astrogpu/nn';
import {
  add,
  avgPool2d,
  backward,
  batchNorm,
  concat,
  crossEntropy,
  type GatedWeight,
  gateFeatures,
  gather,
  globalAvgPool,
  maskedWeights,
  max,
  maxPool2d,
  mul,
  noGrad,
  norm,
  permute,
  relu,
  resize,
  type Shape,
  scaledDotProductAttention,
  scope,
  softmax,
  sum,
  type Tensor,
  zeros,
} from 'astrogpu/tensor';
import { type Case, random, type SizeLimit, scaled } from './case.ts';

interface OpSpec {
  name: string;
  network: string;
  shape: string;
  inputs: Shape[];
  run(inputs: Tensor[], labels: Tensor): Tensor;
  /** How many labels the op takes, all 0. */
  labels?: number;
  /** Backward too, into the gradients of all inputs, from a random gradient of this shape ([1]: from 1). */
  gradient?: Shape;
  quick?: boolean;
}

function opCase({ name, network, shape, inputs, run, labels = 1, gradient, quick = false }: OpSpec): Case {
  return {
    ...{ name: gradient ? `${name}, forward + backward` : name, shape, network, quick },
    prepare(gpu) {
      const made = inputs.map((side, i) => random(gpu, side, i));
      const dy = gradient && random(gpu, gradient, 99);
      const classes = zeros(gpu, [labels], 'labels', 'u32');
      for (const input of made) input.requiresGrad = dy !== undefined;
      const both = (): undefined => {
        scope(() => {
          const y = run(made, classes);
          backward(y, y.size === 1 ? {} : { gradient: dy });
        });
      };
      const forward = (): Tensor => noGrad(() => scope(() => run(made, classes)));
      return {
        run: dy ? both : forward,
        outputs: () => (dy ? made.map(({ grad }) => grad!) : []),
        release() {
          for (const input of made) {
            input.grad?.release();
            input.release();
          }
          dy?.release();
          classes.release();
        },
      };
    },
  };
}

/** One update of `count` parameters. */
function optimizerCase(name: 'sgd, momentum' | 'adam', network: string, count: number): Case {
  return {
    ...{ name: `optimizer ${name}`, shape: `${count} parameters`, network, quick: false },
    prepare(gpu) {
      const [values, gradients] = [random(gpu, [count], 1), random(gpu, [count], 2)];
      const trained = { values, gradients };
      const optimizer =
        name === 'adam' ? new Adam(trained, { lr: 1e-6 }) : new Sgd(trained, { lr: 1e-6, momentum: 0.9 });
      return {
        run() {
          optimizer.step();
          return undefined;
        },
        outputs: () => [values],
        inPlace: true,
        release() {
          optimizer.release();
          for (const each of [values, gradients]) each.release();
        },
      };
    },
  };
}

export function opCases(limit: SizeLimit): Case[] {
  /** An activation of a network, as large as `limit` lets it be. */
  const activation = (network: string, batch: number, side: number, channels: number) => {
    const elements = side * side * channels;
    const { n, text } = scaled(batch, elements, elements, limit);
    return { network, x: [n, side, side, channels], shape: `${side}×${side}×${channels}, ${text}` };
  };
  const resnet = activation('ResNet18/34, CIFAR', 128, 32, 64);
  const deep = activation('ResNet18/34, CIFAR', 128, 4, 512);
  const resnet50 = activation('ResNet50, 224²', 64, 112, 64);
  const densenet = activation('DenseNet-BC-100-12, CIFAR', 64, 32, 108);
  const unet = activation('UNet AN, 256² maps', 3, 256, 16);
  const vit = scaled(32, 197 * 3072, 197 * 3072, limit);
  const tokens = { network: 'ViT-B/16, 224²', x: [vit.n * 197, 3072], shape: `${vit.n * 197}×3072, ${vit.text}` };
  const heads = { network: 'ViT-B/16, 224²', x: [vit.n, 197, 12, 64], shape: `197×12×64, ${vit.text}` };
  const attention = scaled(32, 12 * 197 * 197, 12 * 197 * 197, limit);
  const images = scaled(32, 4 * 12 * 64 * 197 * 197, 12 * 64 * 197, limit);
  const attended = {
    network: 'ViT-B/16, 224²',
    x: [images.n, 12, 197, 64],
    shape: `197×64, 12 heads, ${images.text}`,
  };

  const normalized = ({ network, x, shape }: typeof resnet, gradient?: Shape, quick = false): Case =>
    opCase({
      ...{ name: 'batch norm + relu', network, shape, inputs: [x, [x[3]], [x[3]]], gradient, quick },
      run: ([input, gamma, beta]) => batchNorm(input, gamma, beta, { training: true, relu: true }),
    });
  const simple = (
    name: string,
    { network, shape }: { network: string; shape: string },
    inputs: Shape[],
    run: OpSpec['run'],
    more: { gradient?: Shape; labels?: number; quick?: boolean } = {},
  ): Case => opCase({ name, network, shape, inputs, run, ...more });
  const weight = { network: 'ResNet18/34, CIFAR', shape: '3×3 512→512' };
  const kernel: Shape = [3, 3, 512, 512];
  const connections = (w: Tensor): GatedWeight => ({ weight: w, gate: 'connection', at: 0 });
  const half = (x: Shape): Shape => [x[0], x[1] / 2, x[2] / 2, x[3]];

  return [
    normalized(resnet, undefined, true),
    normalized(resnet, resnet.x),
    normalized(deep),
    normalized(deep, deep.x),
    simple('add', resnet, [resnet.x, resnet.x], ([a, b]) => add(a, b), { quick: true }),
    simple('relu', resnet, [resnet.x], ([x]) => relu(x)),
    simple('relu', resnet, [resnet.x], ([x]) => relu(x), { gradient: resnet.x }),
    simple('multiply by channel', resnet, [resnet.x, [64]], ([x, p]) => mul(x, p)),
    simple('add bias', tokens, [tokens.x, [3072]], ([x, b]) => add(x, b), { gradient: tokens.x }),
    simple('concat', densenet, [densenet.x, [...densenet.x.slice(0, 3), 12]], (both) => concat(both, 3)),
    simple('permute, heads first', heads, [heads.x], ([x]) => permute(x, [0, 2, 1, 3])),
    simple('permute, NHWC to NCHW', resnet50, [resnet50.x], ([x]) => permute(x, [0, 3, 1, 2])),
    simple(
      'rows by index',
      { network: 'embedding', shape: '128 of 50,000×64' },
      [[50000, 64]],
      ([table], labels) => gather(table, labels),
      {
        labels: 128,
        gradient: [128, 64],
      },
    ),
    simple('resize ×2, bilinear', unet, [unet.x], ([x]) => resize(x, { scale: 2, mode: 'bilinear' }), {
      gradient: [unet.x[0], 2 * unet.x[1], 2 * unet.x[2], unet.x[3]],
    }),
    simple('max pool 2×2', unet, [unet.x], ([x]) => maxPool2d(x, { kernel: 2 }), { gradient: half(unet.x) }),
    simple('max pool 3×3 s2', resnet50, [resnet50.x], ([x]) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }), {
      gradient: half(resnet50.x),
    }),
    simple('average pool 2×2', densenet, [densenet.x], ([x]) => avgPool2d(x, { kernel: 2 }), {
      gradient: half(densenet.x),
    }),
    simple('global average pool', deep, [deep.x], ([x]) => globalAvgPool(x)),
    simple('sum over rows', tokens, [tokens.x], ([x]) => sum(x, 0), { quick: true }),
    simple('largest of all', resnet, [resnet.x], ([x]) => max(x)),
    simple('norm of all', { network: weight.network, shape: '11173962 values' }, [[11173962]], ([x]) => norm(x)),
    simple(
      'softmax of rows',
      { network: tokens.network, shape: `197×197, 12 heads, ${attention.text}` },
      [[attention.n * 12 * 197, 197]],
      ([x]) => softmax(x),
    ),
    ...[undefined, attended.x].map((gradient) =>
      simple(
        'attention',
        attended,
        [attended.x, attended.x, attended.x],
        ([q, k, v]) => scaledDotProductAttention(q, k, v),
        { gradient },
      ),
    ),
    simple(
      'cross-entropy',
      { network: weight.network, shape: '128×10' },
      [[128, 10]],
      ([x], labels) => crossEntropy(x, labels),
      { labels: 128, gradient: [1] },
    ),
    simple('masked weight', weight, [kernel, [512 * 512]], ([w, p]) => maskedWeights([connections(w)], p)[0], {
      quick: true,
    }),
    simple('masked weight', weight, [kernel, [512 * 512]], ([w, p]) => maskedWeights([connections(w)], p)[0], {
      gradient: kernel,
    }),
    simple('gate features, mean', weight, [kernel], ([w]) => gateFeatures([connections(w)], { kind: 'avg' })),
    simple('gate features, largest', weight, [kernel], ([w]) => gateFeatures([connections(w)], { kind: 'max' })),
    optimizerCase('sgd, momentum', 'ResNet18, CIFAR', 11173962),
    optimizerCase('adam', 'UNet AN', 242882),
  ];
}
