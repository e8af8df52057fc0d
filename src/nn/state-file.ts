// State dicts as safetensors files: on disk in Node, as blobs in a page.
import { AstroError, IN_NODE, needArguments } from '../gpu/index.ts';
import {
  CheckpointError,
  checkSeal,
  encodeSafetensors,
  floatsOf,
  openSafetensors,
  type StoredTensor,
  seal,
  sha256,
  tensorsOf,
} from './safetensors.ts';
import { isIgnored, type StateDict, type Stateful, type StateTensor, stateDict } from './state-dict.ts';

/** What a blob is called in messages. */
const BLOB = 'of the page';

/**
 * Writes the parameters and buffers of a module, or a state dict, as a safetensors file with torch's names and layout: to `path`, whole or not at all, in Node; without a
 * path it gives the file as a Blob, which a page can offer for download. Throws CheckpointError.
 *
 * @example
 * await saveSafetensors(model, 'model.safetensors');
 * model.loadStateDict(await loadSafetensors('model.safetensors'));
 */
export function saveSafetensors(source: Stateful | StateDict, path: string): Promise<undefined>;
export function saveSafetensors(source: Stateful | StateDict): Promise<Blob>;
export async function saveSafetensors(source: Stateful | StateDict, path?: string): Promise<Blob | undefined> {
  if (typeof source !== 'object' || source === null)
    throw new AstroError(`saveSafetensors: its source is ${typeof source}; a module or a state dict is wanted`);
  const file = encodeSafetensors(path ?? BLOB, storedOf(isStateful(source) ? await stateDict(source) : source));
  seal(file, await sha256([file.head, ...file.chunks]));
  const parts = [file.head, ...file.chunks] as Uint8Array<ArrayBuffer>[];
  if (path === undefined) return new Blob(parts, { type: 'application/octet-stream' });
  try {
    await writeWhole(path, parts);
  } catch (error) {
    throw new CheckpointError(path, `cannot be written (${(error as Error).message}); the earlier file is untouched`);
  }
  return undefined;
}

/**
 * The state dict of a safetensors file, which module.loadStateDict() takes: from a path in Node, a URL in a page, or from a Blob (a file that somebody chose) or bytes.
 * Tensors in F64, F16 and BF16 become f32. Throws CheckpointError for a file that cannot be read, is damaged or of another format, or holds integers.
 */
export async function loadSafetensors(
  from: string | URL | Blob | ArrayBuffer | Uint8Array,
): Promise<Map<string, StateTensor>> {
  const name = typeof from === 'string' || from instanceof URL ? `${from}` : BLOB;
  const bytes = await bytesOf(name, from);
  const opened = openSafetensors(name, bytes);
  if (opened.sealed) checkSeal(name, opened.sealed.digest, await sha256(opened.sealed.parts));
  const dict = new Map<string, StateTensor>();
  for (const [key, tensor] of tensorsOf(name, bytes, opened).tensors) {
    if (isIgnored(key)) continue;
    const data = floatsOf(tensor);
    if (!data) throw new CheckpointError(name, `tensor "${key}" is ${tensor.dtype}; weights are F32, F64, F16 or BF16`);
    dict.set(key, { shape: tensor.shape, data });
  }
  return dict;
}

const isStateful = (source: object): source is Stateful => 'arena' in source && !(source instanceof Map);

function storedOf(dict: StateDict): Map<string, StoredTensor> {
  const entries = dict instanceof Map ? [...(dict as ReadonlyMap<string, StateTensor>)] : Object.entries(dict);
  for (const [name, entry] of entries) needArguments('saveSafetensors', 'a list', { [`${name}.shape`]: entry?.shape });
  return new Map(entries.map(([name, { shape, data }]) => [name, { dtype: 'F32', shape: [...shape], data }]));
}

async function bytesOf(name: string, from: string | URL | Blob | ArrayBuffer | Uint8Array): Promise<Uint8Array> {
  if (from instanceof Uint8Array) return from;
  if (from instanceof ArrayBuffer) return new Uint8Array(from);
  if (from instanceof Blob) return new Uint8Array(await from.arrayBuffer());
  if (typeof from !== 'string' && !(from instanceof URL))
    throw new AstroError(`loadSafetensors: it was given ${typeof from}; a path, a URL, a Blob or bytes are wanted`);
  try {
    if (IN_NODE && !/^https?:/.test(name)) {
      const { readFile } = await import('node:fs/promises');
      return await readFile(from);
    }
    const answer = await fetch(from);
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new CheckpointError(name, `it cannot be read (${(error as Error).message})`);
  }
}

/** Under another name first, so that a write that fails leaves what was there. */
async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const temporary = `${path}.part`;
  try {
    const file = await open(temporary, 'w');
    try {
      for (const part of parts) await file.appendFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
