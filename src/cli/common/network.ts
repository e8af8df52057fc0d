// The network that a command works on: a file that a run wrote, or a public checkpoint of a model that is registered here.
import { readdirSync, statSync } from 'node:fs';
import type { ClassName } from '../../data/index.ts';
import { AstroError, type Gpu } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors } from '../../io/index.ts';
import { classesOf, type Network } from '../../models/index.ts';
import { folded, loadNetwork, type NetworkFile, readNetwork } from '../../train/index.ts';
import { say } from './command.ts';
import { naming } from './naming.ts';
import { UsageError } from './options.ts';
import { type NetworkOptions, openWeights } from './weights.ts';

export { naming } from './naming.ts';
export { NETWORK_OPTIONS } from './weights.ts';

export interface OpenedNetwork extends NetworkFile {
  /** Where it came from, as it was typed. */
  file: string;
  /** Folders and names of the classes by label, where they are known. */
  labels?: readonly ClassName[];
  /** Public weights, which were not trained here. */
  isPublic?: true;
}

/** The two ways to name a network, as a help text shows them. */
export const networkUsage = (command: string, rest: string): string[] => [
  `${command} FILE ${rest}`,
  `${command} --model NAME --weights FILE ${rest}`,
];

/** Takes the network's file off the words of a command line; the rest are for the command. Throws UsageError where there is none, or two. */
export function takeFile(words: readonly string[], options: NetworkOptions): [string | undefined, string[]] {
  const { weights, model } = options;
  if (weights !== undefined) {
    if (model === undefined) throw new UsageError('--weights needs --model NAME: the file does not say what it is of');
    return [undefined, [...words]];
  }
  const stray = (['model', 'classes', 'mean', 'std', 'resize', 'crop'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (stray) throw new UsageError(`--${stray} goes with --weights; a network's file says itself what it is`);
  if (words.length === 0) throw new UsageError("name a network's file, or take --model NAME --weights FILE");
  return [words[0], words.slice(1)];
}

/** For commands that take one word alone. Throws UsageError for more. */
export function onlyFile(words: readonly string[], options: NetworkOptions): string | undefined {
  const [file, [second]] = takeFile(words, options);
  if (second !== undefined) throw new UsageError(`"${second}" is one word too many: a command takes one network`);
  return file;
}

/** Opens the file that a run wrote, or `--weights`, without memory on a GPU. Throws AstroError that names the file and what does not fit. */
export async function openNetwork(
  file: string | undefined,
  options: NetworkOptions,
  log: (line: string) => void = say,
): Promise<OpenedNetwork> {
  if (file === undefined) return openWeights(options, log);
  const folder = statSync(file, { throwIfNoEntry: false })?.isDirectory();
  if (folder) throw new AstroError(`${file} is a folder; ${networksIn(file)}`);
  const read = readNetworkFile(file);
  naming(file, () => checkGraph(read));
  const { folders } = read.source ?? {};
  return { ...read, file, labels: read.classes.map((name, label) => ({ folder: folders?.[label] ?? name, name })) };
}

/** The networks of a folder that was named in place of one, in words. */
export function networksIn(folder: string): string {
  const names = readdirSync(folder).filter(
    (name) => /\.safetensors$/.test(name) && !/^(checkpoint-|astrocyte)/.test(name),
  );
  return names.length > 0 ? `name a network in it: ${names.join(', ')}` : 'there is no network in it';
}

function readNetworkFile(file: string): NetworkFile {
  const { metadata, tensors } = readSafetensors(file);
  if (metadata.graph !== undefined || metadata.detector !== undefined) return readNetwork(file);
  const kind = metadata.format?.startsWith('astrogpu checkpoint')
    ? "a run's checkpoint; its networks are beside it once an arm has ended (plain-NN.safetensors and so on)"
    : tensors.size > 0
      ? 'safetensors, but not a network of astrogpu; a public checkpoint is read with --model NAME --weights FILE'
      : 'an empty file';
  throw new CheckpointError(file, `this is ${kind}`);
}

function checkGraph({ graph, classes, normalization, source }: NetworkFile): void {
  if (classes.length !== classesOf(graph))
    throw new AstroError(`it names ${classes.length} classes, and its network tells ${classesOf(graph)} apart`);
  if (normalization.mean?.length !== 3 || normalization.std?.length !== 3)
    throw new AstroError('its normalization is not three means and three deviations');
  if (source?.folders && source.folders.length !== classes.length)
    throw new AstroError(`it names ${classes.length} classes and the folders of ${source.folders.length}`);
}

/** The gates multiplied into the values, so that none are needed to run. Throws AstroError for gates of another network. */
export const withoutGates = (network: OpenedNetwork): OpenedNetwork => ({
  ...network,
  ...naming(network.file, () => folded(network)),
});

/** A network on the GPU. Throws AstroError, with the file's name, for values that do not fit the graph. */
export const onGpu = (gpu: Gpu, { file, graph, dict }: OpenedNetwork): Network =>
  naming(file, () => loadNetwork(gpu, graph, dict));
