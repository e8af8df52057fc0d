// Weights as others hand them on: a safetensors file, an index that says which of several files (shards) has which tensor, or the folder of either. An index comes
// from other people: it may name nothing outside of its folder, and what it says is held against what the shards have.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { CheckpointError, readSafetensors, type SafetensorsFile, type StoredTensor } from './safetensors.ts';
import { readJsonFile } from './text-file.ts';

/** Tensors of one file or of several, and where they were. */
export interface WeightFiles extends SafetensorsFile {
  /** The safetensors files, one where there is no index. */
  files: string[];
}

const INDEX = '.safetensors.index.json';
const FILE = '.safetensors';
/** What Hugging Face's libraries look for, in their order. */
const USUAL = [`model${FILE}`, `model${INDEX}`];
const MOST_NAMED = 4;
/** No folder of any system, and no longer than file systems take. */
const FILE_NAME = /^[^/\\\p{Cc}]{1,200}$/u;

const WEIGHT_MAP = v.looseObject({ weight_map: v.record(v.string(), v.string()) });

/**
 * Reads weights from a safetensors file, an index (`model.safetensors.index.json`) or the folder of either. What shards say in their metadata is left out.
 * @throws CheckpointError as readSafetensors() does, and for an index that names a file elsewhere or one that is missing, or does not say what its shards hold.
 */
export function readWeights(path: string): WeightFiles {
  const file = fileOf(path);
  if (!file.endsWith('.json')) return { ...readSafetensors(file), files: [file] };
  const places = readIndex(file);
  const shards = [...new Set(places.values())];
  const files = shards.map((shard) => join(dirname(file), shard));
  const missing = shards.filter((_, i) => !statSync(files[i], { throwIfNoEntry: false }));
  if (missing.length > 0)
    throw new CheckpointError(file, `of its ${shards.length} files ${listed(missing)} are missing beside it`);
  const tensors = new Map<string, StoredTensor>();
  for (const [i, shard] of shards.entries())
    for (const [name, tensor] of readSafetensors(files[i]).tensors) {
      if (tensors.has(name))
        throw new CheckpointError(file, `tensor "${name}" is in two of its files, one is ${shard}`);
      const place = places.get(name);
      if (place !== shard)
        throw new CheckpointError(
          files[i],
          `it has tensor "${name}", which the index ${place ? `says is in ${place}` : 'does not have'}`,
        );
      tensors.set(name, tensor);
    }
  const lost = [...places.keys()].filter((name) => !tensors.has(name));
  if (lost.length > 0)
    throw new CheckpointError(file, `${listed(lost)}: not in the files that it says, such as ${places.get(lost[0])}`);
  return { tensors, metadata: {}, files };
}

/** The shard of each tensor. */
function readIndex(file: string): Map<string, string> {
  const refuse = (reason: string) => new CheckpointError(file, reason);
  const places = Object.entries(readJsonFile(file, WEIGHT_MAP, refuse).weight_map);
  for (const [name, shard] of places)
    if (!FILE_NAME.test(shard) || shard === '.' || shard === '..')
      throw refuse(`it puts tensor "${name}" in ${JSON.stringify(shard)}; an index names files of its own folder`);
  if (places.length === 0) throw refuse('its "weight_map" names no tensor');
  return new Map(places);
}

/** The file that a path means: itself, or of a folder the one that has the weights. */
function fileOf(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const names = readdirSync(path).sort();
  const only = (end: string): string[] => names.filter((name) => name.endsWith(end));
  const usual = USUAL.find((name) => names.includes(name));
  const found = usual ? [usual] : only(INDEX).length > 0 ? only(INDEX) : only(FILE);
  if (found.length === 1) return join(path, found[0]);
  const others = names.filter((name) => /\.(bin|pth?|ckpt|h5|npz|msgpack)$/.test(name));
  if (found.length > 1) throw new CheckpointError(path, `it has ${listed(found)}: name one of them`);
  throw new CheckpointError(
    path,
    `there are no weights in this folder (*${FILE}, or several and *${INDEX})${others.length > 0 ? `; save ${listed(others)} as safetensors (safetensors.torch.save_file of a state dict)` : ''}`,
  );
}

const listed = (names: readonly string[]): string =>
  `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''}`;
