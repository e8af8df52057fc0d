// The safetensors format: tensors by name with their dtypes and shapes, behind a JSON header. Bytes alone, so that a page has it, too; files are io's.
import { AstroError, fromHalf, isRecord, needArguments } from '../gpu/index.ts';

/** Element types of the format. Those that JavaScript has no array for (F16, BF16, F8_*, C64) travel as raw bits. */
export type StoredDtype = keyof typeof ARRAYS;
/** Values of a stored tensor; those of a dtype that JavaScript has no array for are raw bits. */
export type StoredData =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array;

/**
 * A tensor of a safetensors file: dtype as the file calls it (F32, F16, BF16, U8, …), shape, and values in row-major
 * order.
 */
export interface StoredTensor {
  dtype: StoredDtype;
  shape: number[];
  data: StoredData;
}

/** Tensors by name, and texts about them. */
export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

/** A checkpoint that cannot be read or written. The message names the file, the tensor or byte, and the reason. */
export class CheckpointError extends AstroError {
  /** The file, or what stands for it where there is none. */
  readonly file: string;
  /** What is wrong, without its name. */
  readonly reason: string;

  constructor(file: string, reason: string) {
    super(`Checkpoint ${file}: ${reason}.`);
    this.file = file;
    this.reason = reason;
  }
}

/** Bytes of a file whose header has zeros in place of its digest, and where that goes. */
export interface UnsealedFile {
  head: Uint8Array;
  chunks: Uint8Array[];
  digestAt: number;
}

/** A header that was read, and where the tensors begin. */
export interface OpenedFile {
  header: Record<string, unknown>;
  metadata: Record<string, string>;
  dataStart: number;
  /** Of a file that has a digest, or must have one: what it is the digest of. */
  sealed?: { digest: string; parts: Uint8Array[] };
}

const ARRAYS = {
  F32: Float32Array,
  F64: Float64Array,
  U32: Uint32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  BOOL: Uint8Array,
  U64: BigUint64Array,
  C64: BigUint64Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  F8_E8M0: Uint8Array,
} as const;
const WRITER = 'astrogpu';
const LENGTH_BYTES = 8;
const BLANK_DIGEST = '0'.repeat(64);
const RESERVED = ['sha256', 'writer'];

/**
 * Tensors from the widest element type to the narrowest, in the map's order within a type, without gaps; the data section starts on a multiple of 8 bytes, so every tensor
 * is aligned to its element. The metadata key `sha256` holds the digest of the whole file as it is with 64 zeros in the digest's place: see `seal`. Messages call it `path`.
 * @throws CheckpointError when a tensor's data does not fit its dtype and shape, or a metadata key is one the format uses itself.
 */
export function encodeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): UnsealedFile {
  needArguments('writeSafetensors', Map, { tensors });
  for (const key of RESERVED) {
    if (Object.hasOwn(metadata, key)) throw new CheckpointError(path, `the metadata key "${key}" is reserved`);
  }
  for (const [name, tensor] of tensors) checkTensor(path, name, tensor);
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const entries = [
    `"__metadata__":${jsonObject([['sha256', BLANK_DIGEST], ['writer', WRITER], ...Object.entries(metadata)])}`,
  ];
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const entry = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const text = `{${entries.join(',')}}`;
  const header = new TextEncoder().encode(text);
  const padded = Math.ceil(header.length / 8) * 8;
  const head = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(header, LENGTH_BYTES);
  // What stands before the digest is ASCII.
  return { head, chunks, digestAt: LENGTH_BYTES + text.indexOf(BLANK_DIGEST) };
}

/** Writes the digest (SHA-256 in hexadecimal, of head and chunks) into its place. */
export function seal({ head, digestAt }: UnsealedFile, digest: string): void {
  head.set(new TextEncoder().encode(digest), digestAt);
}

