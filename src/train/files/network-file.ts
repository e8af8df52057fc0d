// A network in a file: values by torch's names, and in the metadata all that is needed to use it again, so that a file needs no program that knows it.

import type { ChannelStats, HeldOutRule } from '../../data/index.ts';
import { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from '../../io/index.ts';
import { channelsOf, type Graph } from '../../models/index.ts';
import type { StateTensor } from '../../nn/index.ts';
import type { GateKind } from '../../prune/index.ts';

/** Prefix of gate maps, one tensor a layer: [rows, columns] for connections, else a vector. */
const GATE = 'gate.';
/** What files from before 0.1.0 call the normalization. */
const BEFORE_0_1 = 'normalisation';

/** Where a network's images lay when it was trained, so that its test images are found again. */
export interface DataSource {
  kind: 'CIFAR-10' | 'folder';
  /** The folder, as an absolute path. */
  path: string;
  /** The class folders by logit, where they are not the names of the classes. */
  folders?: readonly string[];
}

/** What a network was trained on, as far as its use needs it. */
export interface TrainedOn {
  /** Names of the classes, by logit. */
  classes: readonly string[];
  normalization: ChannelStats;
  /** Set when the images were drawn for want of real ones. */
  standIn?: boolean;
  /** Set where the images lie in a folder that was named. */
  source?: DataSource;
  /** For images of a folder: which of them were held out. */
  heldOut?: HeldOutRule;
}

/**
 * What a network's file holds: the graph, the weights, gates that are not folded in yet, and what it was trained on.
 */
export interface NetworkFile extends TrainedOn {
  graph: Graph;
  /** In torch layout. */
  dict: Map<string, StateTensor>;
  /** Gates that are not folded into the weights yet, by layer. */
  gates?: { kind: GateKind; maps: Map<string, StateTensor> };
}

/** Writes the file whole or not at all. Throws CheckpointError. */
export function writeNetwork(
  path: string,
  { graph, dict, gates, classes, normalization, standIn, source, heldOut }: NetworkFile,
): void {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of dict) tensors.set(name, { dtype: 'F32', shape, data });
  for (const [layer, { shape, data }] of gates?.maps ?? [])
    tensors.set(`${GATE}${layer}`, { dtype: 'F32', shape, data });
  const metadata = { model: graph.model, graph: JSON.stringify(graph), classes: JSON.stringify(classes) };
  writeSafetensors(path, tensors, {
    ...metadata,
    normalization: JSON.stringify(normalization),
    ...(gates && { gate: gates.kind }),
    ...(standIn && { data: 'stand-in' }),
    ...(source && { source: JSON.stringify(source) }),
    ...(heldOut && { heldOut: JSON.stringify(heldOut) }),
  });
}

/** Reads a network that writeNetwork wrote. Throws CheckpointError for another kind of file. */
export function readNetwork(path: string): NetworkFile {
  const { tensors, metadata } = readSafetensors(path);
  const parsed = <T>(key: string, before = key): T => {
    try {
      return JSON.parse(metadata[key] ?? metadata[before] ?? '') as T;
    } catch {
      const reason = metadata[key] === undefined ? `its metadata has no "${key}"` : `its "${key}" is not JSON`;
      throw new CheckpointError(path, `${reason}, so it is not a network's file of astrogpu`);
    }
  };
  const file: NetworkFile = {
    graph: parsed<Graph>('graph'),
    classes: parsed<string[]>('classes'),
    normalization: parsed<ChannelStats>('normalization', BEFORE_0_1),
    standIn: metadata.data === 'stand-in',
    dict: new Map(),
    ...(metadata.source !== undefined && { source: checkedSource(path, parsed('source')) }),
    ...(metadata.heldOut !== undefined && { heldOut: checkedHeldOut(path, parsed('heldOut')) }),
  };
  try {
    channelsOf(file.graph);
  } catch (error) {
    throw new CheckpointError(path, `its "graph" is none of astrogpu's (${(error as Error).message})`);
  }
  const maps = new Map<string, StateTensor>();
  for (const [name, { dtype, shape, data }] of tensors) {
    if (dtype !== 'F32') throw new CheckpointError(path, `tensor "${name}" is ${dtype}, a network's are F32`);
    const tensor = { shape, data: data as Float32Array };
    if (name.startsWith(GATE)) maps.set(name.slice(GATE.length), tensor);
    else file.dict.set(name, tensor);
  }
  if (maps.size > 0) file.gates = { kind: metadata.gate as GateKind, maps };
  return file;
}

function checkedSource(path: string, source: Partial<DataSource> | null): DataSource {
  const { kind, path: folder, folders = [] } = source ?? {};
  const isSource =
    (kind === 'CIFAR-10' || kind === 'folder') &&
    typeof folder === 'string' &&
    Array.isArray(folders) &&
    folders.every((name) => typeof name === 'string');
  if (!isSource)
    throw new CheckpointError(path, 'its "source" does not say where its images lay (kind, path and class folders)');
  return source as DataSource;
}

function checkedHeldOut(path: string, rule: Partial<HeldOutRule> | null): HeldOutRule {
  const { share, seed, exceptions, known } = rule ?? {};
  const areTexts = (list: unknown): boolean => Array.isArray(list) && list.every((text) => typeof text === 'string');
  const isRule =
    typeof share === 'number' &&
    share >= 0 &&
    share < 1 &&
    Number.isInteger(seed) &&
    areTexts(exceptions) &&
    typeof known === 'object' &&
    known !== null &&
    areTexts(Object.values(known));
  if (!isRule)
    throw new CheckpointError(
      path,
      'its "heldOut" does not say which images were held out (share, seed, exceptions, known)',
    );
  return rule as HeldOutRule;
}
