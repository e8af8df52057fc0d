// What the networks of a job start from where it is given: weights of another training. Their head is left out where it tells other classes apart, and starts anew.
import { copyFileSync, existsSync } from 'node:fs';
import type { ImageSet } from '../../data/index.ts';
import { AstroError, ConfigError, type Gpu } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors, type StoredTensor } from '../../io/index.ts';
import { classifierOf, describeModel, type Graph, Network } from '../../models/index.ts';
import { StateDictError } from '../../nn/index.ts';
import type { JobConfig } from '../config.ts';
import { type NetworkFile, readNetwork } from '../files/network-file.ts';
import { ClassifierError, loadNetworkWeights } from '../files/weights.ts';
import { folded } from './compaction.ts';
import { startingWeightsPath } from './run-folder.ts';

/** Copies the weights that a run starts from into its folder. */
export const keepWeights = (folder: string, file: string): void => copyFileSync(file, startingWeightsPath(folder));

/** The folder's copy if there is one, else the file. */
export const keptWeights = (folder: string, file: string): string =>
  existsSync(startingWeightsPath(folder)) ? startingWeightsPath(folder) : file;

/** Weights to start from, as a file has them. */
export interface StartingWeights {
  file: string;
  tensors: ReadonlyMap<string, StoredTensor>;
  metadata: Readonly<Record<string, string>>;
  /** What the file says of its network, where astrogpu wrote it. */
  network?: Pick<NetworkFile, 'graph' | 'classes'>;
}

/** Reads weights: a network of astrogpu, its gates folded in, or tensors under torch's names. Throws CheckpointError for a run's checkpoint and what is no safetensors. */
export function readStartingWeights(file: string): StartingWeights {
  const { tensors, metadata } = readSafetensors(file);
  if (metadata.format?.startsWith('astrogpu checkpoint'))
    throw new CheckpointError(
      file,
      "this is a run's checkpoint; name a network beside it, such as plain-NN.safetensors",
    );
  if (metadata.graph === undefined) return { file, tensors, metadata };
  const { graph, dict, classes } = folded(readNetwork(file));
  return {
    file,
    metadata,
    tensors: new Map([...dict].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }])),
    network: { graph, classes },
  };
}

/** The network that starts from them, for a set's classes and size, without memory. Throws ConfigError for a width in place of the file's own. */
export function startingNetwork(
  { file, network }: StartingWeights,
  { model, width }: Pick<JobConfig, 'model' | 'width'>,
  { classes, height }: Pick<ImageSet, 'classes' | 'height'>,
): Network {
  if (!network) return new Network(describeModel(model, { classes: classes.length, width, size: height }));
  if (width !== 1)
    throw new ConfigError('width', (name) => `${name('width', width)}: ${file} has a network of its own width`);
  return new Network(withClasses({ ...network.graph, size: height }, classes.length));
}

function withClasses(graph: Graph, classes: number): Graph {
  const head = classifierOf(graph);
  if (!head) throw new AstroError(`${graph.model} tells no classes apart, so there is nothing to train it on`);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => (node.name === head.node ? { ...node, outputs: classes } : node)),
  };
}

/**
 * Fills a network, and returns the file's names of the head where that is left out: it has another number of classes, or names others. Throws CheckpointError that lists what else does not fit.
 */
export function fillFrom(start: StartingWeights, network: Network, classes: readonly string[]): string[] {
  const { file, tensors } = start;
  const others = start.network !== undefined && start.network.classes.join('\n') !== classes.join('\n');
  const load = (classifier: 'load' | 'skip'): string[] => loadNetworkWeights(network, tensors, { classifier }).skipped;
  try {
    return load(others ? 'skip' : 'load');
  } catch (error) {
    if (error instanceof ClassifierError && !others) return load('skip');
    throw error instanceof StateDictError ? new CheckpointError(file, error.message) : error;
  }
}

/** What is known of weights before a job begins with them. */
export interface CheckedStart {
  /** The file's names of the head that is left out. */
  skipped: readonly string[];
}

/** Finds out whether a job's networks can start from weights. Throws as startingNetwork() and fillFrom() do. */
export function checkStart(
  gpu: Gpu,
  start: StartingWeights,
  config: Pick<JobConfig, 'model' | 'width'>,
  train: Pick<ImageSet, 'classes' | 'height'>,
): CheckedStart {
  const network = startingNetwork(start, config, train).to(gpu, 0);
  try {
    return { skipped: fillFrom(start, network, train.classes) };
  } finally {
    network.release();
  }
}
