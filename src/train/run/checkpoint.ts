// A checkpoint: one safetensors file with the networks by torch name, everything the optimizers and the regulation remember, and where the job stands.
import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from '../../io/index.ts';
import { type CheckpointParts, storedParts } from '../stages/stored-stage.ts';

const FORMAT = 'astrogpu checkpoint 1';

/** Writes a checkpoint; a crash leaves the previous file whole. `config` and `progress` are kept as JSON. */
export async function saveCheckpoint(
  file: string,
  parts: CheckpointParts,
  config: unknown,
  progress: unknown,
): Promise<void> {
  writeSafetensors(file, await storedParts(parts), {
    format: FORMAT,
    config: JSON.stringify(config),
    progress: JSON.stringify(progress),
  });
}

/** A checkpoint as it was read. */
export interface Checkpoint {
  file: string;
  tensors: Map<string, StoredTensor>;
  /** As it was saved. */
  progress: unknown;
}

/** Reads a checkpoint of this configuration. Throws CheckpointError for a damaged file, another program's, or another configuration's. */
export function readCheckpoint(file: string, config: unknown): Checkpoint {
  const { tensors, metadata } = readSafetensors(file);
  if (metadata.format !== FORMAT)
    throw new CheckpointError(
      file,
      `it is not a checkpoint of astrogpu (its format is ${metadata.format ? `"${metadata.format}"` : 'not said'})`,
    );
  const other = (): Error =>
    new CheckpointError(file, 'it belongs to a run with another configuration than config.json beside it');
  // In whatever order their settings stand.
  if (!isDeepStrictEqual(parseJson(metadata.config ?? 'null', other), JSON.parse(JSON.stringify(config))))
    throw other();
  const progress = parseJson(
    metadata.progress ?? '',
    (reason) =>
      new CheckpointError(file, `where its job stands ("progress" of its metadata) cannot be told: ${reason}`),
  );
  return { file, tensors, progress };
}
