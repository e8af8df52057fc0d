// The numbers by which ImageNet's development kit calls classes: its meta.mat, a MATLAB 5 file, of which the array of structures with ILSVRC2012_ID and WNID is read.
import { inflateSync } from 'node:zlib';
import { ImageSourceError } from '../errors.ts';

const HEADER = 128;
const COMPRESSED = 15;
const MATRIX = 14;
const STRUCT = 2;
/** Of a file of 200 kilobytes. */
const MOST_BYTES = 2 ** 26;

interface Element {
  type: number;
  data: Buffer;
}

/** The elements that follow each other in some bytes. Small ones have their data in the place of their length. */
function* elements(bytes: Buffer): Generator<Element> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const tag = bytes.readUInt32LE(at);
    const small = tag >>> 16;
    const length = small || bytes.readUInt32LE(at + 4);
    const from = at + (small ? 4 : 8);
    if (from + length > bytes.length) throw new RangeError('an element ends behind its file');
    const type = tag & 0xffff;
    yield { type, data: bytes.subarray(from, from + length) };
    at = small ? at + 8 : from + (type === COMPRESSED ? length : Math.ceil(length / 8) * 8);
  }
}

/** The parts of a matrix: class, dimensions, name, and what follows them. */
function matrix(data: Buffer): { kind: number; rest: Element[] } {
  const [flags, , , ...rest] = elements(data);
  return { kind: flags.data[0], rest };
}

/** The numbers of an array, which may be stored in fewer bytes than they have. */
function numberOf({ type, data }: Element): number {
  const read: Record<number, () => number> = {
    1: () => data.readInt8(),
    2: () => data.readUInt8(),
    3: () => data.readInt16LE(),
    4: () => data.readUInt16LE(),
    5: () => data.readInt32LE(),
    6: () => data.readUInt32LE(),
    7: () => data.readFloatLE(),
    9: () => data.readDoubleLE(),
  };
  return read[type]?.() ?? Number.NaN;
}

/** Text, in bytes or in UTF-16. */
const textOf = ({ type, data }: Element): string => data.toString(type === 4 || type === 17 ? 'utf16le' : 'utf8');

/** The synset of each number. Throws ImageSourceError for a file that is not the kit's meta.mat. */
export function readSynsetNumbers(file: string, bytes: Buffer): Map<number, string> {
  try {
    for (const { type, data } of elements(bytes.subarray(HEADER))) {
      const inside =
        type === COMPRESSED ? [...elements(inflateSync(data, { maxOutputLength: MOST_BYTES }))] : [{ type, data }];
      for (const element of inside) {
        const found = element.type === MATRIX ? synsetsOf(element.data) : undefined;
        if (found) return found;
      }
    }
  } catch {
    // Said below: whatever went wrong, it is not that file.
  }
  throw new ImageSourceError(file, "is not meta.mat of ImageNet's development kit (ILSVRC2012_devkit_t12), or damaged");
}

function synsetsOf(data: Buffer): Map<number, string> | undefined {
  const { kind, rest } = matrix(data);
  if (kind !== STRUCT) return undefined;
  const [length, names, ...values] = rest;
  const each = numberOf(length);
  const fields = Array.from({ length: names.data.length / each }, (_, i) =>
    names.data.toString('latin1', i * each, (i + 1) * each).replace(/\0.*$/s, ''),
  );
  const [id, synset] = [fields.indexOf('ILSVRC2012_ID'), fields.indexOf('WNID')];
  if (id < 0 || synset < 0) return undefined;
  const found = new Map<number, string>();
  for (let at = 0; at + fields.length <= values.length; at += fields.length) {
    const value = (field: number): Element => matrix(values[at + field].data).rest[0];
    found.set(numberOf(value(id)), textOf(value(synset)));
  }
  return found;
}
