// What the networks of a job start from where it is given: weights of another training. Their head is left out where it tells other classes apart, and starts anew.
import { copyFileSync, existsSync } from 'node:fs';
import type { TaskImages } from '../../data/index.ts';
import { AstroError, ConfigError, type Gpu } from '../../gpu/index.ts';
import { CheckpointError, readWeights, type StoredTensor, writeSafetensors } from '../../io/index.ts';
import { classifierOf, describeModel, type Graph, Network, resizedGraph } from '../../models/index.ts';
import { StateDictError } from '../../nn/index.ts';
import type { JobConfig } from '../config.ts';
import { type NetworkFile, readNetwork } from '../files/network-file.ts';
import { folded } from '../files/network-tensors.ts';
import { ClassifierError, type LoadedWeights, loadNetworkWeights } from '../files/weights.ts';
import { networkOptions } from '../stages/build.ts';
import { startingWeightsPath } from './run-folder.ts';

/** Copies the weights that a run starts from into its folder, as one file. */
export function keepWeights(folder: string, file: string): void {
  const { files, tensors } = readWeights(file);
  if (files.length === 1) copyFileSync(files[0], startingWeightsPath(folder));
  else writeSafetensors(startingWeightsPath(folder), tensors);
}

/** The folder's copy if there is one, else the file. */
export const keptWeights = (folder: string, file: string): string =>
  existsSync(startingWeightsPath(folder)) ? startingWeightsPath(folder) : file;

/** Weights to start from, as a file has them. */
export interface StartingWeights {
  /** As it was named: a file, an index, or a folder. */
  file: string;
  /** The safetensors files that they are in. */
  files: readonly string[];
  tensors: ReadonlyMap<string, StoredTensor>;
  metadata: Readonly<Record<string, string>>;
  /** What the file says of its network, where astrogpu wrote it. */
  network?: Pick<NetworkFile, 'graph' | 'classes'>;
}

/** Reads weights, in one file or several: a network of astrogpu, its gates folded in, or tensors under torch's names. Throws CheckpointError for a run's checkpoint and what is no safetensors. */
export function readStartingWeights(file: string): StartingWeights {
  const { tensors, metadata, files } = readWeights(file);
  if (metadata.format?.startsWith('astrogpu checkpoint'))
    throw new CheckpointError(
      file,
      "this is a run's checkpoint; name a network beside it, such as plain-NN.safetensors",
    );
  if (metadata.graph === undefined) return { file, files, tensors, metadata };
  const { graph, dict, classes } = folded(readNetwork(files[0]));
  return {
    file,
    files,
    metadata,
    tensors: new Map([...dict].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }])),
    network: { graph, classes },
  };
}

/** What of a configuration decides a network that starts from weights. */
export type StartingConfig = Pick<JobConfig, 'model' | 'width'> & Partial<Pick<JobConfig, 'dropPath' | 'recompute'>>;

/** The network that starts from them, for a set's classes and size, without memory. Throws ConfigError for a width in place of the file's own. */
export function startingNetwork(
  { file, network }: StartingWeights,
  { model, width, ...trained }: StartingConfig,
  { classes, height }: Pick<TaskImages, 'classes' | 'height'>,
): Network {
  const options = networkOptions(trained);
  if (!network) return new Network(describeModel(model, { classes: classes.length, width, size: height }), options);
  if (width !== 1)
    throw new ConfigError('width', (name) => `${name('width', width)}: ${file} has a network of its own width`);
  return new Network(withClasses(resizedGraph(network.graph, height), classes.length), options);
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
 * Fills a network, without the head where it has another number of classes, or names others. Says what was left out, and which places were interpolated. Throws CheckpointError that lists what else does not fit.
 */
export function fillFrom(start: StartingWeights, network: Network, classes: readonly string[]): LoadedWeights {
  const { file, tensors } = start;
  const others = start.network !== undefined && start.network.classes.join('\n') !== classes.join('\n');
  const load = (classifier: 'load' | 'skip') => loadNetworkWeights(network, tensors, { classifier });
  try {
    return load(others ? 'skip' : 'load');
  } catch (error) {
    if (error instanceof ClassifierError && !others) return load('skip');
    throw error instanceof StateDictError ? new CheckpointError(file, error.message).listing(error.details) : error;
  }
}

/** Finds out whether a job's networks can start from weights, and what of them. Throws as startingNetwork() and fillFrom() do. */
export function checkStart(
  gpu: Gpu,
  start: StartingWeights,
  config: StartingConfig,
  train: Pick<TaskImages, 'classes' | 'height'>,
): LoadedWeights {
  const network = startingNetwork(start, config, train).to(gpu, 0);
  try {
    return fillFrom(start, network, train.classes);
  } finally {
    network.release();
  }
}
