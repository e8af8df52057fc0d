// TFRecord, the container of TensorBoard's files: length, its checksum, data, theirs. A file is good up to its first record that is not whole.
import { maskedCrc32c } from './crc32c.ts';

/** Bytes before the data (length, checksum), and behind it. */
const HEAD = 12;
const TAIL = 4;

/** The record that holds these bytes. */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(HEAD + data.length + TAIL);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, HEAD);
  record.writeUInt32LE(maskedCrc32c(data), HEAD + data.length);
  return record;
}

/** The whole records of a file in order, each with the byte behind it. Ends at the first that is torn or damaged, as a kill or a full disk leaves one. */
export function* readRecords(bytes: Buffer): Generator<{ data: Buffer; end: number }> {
  for (let at = 0; at + HEAD + TAIL <= bytes.length; ) {
    const length = bytes.readBigUInt64LE(at);
    if (bytes.readUInt32LE(at + 8) !== maskedCrc32c(bytes.subarray(at, at + 8))) return;
    if (length > BigInt(bytes.length - at - HEAD - TAIL)) return;
    const end = at + HEAD + Number(length);
    const data = bytes.subarray(at + HEAD, end);
    if (bytes.readUInt32LE(end) !== maskedCrc32c(data)) return;
    at = end + TAIL;
    yield { data, end: at };
  }
}
