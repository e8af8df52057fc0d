// Event files: what a reader that shares no code with the writer finds in them, checksums included, and what is left after a kill anywhere and a resumption.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../src/io/tensorboard/crc32c.ts';
import { EventFile, eventFiles } from '../../../src/io/tensorboard/event-file.ts';
import { encodeRecord, readRecords } from '../../../src/io/tensorboard/record.ts';
import { decodeEventFile } from './decode.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'events-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const scalar = (step: number) => ({ wallTime: 1000 + step, step, scalars: new Map([['loss/train', 1 / step]]) });
const all = () => eventFiles(folder).flatMap((name) => decodeEventFile(join(folder, name)));
const stepsWithValues = () => all().flatMap(({ step, scalars }) => ('loss/train' in scalars ? [step] : []));

function write(from: number, to: number, after = 0): string {
  const file = new EventFile(folder, after);
  for (let step = from; step <= to; step++) file.add(scalar(step));
  file.flush();
  return file.path;
}

describe('a checksum', () => {
  // The check value of CRC-32C, and the vectors of RFC 3720, B.4.
  it.each([
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s is the published one', (_, bytes, crc) => expect(crc32c(bytes)).toBe(crc));

  it('is masked by a turn of 15 bits and a constant', () => {
    const crc = 0x8a9136aan;
    const turned = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
    expect(maskedCrc32c(Buffer.alloc(32))).toBe(Number((turned + 0xa282ead8n) & 0xffffffffn));
  });
});

describe('an event file', () => {
  it('opens with its version, and holds scalars and histograms with their steps and times', () => {
    const file = new EventFile(folder);
    const histogram = { min: 0, max: 1, count: 3, sum: 1.5, sumSquares: 1.25, limits: [0.5, 1], counts: [2, 1] };
    file.add({
      wallTime: 1234.5,
      step: 300,
      scalars: new Map([
        ['loss/train', 0.25],
        ['learning-rate/network', 3],
      ]),
    });
    file.add({ wallTime: 1235.5, step: 3_000_000_000, histograms: new Map([['gates', histogram]]) });
    file.flush();
    const [version, scalars, gates, ...more] = decodeEventFile(file.path);
    expect(version).toMatchObject({ fileVersion: 'brain.Event:2', step: 0, scalars: {} });
    expect(scalars).toMatchObject({
      wallTime: 1234.5,
      step: 300,
      scalars: { 'loss/train': 0.25, 'learning-rate/network': 3 },
    });
    expect(gates).toMatchObject({
      step: 3_000_000_000,
      histograms: { gates: { head: [0, 1, 3, 1.5, 1.25], limits: [0.5, 1], counts: [2, 1] } },
    });
    expect(more).toEqual([]);
    expect(file.path.slice(folder.length + 1)).toMatch(/^events\.out\.tfevents\.\d{10}\.[\w.-]+$/);
  });

  it('is written when it is flushed, and nothing twice', () => {
    const file = new EventFile(folder);
    expect(readFileSync(file.path)).toHaveLength(0);
    file.add(scalar(1));
    file.flush();
    const once = readFileSync(file.path);
    file.flush();
    expect(readFileSync(file.path)).toEqual(once);
  });
});

describe('a resumed run', () => {
  it('has a file of its own, each step once, and tells a reader that watches where it goes on', () => {
    const first = write(1, 9);
    const second = write(5, 12, 4);
    expect(second > first).toBe(true);
    expect(stepsWithValues()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(decodeEventFile(second)[1]).toMatchObject({ step: 5, sessionStatus: 1 });
    write(3, 4, 2);
    expect(stepsWithValues()).toEqual([1, 2, 3, 4]);
    expect(all().filter(({ sessionStatus }) => sessionStatus)).toHaveLength(1);
  });

  it('mends a file that a kill cut anywhere', () => {
    const whole = readFileSync(write(1, 4));
    for (let length = whole.length - 1; length >= 0; length -= 7) {
      rmSync(folder, { recursive: true });
      truncateSync(write(1, 4), length);
      const kept = [...readRecords(whole.subarray(0, length))].length - 1;
      write(Math.max(0, kept) + 1, 5, Math.max(0, kept));
      expect(stepsWithValues()).toEqual([1, 2, 3, 4, 5]);
    }
  });

  it('leaves nothing of what came after the beginning', () => {
    write(1, 3);
    write(1, 2, 0);
    expect(stepsWithValues()).toEqual([1, 2]);
    expect(eventFiles(folder)).toHaveLength(1);
  });
});

it('records end at the first that is damaged', () => {
  const bytes = Buffer.concat([encodeRecord(Buffer.from('one')), encodeRecord(Buffer.from('two'))]);
  expect([...readRecords(bytes)].map(({ data }) => String(data))).toEqual(['one', 'two']);
  for (const [at, left] of [
    [3, 0],
    [9, 0],
    [13, 0],
    [16, 0],
    [22, 1],
    [bytes.length - 1, 1],
  ] as const) {
    const bad = Buffer.from(bytes);
    bad[at] ^= 1;
    writeFileSync(join(folder, 'bad'), bad);
    expect([...readRecords(bad)]).toHaveLength(left);
  }
});
