// A network as tensors and texts: values by torch's names, and in the metadata all that is needed to use it again, so that a file needs no program that knows it. Files of it are
// network-file.ts's; a page has the bytes alone.
import * as v from 'valibot';
import type { ChannelStats, HeldOutRule, Interpolation, SourceChoice } from '../../data/index.ts';
import { ArgumentError, checked, needArguments, parseJson } from '../../gpu/index.ts';
import { type Graph, GraphError, networkCost } from '../../models/index.ts';
import {
  CheckpointError,
  checkSeal,
  encodeSafetensors,
  isIgnored,
  openSafetensors,
  type SafetensorsFile,
  type StateTensor,
  type StoredTensor,
  seal,
  sha256,
  tensorsOf,
} from '../../nn/index.ts';
import { foldGates, type GateKind } from '../../prune/index.ts';

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
  /** What was said of the set besides, paths as absolute ones. */
  choice?: SourceChoice;
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
  /** Pixels of the images' short side before the middle is cut out, where they are more than the graph's size. */
  resize?: number;
  /** How they are resized, as Pillow does; without it as decodeImage() does. */
  interpolation?: Interpolation;
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

/** The tensors and the metadata of a network's file. */
export function storedNetwork(file: NetworkFile): SafetensorsFile {
  needArguments('writeNetwork', 'an object', { file });
  const { graph, dict, gates, classes, normalization, standIn, source, heldOut, resize, interpolation } = file;
  needArguments('writeNetwork', 'an object', { graph });
  needArguments('writeNetwork', Map, { dict });
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of dict) tensors.set(name, { dtype: 'F32', shape, data });
  for (const [layer, { shape, data }] of gates?.maps ?? [])
    tensors.set(`${GATE}${layer}`, { dtype: 'F32', shape, data });
  const metadata = { model: graph.model, graph: JSON.stringify(graph), classes: JSON.stringify(classes) };
  const written = {
    ...metadata,
    normalization: JSON.stringify(normalization),
    ...(gates && { gate: gates.kind }),
    ...(standIn && { data: 'stand-in' }),
    ...(source && { source: JSON.stringify(source) }),
    ...(heldOut && { heldOut: JSON.stringify(heldOut) }),
    ...(resize && { resize: String(resize) }),
    ...(interpolation && { interpolation }),
  };
  return { tensors, metadata: written };
}

const texts = v.array(v.string());
const finite = v.pipe(v.number(), v.finite('a finite number'));
const positive = v.pipe(
  finite,
  v.check((value) => value > 0, 'a number above 0'),
);

const NORMALIZATION = v.looseObject({ mean: v.array(finite), std: v.array(positive) });
const text = v.exactOptional(v.string());
const SOURCE = v.looseObject({
  kind: v.picklist(['CIFAR-10', 'folder']),
  path: v.string(),
  folders: v.exactOptional(texts),
  choice: v.exactOptional(v.looseObject({ split: text, labels: text, labelField: text, test: text })),
});
const HELD_OUT = v.looseObject({
  share: v.pipe(
    v.number(),
    v.check((share) => share >= 0 && share < 1, 'a number from 0 to below 1'),
  ),
  seed: v.pipe(v.number(), v.safeInteger('a whole number')),
  exceptions: texts,
  known: v.record(v.string(), v.string()),
});
const SIDE = v.pipe(v.number(), v.integer('a whole number'), v.minValue(1, 'a number from 1'));
const INTERPOLATION = v.picklist(['bilinear', 'bicubic']);
const GATE_KIND = v.picklist(['connection', 'filter', 'channel']);

/** What storedNetwork() made a file of, which messages call `path`. Throws CheckpointError for another kind of file, and names the place in its metadata that is of another type. */
export function networkOf(path: string, { tensors, metadata }: SafetensorsFile): NetworkFile {
  if (metadata.detector !== undefined)
    throw new CheckpointError(path, `this is a detector (${metadata.detector}), no network that tells classes apart`);
  const refuse = (key: string) => (reason: string) =>
    new CheckpointError(path, `its "${key}" is none of astrogpu's (${reason})`);
  const parsed = (key: string, text = metadata[key]): unknown => {
    if (text === undefined)
      throw new CheckpointError(path, `its metadata has no "${key}", so it is not a network's file of astrogpu`);
    return parseJson(text, refuse(key));
  };
  const graph = parsed('graph') as Graph;
  try {
    networkCost(graph);
  } catch (error) {
    throw error instanceof GraphError || error instanceof ArgumentError ? refuse('graph')(error.message) : error;
  }
  const value = <S extends v.GenericSchema>(key: string, schema: S, text?: string): v.InferOutput<S> =>
    checked(schema, parsed(key, text), refuse(key));
  const file: NetworkFile = {
    graph,
    classes: value('classes', texts),
    normalization: value('normalization', NORMALIZATION, metadata.normalization ?? metadata[BEFORE_0_1]),
    standIn: metadata.data === 'stand-in',
    dict: new Map(),
    ...(metadata.source !== undefined && { source: value('source', SOURCE) }),
    ...(metadata.heldOut !== undefined && { heldOut: value('heldOut', HELD_OUT) }),
    ...(metadata.resize !== undefined && { resize: value('resize', SIDE) }),
    ...(metadata.interpolation !== undefined && {
      interpolation: checked(INTERPOLATION, metadata.interpolation, refuse('interpolation')),
    }),
  };
  const maps = new Map<string, StateTensor>();
  for (const [name, { dtype, shape, data }] of tensors) {
    if (isIgnored(name)) continue;
    if (dtype !== 'F32') throw new CheckpointError(path, `tensor "${name}" is ${dtype}, a network's are F32`);
    const tensor = { shape, data: data as Float32Array };
    if (name.startsWith(GATE)) maps.set(name.slice(GATE.length), tensor);
    else file.dict.set(name, tensor);
  }
  if (maps.size > 0) file.gates = { kind: checked(GATE_KIND, metadata.gate, refuse('gate')), maps };
  return file;
}

/** A network's file without gates: they are multiplied into what they gate. */
export function folded(file: NetworkFile): NetworkFile {
  const { graph, dict, gates } = file;
  if (!gates) return file;
  const values = new Map([...gates.maps].map(([layer, { data }]) => [layer, data]));
  return { ...file, gates: undefined, dict: foldGates(graph, dict, values, gates.kind) };
}

/** The bytes of a network's file, as writeNetwork() writes them. Throws CheckpointError. */
export async function packNetwork(file: NetworkFile): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, metadata } = storedNetwork(file);
  const encoded = encodeSafetensors('of a network', tensors, metadata);
  const parts = [encoded.head, ...encoded.chunks];
  seal(encoded, await sha256(parts));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A network from the bytes of its file, which messages call `name`. Throws CheckpointError as readNetwork() does. */
export async function unpackNetwork(name: string, bytes: Uint8Array): Promise<NetworkFile> {
  needArguments('unpackNetwork', Uint8Array, { bytes });
  const opened = openSafetensors(name, bytes);
  if (opened.sealed) checkSeal(name, opened.sealed.digest, await sha256(opened.sealed.parts));
  return networkOf(name, tensorsOf(name, bytes, opened));
}
