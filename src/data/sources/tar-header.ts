// One header of a tar archive: name, size and type, as ustar, GNU tar and pax write them. By hand, since entries are found by their places in the file and
// never streamed.

/** A tar's blocks; headers are one, files are padded to whole ones. */
export const TAR_BLOCK = 512;

/** What a header says. */
export interface TarHeader {
  name: string;
  /** Bytes of what follows. */
  size: number;
  /** `0` is a file, `x` and `g` are pax records, `L` a long name. */
  type: string;
}

/** A mark at a name's beginning belongs to it. */
const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

const text = (bytes: Uint8Array, from: number, length: number): string => {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return TEXT.decode(end < 0 ? field : field.subarray(0, end));
};

/** A number in octal digits, or in binary where its first bit is set (GNU, from 8 GiB on); NaN for anything else. */
function number(bytes: Uint8Array, from: number, length: number): number {
  if (bytes[from] === 0x80)
    return bytes.subarray(from + 1, from + length).reduce((value, byte) => value * 256 + byte, 0);
  const digits = text(bytes, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : digits === '' ? 0 : Number.NaN;
}

/** The header in a block; undefined for a block of zeros, which ends an archive, and `damaged` for one whose checksum is another. */
export function readTarHeader(block: Uint8Array): TarHeader | 'damaged' | undefined {
  let sum = 8 * 32;
  for (let i = 0; i < TAR_BLOCK; i++) if (i < 148 || i >= 156) sum += block[i];
  if (sum === 8 * 32 && block.subarray(148, 156).every((byte) => byte === 0)) return undefined;
  const size = number(block, 124, 12);
  if (number(block, 148, 8) !== sum || !Number.isSafeInteger(size)) return 'damaged';
  const prefix = text(block, 257, 6) === 'ustar' && block[262] === 0 ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const type = block[156] === 0 ? '0' : String.fromCharCode(block[156]);
  return { name: prefix ? `${prefix}/${name}` : name, size, type };
}

/** The records of a pax header by their keys: `27 path=…\n` each. What is none ends them. */
export function readPax(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(TEXT.decode(bytes.subarray(at, space)));
    if (!Number.isInteger(length) || length < space - at + 3 || at + length > bytes.length) break;
    const record = TEXT.decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
