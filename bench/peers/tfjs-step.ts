// The training step in TensorFlow.js: the network as functions of variables that carry astrogpu's names, trained by optimizer.minimize().
import type { Scalar, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { PreparedTask, StepTask, Weights } from './comparison.ts';
import { blocksOf, firstStep } from './step-task.ts';
import type { TfjsBackend } from './tfjs-peer.ts';

const EPSILON = 1e-5;
/** Weight of a batch in the running statistics. */
const RUNNING = 0.1;

/** Parameters and running statistics by name. */
interface Variables {
  trained: Map<string, Variable>;
  running: Map<string, Variable>;
}

/** `initial` is asked for at the first step: the weights to start from. */
export function tfjsStep(peer: TfjsBackend, task: StepTask, initial: () => Weights): PreparedTask {
  const { tf, idle } = peer;
  const images = tf.tensor4d(task.images, task.shape as [number, number, number, number]);
  const classes = tf.tensor1d(Int32Array.from(task.labels), 'int32');
  const labels = tf.oneHot(classes, task.classes);
  const optimizer = tf.train.momentum(task.rate, task.momentum);
  const variables: Variables = { trained: new Map(), running: new Map() };
  const { trained, running } = variables;
  const loss = (): Scalar => tf.losses.softmaxCrossEntropy(labels, forward(peer, variables, images));
  const step = (): Scalar => optimizer.minimize(loss, true, [...trained.values()])!;
  return {
    run: () => step().dispose(),
    idle,
    async results() {
      const before = initial();
      for (const [name, { shape, values }] of before) {
        trained.set(name, tf.variable(tf.tensor(values, [...shape])));
        if (shape.length > 1 || !name.endsWith('.weight')) continue;
        const norm = name.slice(0, -'.weight'.length);
        running.set(`${norm}.mean`, tf.variable(tf.zeros([...shape]), false));
        running.set(`${norm}.variance`, tf.variable(tf.ones([...shape]), false));
      }
      const first = step();
      const value = Float32Array.from(await first.data());
      first.dispose();
      const after = new Map<string, Float32Array>();
      for (const [name, variable] of trained) after.set(name, Float32Array.from(await variable.data()));
      return firstStep(value, before, after);
    },
    release() {
      optimizer.dispose();
      tf.dispose([images, classes, labels, ...trained.values(), ...running.values()]);
    },
  };
}

/** The CIFAR ResNet of these variables: images to logits. */
function forward(peer: TfjsBackend, variables: Variables, images: Tensor4D): Tensor2D {
  const { tf } = peer;
  const { trained } = variables;
  const conv = (x: Tensor4D, name: string, stride = 1): Tensor4D => {
    const weight = trained.get(`${name}.weight`) as unknown as Tensor4D;
    return tf.conv2d(x, weight, stride, weight.shape[0] >> 1);
  };
  const norm = (x: Tensor4D, name: string): Tensor4D => batchNorm(peer, variables, x, name);
  let x = tf.relu(norm(conv(images, 'conv1'), 'bn1'));
  for (const { name, stride } of blocksOf((name) => trained.has(name))) {
    const inner = tf.relu(norm(conv(x, `${name}.conv1`, stride), `${name}.bn1`));
    const through = norm(conv(inner, `${name}.conv2`), `${name}.bn2`);
    const shortcut = trained.has(`${name}.downsample.0.weight`)
      ? norm(conv(x, `${name}.downsample.0`, stride), `${name}.downsample.1`)
      : x;
    x = tf.relu(tf.add(through, shortcut));
  }
  const pooled = tf.mean(x, [1, 2]) as Tensor2D;
  return tf.add(tf.matMul(pooled, trained.get('fc.weight') as unknown as Tensor2D), trained.get('fc.bias')!);
}

/** In training mode: statistics of the batch, which also move the running ones (unbiased, as astrogpu's and torch's do). */
function batchNorm({ tf }: TfjsBackend, { trained, running }: Variables, x: Tensor4D, name: string): Tensor4D {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const [n, h, w] = x.shape;
  const unbiased = (n * h * w) / (n * h * w - 1);
  const move = (key: string, value: typeof mean, factor: number): void => {
    const variable = running.get(`${name}.${key}`)!;
    variable.assign(tf.add(tf.mul(variable, 1 - RUNNING), tf.mul(value, RUNNING * factor)));
  };
  move('mean', mean, 1);
  move('variance', variance, unbiased);
  const scale = trained.get(`${name}.weight`) as unknown as Tensor2D;
  const shift = trained.get(`${name}.bias`) as unknown as Tensor2D;
  return tf.batchNorm(x, mean as Tensor2D, variance as Tensor2D, shift, scale, EPSILON) as Tensor4D;
}
