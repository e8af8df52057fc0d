// ONNX files under test: what onnxruntime computes from them, and how far that is from what the network computes.
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import { loadCifar10 } from '../../src/data/cifar10/cifar10.ts';
import { CIFAR10_NORMALIZATION } from '../../src/data/loader/device-data.ts';
import { type OnnxOptions, toOnnx } from '../../src/export/onnx/onnx.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { Network } from '../../src/models/network.ts';
import { EVAL } from '../../src/nn/module.ts';
import { loadStateDict, type StateTensor, stateDict } from '../../src/nn/state-dict.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { gpu } from './gpu.ts';
import { generator } from './random.ts';
import { toNchw, toNhwc } from './torch.ts';

// Threads would be workers, which gain nothing on inputs as small as these.
env.wasm.numThreads = 1;
env.logLevel = 'error';

/** N×H×W×C values, or N×C. */
export interface Images {
  values: Float32Array;
  shape: readonly number[];
}

const loaded = loadCifar10({ allowDownload: false, offlineStandIn: { train: 10, test: 50 } });

/** Test images of CIFAR-10 ($CIFAR10_DIR, or the project's own folder), else drawn ones: pixels from 0 to 1, each of them `enlarged` times as wide and high. */
export async function pixels(count: number, enlarged = 1): Promise<Images> {
  const { test } = await loaded;
  const side = test.width * enlarged;
  const values = new Float32Array(count * side * side * 3);
  for (let i = 0; i < values.length; i++) {
    const [c, x, y, n] = [
      i % 3,
      Math.floor(i / 3) % side,
      Math.floor(i / 3 / side) % side,
      Math.floor(i / 3 / side ** 2),
    ];
    const row = n * test.height + Math.floor(y / enlarged);
    values[i] = test.images[(row * test.width + Math.floor(x / enlarged)) * 3 + c] / 255;
  }
  return { values, shape: [count, side, side, 3] };
}

/** Pixels as a network takes them. */
export function normalized({ values, shape }: Images): Images {
  const { mean, std } = CIFAR10_NORMALIZATION;
  return { values: values.map((value, i) => (value - mean[i % 3]) / std[i % 3]), shape };
}

/**
 * A state dict for a graph: the initial weights, with normalizations and constants as training might leave them. Variances are those of no data, so values shrink or grow
 * with depth; γ around 1 and variances around 1 keep that within float32.
 */
export async function randomState(graph: Graph, seed: number): Promise<Map<string, StateTensor>> {
  const network = new Network(graph).to(gpu, seed);
  const dict = await stateDict(network);
  network.release();
  const next = generator(seed);
  const fill = (name: string, low: number, high: number): void => {
    dict.get(name)?.data.forEach((_, i, data) => {
      data[i] = low + (high - low) * next();
    });
  };
  for (const name of dict.keys())
    if (name.endsWith('.running_var')) {
      const norm = name.slice(0, -'.running_var'.length);
      fill(name, 0.5, 2);
      fill(`${norm}.running_mean`, -0.3, 0.3);
      fill(`${norm}.weight`, 0.5, 1.5);
      fill(`${norm}.bias`, -0.3, 0.3);
    } else if (name.endsWith('.bias') && dict.get(name)!.shape.length === 1) fill(name, -0.3, 0.3);
  return dict;
}

/** Our own logits, N×classes. */
export async function networkLogits(
  graph: Graph,
  dict: ReadonlyMap<string, StateTensor>,
  images: Images,
): Promise<Float32Array> {
  const network = new Network(graph).to(gpu, 1);
  loadStateDict(network, dict);
  const x = tensor(gpu, images.values, images.shape, 'images');
  const y = noGrad(() => scope(() => network.forward(x, EVAL)));
  const logits = await y.floats();
  for (const made of [x, y, network]) made.release();
  return logits;
}

/** onnxruntime's logits, N×classes. It checks the file before: names, types, shapes and operators. */
export const onnxLogits = async (bytes: Uint8Array, images: Images): Promise<Float32Array> =>
  (await onnxValues(bytes, { images })).logits;

/** onnxruntime's value for each output of a file, maps as N×H×W×C. */
export async function onnxValues(
  bytes: Uint8Array,
  images: Record<string, Images>,
): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const inputs = Object.entries(images).map(([name, { values, shape }]) => {
    const sides = shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape;
    return [name, new OrtTensor('float32', shape.length === 4 ? toNchw(values, shape) : values, sides)];
  });
  const results = await session.run(Object.fromEntries(inputs));
  const outputs = Object.entries(results).map(([name, { data, dims }]) => {
    const values = Float32Array.from(data as Float32Array);
    return [name, dims.length === 4 ? toNhwc(values, dims) : values] as const;
  });
  await session.release();
  return Object.fromEntries(outputs);
}

/** The largest |difference| of two sets of logits in parts of the largest |logit|. */
export function logitsError(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0) / largest;
}

/**
 * How far onnxruntime's logits are from ours, see logitsError, and how far apart the logits of the first two images are in the same measure: a comparison says
 * something only where that is much more.
 */
export async function compareOnnx(
  graph: Graph,
  dict: ReadonlyMap<string, StateTensor>,
  images: Images,
  options?: OnnxOptions,
): Promise<{ error: number; spread: number }> {
  const ours = await networkLogits(graph, dict, options?.mean ? normalized(images) : images);
  const theirs = await onnxLogits(toOnnx(graph, dict, options), images);
  const classes = ours.length / images.shape[0];
  return {
    error: logitsError(theirs, ours),
    spread: logitsError(ours.slice(classes, 2 * classes), ours.slice(0, classes)),
  };
}
