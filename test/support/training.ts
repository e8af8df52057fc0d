// Stages small enough for tests: a ResNet of two narrow blocks on quarter-size drawn images, alone or under an astrocyte with T = 2.
import { createHash } from 'node:crypto';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { featuresOf, type InputKind } from '../../src/astro/features.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { Regulator } from '../../src/astro/regulation.ts';
import { type ImageSet, takeImages } from '../../src/data/image/image-set.ts';
import { DeviceData } from '../../src/data/loader/device-data.ts';
import { drawStandIn } from '../../src/data/synthetic/stand-in.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { Network, type NetworkOptions } from '../../src/models/network.ts';
import { resnet } from '../../src/models/zoo/resnet.ts';
import type { Precision } from '../../src/nn/arena.ts';
import type { Module } from '../../src/nn/module.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { configure } from '../../src/train/config.ts';
import { Evaluator } from '../../src/train/stages/evaluate.ts';
import { type GuideOptions, GuideStage } from '../../src/train/stages/guide.ts';
import type { NnRecipe } from '../../src/train/stages/nn-learner.ts';
import { type SearchOptions, SearchStage, splitForSearch } from '../../src/train/stages/search.ts';
import type { Stage } from '../../src/train/stages/stage.ts';
import { gpu } from './gpu.ts';

const drawn = drawStandIn({ train: 256, test: 64, seed: 5 });
export const SIDE = 16;

/** Every other pixel of every other row of some images. */
export function quarter(set: ImageSet, which: number | number[]): ImageSet {
  const { images: pixels, width, ...taken } = takeImages(set, which);
  const images = new Uint8Array(taken.count * SIDE * SIDE * 3);
  for (let row = 0; row < taken.count * SIDE; row++)
    for (let x = 0; x < SIDE; x++) {
      const from = (2 * row * width + 2 * x) * 3;
      images.set(pixels.subarray(from, from + 3), (row * SIDE + x) * 3);
    }
  return { ...taken, images, height: SIDE, width: SIDE };
}

export const trainImages = (count: number): ImageSet => quarter(drawn.train, count);
export const testImages = (count: number): ImageSet => quarter(drawn.test, count);

const DEFAULTS = configure({ recipe: 'paper' }, { software: true, available: { train: 24, test: 20 } });

export const RECIPE: NnRecipe = { ...DEFAULTS, batch: 8, labelSmoothing: 0.1 };

export interface MadeStage<S extends Stage> {
  stage: S;
  release(): void;
}

export interface MakeOptions {
  seed?: number;
  images?: number;
  widths?: number[];
  /** In place of the ResNet. */
  graph?: Graph;
  /** How it is trained. */
  trained?: NetworkOptions;
  precision?: Precision;
  /** What the astrocyte sees. */
  input?: InputKind;
  recipe?: Partial<NnRecipe>;
  gate?: GateKind;
}

const releasing =
  (...parts: { release(): void }[]) =>
  (): void => {
    for (const part of parts) part.release();
  };

function networks(
  seed: number,
  { widths = [4, 8], graph, trained, precision, input, gate = 'connection' }: MakeOptions,
  backpropThroughGates = false,
) {
  const network = new Network(
    graph ?? resnet({ model: 'tiny', blocks: [1, 1], widths, classes: 10, stem: 'cifar' }),
    trained,
  ).to(gpu, seed, { precision });
  const astrocyte = new Astrocyte({ inputs: featuresOf(input) }).to(gpu, seed);
  const regulator = new Regulator(gpu, new GateLayout(network, gate), astrocyte, {
    T: 2,
    mode: 'replace',
    feature: 'mixture',
    absolute: false,
    input,
    norm: 'mean',
    backpropThroughGates,
  });
  return { network, astrocyte, regulator };
}

/** A guide of `images / batch` steps an epoch, under an astrocyte if `regulated`. */
export function guideStage({
  regulated = false,
  seed = 1,
  images = 32,
  sets,
  widths,
  graph,
  trained,
  precision,
  input,
  recipe,
  gate,
  ...options
}: MakeOptions & {
  regulated?: boolean;
  sets?: { train: ImageSet; test: ImageSet };
} & Partial<GuideOptions> = {}): MadeStage<GuideStage> {
  const { network, astrocyte, regulator } = networks(seed, { widths, graph, trained, precision, input, gate });
  const train = new DeviceData(gpu, sets?.train ?? trainImages(images));
  const test = new DeviceData(gpu, sets?.test ?? testImages(20));
  const evaluator = new Evaluator(test, 16);
  const stage = new GuideStage(gpu, network, train, evaluator, regulated ? regulator : undefined, {
    ...RECIPE,
    ...recipe,
    arm: regulated ? 'random AN' : 'plain NN',
    epochs: 2,
    seed,
    guideEvery: 2,
    settle: 0.25,
    threshold: 0.5,
    ...options,
  });
  return { stage, release: releasing(stage, evaluator, train, test, regulator, astrocyte, network) };
}

/** A search of two pairs of batches an epoch (where it alternates by epoch: two of the network, then one of the astrocyte). */
export function searchStage({
  seed = 1,
  images = 24,
  widths,
  graph,
  trained,
  precision,
  input,
  recipe,
  through = false,
  ...options
}: MakeOptions & { through?: boolean } & Partial<SearchOptions> = {}): MadeStage<SearchStage> {
  const { network, astrocyte, regulator } = networks(seed, { widths, graph, trained, precision, input }, through);
  const set = trainImages(images);
  const split = splitForSearch(images, 1 / 3, seed);
  const [nnData, anData] = [split.nn, split.an].map((which) => new DeviceData(gpu, takeImages(set, which)));
  const stage = new SearchStage(gpu, network, regulator, nnData, anData, 16, {
    ...DEFAULTS,
    ...RECIPE,
    ...recipe,
    arm: 'trained AN',
    threshold: 0.5,
    searchEpochs: 2,
    seed,
    ...options,
  });
  return { stage, release: releasing(stage, nnData, anData, regulator, astrocyte, network) };
}

/** Runs steps `from` to `to` (the latter not included), and what follows each epoch. */
export async function runSteps(stage: Stage, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    await stage.step(i);
    if ((i + 1) % stage.stepsPerEpoch === 0) await stage.endEpoch((i + 1) / stage.stepsPerEpoch - 1);
  }
}

/** What a checkpoint is made of. */
export function checkpointParts(stage: Stage) {
  const modules = new Map<string, Module>([['nn', stage.network]]);
  if (stage.regulator?.astrocyte) modules.set('an', stage.regulator.astrocyte);
  return { modules, tensors: stage.tensors() };
}

/** A digest of each tensor that a stage lives from, by name: equal exactly if all bits are. */
export async function fingerprint(stage: Stage): Promise<Record<string, string>> {
  const { modules, tensors } = checkpointParts(stage);
  const all = new Map(tensors);
  for (const [name, { arena, bufferArena }] of modules) {
    all.set(name, arena.values);
    if (bufferArena) all.set(`${name} buffers`, bufferArena.values);
  }
  const digests: Record<string, string> = {};
  for (const [name, tensor] of all) {
    const data = await tensor.data();
    digests[name] = createHash('sha256')
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      .digest('hex')
      .slice(0, 16);
  }
  return digests;
}
