// What a stage lives from, read back and put in again: values by name in memory, for a checkpoint's file, and for a page that has no files.
import {
  CheckpointError,
  loadStateDict,
  type Module,
  StateDictError,
  type StoredTensor,
  stateDict,
} from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { Stage } from './stage.ts';

/** Modules and tensors of a stage, or of anything that is saved as one is. */
export interface CheckpointParts {
  /** By prefix: `nn`, `an`. Saved in torch names and layout. */
  modules: ReadonlyMap<string, Module>;
  /** Saved as they are. */
  tensors: ReadonlyMap<string, Tensor>;
}

/** Everything that a stage needs to go on. */
export function partsOfStage(stage: Stage): CheckpointParts {
  const modules = new Map<string, Module>([['nn', stage.network]]);
  if (stage.regulator?.astrocyte) modules.set('an', stage.regulator.astrocyte);
  return { modules, tensors: stage.tensors() };
}

/** Reads the values back, by name: of modules f32 with their prefix, of tensors f32 or u32. */
export async function storedParts({ modules, tensors }: CheckpointParts): Promise<Map<string, StoredTensor>> {
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
  return stored;
}

/** Throws CheckpointError for a tensor of another type than it is saved in. */
function checkDtype(file: string, name: string, { dtype }: StoredTensor, wanted: StoredTensor['dtype']): void {
  if (dtype !== wanted) throw new CheckpointError(file, `tensor ${name} is ${dtype}, this run has ${wanted}`);
}

/** Values as storedParts() gave them; `file` is what messages call where they come from. */
export interface StoredValues {
  file: string;
  tensors: ReadonlyMap<string, StoredTensor>;
}

/** Puts values into a stage's modules and tensors. Throws CheckpointError naming the tensor that is missing or of another type or shape. */
export function restoreValues({ file, tensors: stored }: StoredValues, { modules, tensors }: CheckpointParts): void {
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