/** Reads the header. `foreign` says what bytes are that are none of this format, if it knows. Throws CheckpointError. */
export function openSafetensors(
  path: string,
  bytes: Uint8Array,
  foreign: (bytes: Uint8Array) => string | undefined = () => undefined,
): OpenedFile {
  const { header, dataStart } = readHeader(path, bytes, foreign);
  const metadata = readMetadata(path, header.__metadata__);
  const opened = { header, metadata, dataStart };
  if (!Object.hasOwn(metadata, 'sha256') && metadata.writer !== WRITER) return opened;
  const digest = metadata.sha256;
  if (digest === undefined) throw new CheckpointError(path, 'its sha256 is missing from the header: damaged');
  const blank = bytes.slice(0, dataStart);
  const at = indexOf(blank, new TextEncoder().encode(`"sha256":"${digest}"`));
  if (at >= 0) blank.fill(0x30, at + 10, at + 10 + digest.length);
  return { ...opened, sealed: { digest, parts: [blank, bytes.subarray(dataStart)] } };
}

/** Throws CheckpointError where a file is not the one that its digest is of. */
export function checkSeal(path: string, digest: string, found: string): void {
  if (found !== digest)
    throw new CheckpointError(path, 'its bytes do not match the sha256 in its header: damaged since it was written');
}

/** The tensors of a file whose header was read. The arrays are views of the bytes where alignment allows. Throws CheckpointError. */
export function tensorsOf(
  path: string,
  bytes: Uint8Array,
  { header, metadata, dataStart }: OpenedFile,
): SafetensorsFile {
  const placed = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => ({ name, ...readEntry(path, name, entry) }));
  checkLayout(path, placed, dataStart, bytes.length);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of placed) {
    const array = ARRAYS[dtype];
    const start = bytes.byteOffset + dataStart + begin;
    const length = (end - begin) / array.BYTES_PER_ELEMENT;
    const aligned = start % array.BYTES_PER_ELEMENT === 0;
    const copy = () => new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end)).buffer;
    tensors.set(name, {
      dtype,
      shape,
      data: aligned ? new array(bytes.buffer as ArrayBuffer, start, length) : new array(copy()),
    });
  }
  const own = Object.entries(metadata).filter(([key]) => metadata.writer !== WRITER || !RESERVED.includes(key));
  return { tensors, metadata: Object.fromEntries(own) };
}

/** A tensor's values in f32, or undefined where its type is none of floating-point numbers. f64 is rounded to the nearest. */
export function floatsOf({ dtype, data }: StoredTensor): Float32Array | undefined {
  switch (dtype) {
    case 'F32':
      return data as Float32Array;
    case 'F64':
      return Float32Array.from(data as Float64Array);
    case 'F16':
      return fromHalf(data as Uint16Array);
    case 'BF16':
      return new Float32Array(Uint32Array.from(data as Uint16Array, (bits) => bits << 16).buffer);
    default:
      return undefined;
  }
}

