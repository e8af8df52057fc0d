// Reads event files by their published layout alone, with nothing of what wrote them: the wire format of protobuf, TFRecord, and CRC-32C bit by bit.
import { readFileSync } from 'node:fs';

export interface Decoded {
  wallTime: number;
  step: number;
  fileVersion?: string;
  sessionStatus?: number;
  scalars: Record<string, number>;
  histograms: Record<string, { head: number[]; limits: number[]; counts: number[] }>;
}

function crcBitByBit(bytes: Uint8Array): number {
  let rest = 0xffffffffn;
  for (const byte of bytes) {
    rest ^= BigInt(byte);
    for (let i = 0; i < 8; i++) rest = rest & 1n ? (rest >> 1n) ^ 0x82f63b78n : rest >> 1n;
  }
  const crc = rest ^ 0xffffffffn;
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** Fields of a message: number, and what stands there, as bytes or as a number. */
function* fields(bytes: Buffer): Generator<[field: number, value: Buffer | number]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [field, wire] = [key >>> 3, key & 7];
    if (wire === 0) yield [field, varint()];
    else if (wire === 1) {
      yield [field, bytes.readDoubleLE(at)];
      at += 8;
    } else if (wire === 5) {
      yield [field, bytes.readFloatLE(at)];
      at += 4;
    } else {
      const length = varint();
      yield [field, bytes.subarray(at, at + length)];
      at += length;
    }
  }
}

const doubles = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8));

function decodeEvent(bytes: Buffer): Decoded {
  const event: Decoded = { wallTime: 0, step: 0, scalars: {}, histograms: {} };
  for (const [field, value] of fields(bytes)) {
    if (field === 1) event.wallTime = value as number;
    if (field === 2) event.step = value as number;
    if (field === 3) event.fileVersion = String(value);
    if (field === 7)
      for (const [inner, status] of fields(value as Buffer)) if (inner === 1) event.sessionStatus = status as number;
    if (field !== 5) continue;
    for (const [, entry] of fields(value as Buffer)) {
      let tag = '';
      for (const [inner, content] of fields(entry as Buffer)) {
        if (inner === 1) tag = String(content);
        if (inner === 2) event.scalars[tag] = content as number;
        if (inner !== 5) continue;
        const histogram = { head: [] as number[], limits: [] as number[], counts: [] as number[] };
        for (const [part, number] of fields(content as Buffer)) {
          if (part <= 5) histogram.head.push(number as number);
          if (part === 6) histogram.limits = doubles(number as Buffer);
          if (part === 7) histogram.counts = doubles(number as Buffer);
        }
        event.histograms[tag] = histogram;
      }
    }
  }
  return event;
}

/** The events of a file. Throws where a checksum does not fit, or a record is cut. */
export function decodeEventFile(path: string): Decoded[] {
  const bytes = readFileSync(path);
  const events: Decoded[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    const sums = [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12 + length)];
    const wanted = [crcBitByBit(bytes.subarray(at, at + 8)), crcBitByBit(data)];
    if (sums.join() !== wanted.join()) throw new Error(`${path}: a checksum at byte ${at} does not fit`);
    events.push(decodeEvent(data));
    at += 16 + length;
  }
  return events;
}
