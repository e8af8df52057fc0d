// A checkpoint: one safetensors file with the networks by torch name, everything the optimizers and the regulation remember, and where the job stands.
import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from '../../io/index.ts';
import { loadStateDict, type Module, StateDictError, stateDict } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';

const FORMAT = 'astrogpu checkpoint 1';

/** What a checkpoint holds beside configuration and progress. */
export interface CheckpointParts {
  /** By prefix: `nn`, `an`. Saved in torch names and layout. */
  modules: ReadonlyMap<string, Module>;
  /** Saved as they are. */
  tensors: ReadonlyMap<string, Tensor>;
}

/** Writes a checkpoint; a crash leaves the previous file whole. `config` and `progress` are kept as JSON. */
export async function saveCheckpoint(
  file: string,
  { modules, tensors }: CheckpointParts,
  config: unknown,
  progress: unknown,
): Promise<void> {
  const stored = new Map<string, StoredTensor>();
  for (const [prefix, module] of modules)
    for (const [name, { shape, data }] of await stateDict(module))
      stored.set(`${prefix}.${name}`, { dtype: 'F32', shape, data });
  for (const [name, tensor] of tensors)
    stored.set(name, {
      dtype: tensor.dtype === 'u32' ? 'U32' : 'F32',
      shape: [...tensor.shape],
      data: (await tensor.data()) as Float32Array | Uint32Array,
    });
  writeSafetensors(file, stored, {
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

/** Throws CheckpointError for a tensor of another type than it is saved in. */
function checkDtype(file: string, name: string, { dtype }: StoredTensor, wanted: StoredTensor['dtype']): void {
  if (dtype !== wanted) throw new CheckpointError(file, `tensor ${name} is ${dtype}, this run has ${wanted}`);
}

/** Puts a checkpoint's values into a stage's modules and tensors. Throws CheckpointError naming the tensor that is missing or of another type or shape. */
export function restore({ file, tensors: stored }: Checkpoint, { modules, tensors }: CheckpointParts): void {
  for (const [prefix, module] of modules) {
    const dict = new Map<string, { shape: number[]; data: Float32Array }>();
    for (const [name, tensor] of stored) {
      if (!name.startsWith(`${prefix}.`)) continue;
      checkDtype(file, name, tensor, 'F32');
      dict.set(name.slice(prefix.length + 1), { shape: tensor.shape, data: tensor.data as Float32Array });
    }
    try {
      loadStateDict(module, dict);
    } catch (error) {
      throw error instanceof StateDictError ? new CheckpointError(file, `${prefix}: ${error.message}`) : error;
    }
  }
  for (const [name, tensor] of tensors) {
    const saved = stored.get(name);
    if (!saved) throw new CheckpointError(file, `tensor ${name} is missing`);
    checkDtype(file, name, saved, tensor.dtype === 'u32' ? 'U32' : 'F32');
    if (saved.shape.join() !== tensor.shape.join())
      throw new CheckpointError(
        file,
        `tensor ${name} is ${saved.shape.join('×')}, this run has ${tensor.shape.join('×')}`,
      );
    tensor.set(saved.data as Float32Array | Uint32Array);
  }
}