/** SHA-256 of bytes in parts, as 64 hexadecimal digits. A page has it over https and on localhost only. Throws AstroError for what is no list of bytes. */
export async function sha256(parts: readonly Uint8Array[]): Promise<string> {
  if (!Array.isArray(parts) || !parts.every((part) => part instanceof Uint8Array))
    throw new AstroError('sha256: its bytes are a list of Uint8Array, [bytes] for one');
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Entry {
  dtype: StoredDtype;
  shape: number[];
  begin: number;
  end: number;
}

function jsonObject(entries: [string, string][]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = bytes.indexOf(part[0]); at >= 0; at = bytes.indexOf(part[0], at + 1))
    if (part.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkTensor(path: string, name: string, { dtype, shape, data }: StoredTensor): void {
  if (name === '__metadata__') throw new CheckpointError(path, 'a tensor cannot be called "__metadata__"');
  const array = ARRAYS[dtype];
  if (!array) throw new CheckpointError(path, `tensor "${name}" has the unknown dtype ${dtype}`);
  if (!(data instanceof array)) {
    throw new CheckpointError(
      path,
      `tensor "${name}" is ${dtype} and needs a ${array.name}, not ${data.constructor.name}`,
    );
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!shape.every(isSize) || elements !== data.length) {
    throw new CheckpointError(path, `tensor "${name}" of shape [${shape}] cannot hold ${data.length} elements`);
  }
}

/** What a file is that begins with no header of the format. */
function inPlaceOf(bytes: Uint8Array, foreign: (bytes: Uint8Array) => string | undefined): string | undefined {
  // A header stands where it should: the file is of this format and damaged, whatever its length looks like (384 begins as a pickle does).
  if (bytes[LENGTH_BYTES] === '{'.charCodeAt(0)) return undefined;
  if (/^\s*[{[]/.test(String.fromCharCode(...bytes.subarray(0, 16))))
    return 'JSON; the weights of a model in several parts are in the .safetensors files beside it';
  return foreign(bytes);
}

function readHeader(
  path: string,
  bytes: Uint8Array,
  foreign: (bytes: Uint8Array) => string | undefined,
): { header: Record<string, unknown>; dataStart: number } {
  // Not asked first: the length of a header may look like another format's beginning.
  const refuse = (reason: string): CheckpointError => {
    const other = inPlaceOf(bytes, foreign);
    return new CheckpointError(path, other ? `this is no safetensors file but ${other}` : reason);
  };
  if (bytes.length < LENGTH_BYTES)
    throw refuse(`too short for a safetensors file (${bytes.length} bytes, at least 8 are needed)`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - LENGTH_BYTES))
    throw refuse(
      `bytes 0-7 announce a header of ${length} bytes, but the file has ${bytes.length} in all: truncated, or no safetensors file`,
    );
  const dataStart = LENGTH_BYTES + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart)));
  } catch {
    throw refuse(`the header at bytes 8-${dataStart - 1} is not JSON: damaged, or no safetensors file`);
  }
  if (!isRecord(header))
    throw refuse(`the header at bytes 8-${dataStart - 1} is not a JSON object: no safetensors file`);
  return { header, dataStart };
}

function readMetadata(path: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw new CheckpointError(path, 'the "__metadata__" of its header is not an object of texts: damaged');
  return metadata as Record<string, string>;
}

function readEntry(path: string, name: string, entry: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    const known = Object.keys(ARRAYS).join(', ');
    throw new CheckpointError(path, `tensor "${name}" has the dtype ${JSON.stringify(dtype)}; known are ${known}`);
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw new CheckpointError(path, `tensor "${name}" has the shape ${JSON.stringify(shape)}, not a list of sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[0] > offsets[1]) {
    throw new CheckpointError(
      path,
      `tensor "${name}" has the data offsets ${JSON.stringify(offsets)}, not [begin, end]`,
    );
  }
  const [begin, end] = offsets as [number, number];
  const needed = shape.reduce((product, size) => product * size, ARRAYS[dtype as StoredDtype].BYTES_PER_ELEMENT);
  if (needed !== end - begin) {
    const held = `${end - begin} bytes (data bytes ${begin}-${end})`;
    throw new CheckpointError(path, `tensor "${name}" of shape [${shape}] ${dtype} needs ${needed} bytes, not ${held}`);
  }
  return { dtype: dtype as StoredDtype, shape, begin, end };
}

/** Tensors must tile the data section: no overlap, no gap, nothing missing and nothing left over. */
function checkLayout(path: string, placed: (Entry & { name: string })[], dataStart: number, fileLength: number): void {
  let at = 0;
  for (const { name, begin, end } of [...placed].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (dataStart + end > fileLength) {
      const needs = `tensor "${name}" ends at byte ${dataStart + end}, but the file has only ${fileLength} bytes`;
      throw new CheckpointError(path, `${needs}: truncated`);
    }
    if (begin < at) throw new CheckpointError(path, `tensor "${name}" overlaps another at byte ${dataStart + begin}`);
    if (begin > at)
      throw new CheckpointError(
        path,
        `a gap at bytes ${dataStart + at}-${dataStart + begin - 1} before tensor "${name}"`,
      );
    at = end;
  }
  const left = fileLength - dataStart - at;
  if (left > 0)
    throw new CheckpointError(path, `${left} bytes are left over after the last tensor, from byte ${dataStart + at}`);
}
