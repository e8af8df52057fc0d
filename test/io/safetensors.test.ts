// Checkpoint files: whatever is written comes back bit for bit, and every kind of damage or foreign file is refused with its reason.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from '../../src/io/safetensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'a.safetensors');

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

const tensor: fc.Arbitrary<StoredTensor> = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(ARRAYS) as (keyof typeof ARRAYS)[])),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    fill: fc.uint8Array({ minLength: 64 * 8, maxLength: 64 * 8 }),
  })
  .map(({ dtype, shape, fill }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return { dtype, shape, data: new ARRAYS[dtype](fill.slice().buffer, 0, length) };
  });
const tensors = fc
  .uniqueArray(fc.tuple(fc.string({ unit: 'binary', maxLength: 8 }), tensor), {
    selector: ([name]) => name,
    maxLength: 5,
  })
  .map((entries) => new Map(entries.filter(([name]) => name !== '__metadata__')));
const metadata = fc.dictionary(
  fc.string().filter((key) => key !== 'sha256' && key !== 'writer'),
  fc.string(),
  { maxKeys: 3, noNullPrototype: true },
);

function bytesOf(data: StoredTensor['data']): number[] {
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** A file with any header over any data, as another program or an accident may have left it. */
function writeRaw(
  header: string | Record<string, unknown>,
  data: Uint8Array = new Uint8Array(0),
  headerLength?: number,
): void {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(headerLength ?? text.length));
  writeFileSync(path, Buffer.concat([size, text, data]));
}

function refusal(): string {
  try {
    readSafetensors(path);
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as CheckpointError).message).toContain(path);
    expect((error as CheckpointError).message).not.toContain('\n');
    return (error as CheckpointError).reason;
  }
  throw new Error('the file was accepted');
}

const small = new Map<string, StoredTensor>([
  ['fc.bias', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ['fc.weight', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1.5, -0, Number.NaN, 1e-40) }],
  ['step', { dtype: 'I64', shape: [], data: BigInt64Array.of(-5n) }],
]);

describe('round trip', () => {
  test('any tensors and metadata come back bit for bit', () => {
    fc.assert(
      fc.property(tensors, metadata, (written, notes) => {
        writeSafetensors(path, written, notes);
        const read = readSafetensors(path);
        expect(read.metadata).toEqual(notes);
        expect([...read.tensors.keys()].sort()).toEqual([...written.keys()].sort());
        for (const [name, { dtype, shape, data }] of written) {
          const back = read.tensors.get(name)!;
          expect([back.dtype, back.shape, bytesOf(back.data)]).toEqual([dtype, shape, bytesOf(data)]);
          expect(back.data.constructor).toBe(data.constructor);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('views into larger buffers are written as the view only', () => {
    const whole = Float32Array.of(9, 1, 2, 9);
    writeSafetensors(path, new Map([['w', { dtype: 'F32', shape: [2], data: whole.subarray(1, 3) }]]));
    expect([...readSafetensors(path).tensors.get('w')!.data]).toEqual([1, 2]);
  });

  test('the data section starts on 8 bytes and each tensor on its element, without gaps', () => {
    writeSafetensors(path, small);
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const { __metadata__, ...entries } = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    expect(__metadata__).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), writer: 'astrogpu' });
    expect(entries).toEqual({
      step: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
      'fc.weight': { dtype: 'F32', shape: [2, 2], data_offsets: [8, 24] },
      'fc.bias': { dtype: 'U8', shape: [3], data_offsets: [24, 27] },
    });
    expect(bytes.length).toBe(8 + length + 27);
  });

  test('the same content is the same file', () => {
    writeSafetensors(path, small, { epoch: '3' });
    const first = readFileSync(path);
    writeSafetensors(path, small, { epoch: '3' });
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  test("another program's file is read: no digest, unaligned data, its own metadata", () => {
    const data = Buffer.alloc(5);
    data[0] = 7;
    data.writeFloatLE(2.5, 1);
    writeRaw(
      {
        __metadata__: { format: 'pt' },
        b: { dtype: 'F32', shape: [1], data_offsets: [1, 5] },
        a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
      },
      data,
    );
    const read = readSafetensors(path);
    expect(read.metadata).toEqual({ format: 'pt' });
    expect([...read.tensors.get('b')!.data]).toEqual([2.5]);
    expect([...read.tensors.get('a')!.data]).toEqual([7]);
  });
});

describe('damage', () => {
  test('a flip of any bits of any byte is refused', () => {
    writeSafetensors(path, small, { epoch: '3', note: 'é' });
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      for (const flip of [1, 0x20, 0x80]) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= flip;
        writeFileSync(path, damaged);
        expect(() => readSafetensors(path), `byte ${at} ^ ${flip}`).toThrow(CheckpointError);
      }
    }
  });

  test('any changed stretch of any file is refused', () => {
    fc.assert(
      fc.property(tensors, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 12 }), (written, place, patch) => {
        writeSafetensors(path, written);
        const bytes = readFileSync(path);
        const before = Buffer.from(bytes);
        bytes.set(patch.subarray(0, bytes.length - (place % bytes.length)), place % bytes.length);
        fc.pre(!bytes.equals(before));
        writeFileSync(path, bytes);
        refusal();
      }),
      { numRuns: 150 },
    );
  });

  test('a file cut at any byte, or with anything behind it, is refused', () => {
    writeSafetensors(path, small);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(() => readSafetensors(path), `cut at ${length}`).toThrow(CheckpointError);
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.of(0)]));
    refusal();
  });

  test('flipped weights are named as damage since writing, a missing digest as such', () => {
    writeSafetensors(path, small);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    expect(refusal()).toBe('its bytes do not match the sha256 in its header: damaged since it was written');
    writeRaw({ __metadata__: { writer: 'astrogpu' } });
    expect(refusal()).toBe('its sha256 is missing from the header: damaged');
  });
});

describe('refusals name the place', () => {
  const f32 = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: offsets });

  test('a missing file, a folder, and one too short', () => {
    rmSync(path, { force: true });
    expect(refusal()).toBe('there is no such file');
    mkdirSync(path);
    expect(refusal()).toBe('it is a folder, not a file');
    rmSync(path, { recursive: true });
    writeFileSync(path, 'abc');
    expect(refusal()).toBe('too short for a safetensors file (3 bytes, at least 8 are needed)');
  });

  test.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n', /but a Git LFS pointer, .*; git lfs pull/],
    ['PK\x03\x04\x14\0archive/data.pkl', /but a ZIP archive; if it is PyTorch's \(\.pt, \.pth, \.bin\), save it as/],
    ['\x80\x02}q\x00(X\x05\0\0\0', /but a Python pickle, as torch\.save .* save it as safetensors/],
    ['\x80\x04\x95\x10', /but a Python pickle|too short/],
    ['\x89HDF\r\n\x1a\n\0\0\0', /but HDF5, as Keras writes it/],
    ['\x93NUMPY\x01\0v\0{', /but a NumPy array/],
    ['GGUF\x03\0\0\0\0\0', /but GGUF/],
    ['\x08\x08\x12\x07pytorch', /but ONNX/],
    ['\x1f\x8b\x08\0\0\0\0\0\0\x03', /but compressed by gzip; unpack it/],
    ['<!DOCTYPE html>\n<html>', /but an HTML page, as a failed download leaves it/],
    ['{"metadata": {}, "weight_map": {}}', /but JSON; the weights of a model in several parts/],
  ])('a file of something else is named for what it is: %j', (begins, reason) => {
    writeFileSync(path, Buffer.from(begins, 'latin1'));
    expect(refusal()).toMatch(reason);
  });

  test('a damaged header whose length looks like another format is called damaged', () => {
    // 80 01: as a pickle begins.
    const header = `{"__metadata__":{}${' '.repeat(0x180 - 18)}!`.slice(0, 0x180);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(0x180n);
    writeFileSync(path, Buffer.concat([length, Buffer.from(header)]));
    expect(refusal()).toMatch(/^the header at bytes 8-391 is not JSON: damaged/);
  });

  test('a header whose length looks like another format is read', () => {
    const header = JSON.stringify({ w: f32([1], [0, 4]) });
    for (const length of [0x0280, 0x8b1f]) {
      writeRaw(header.padEnd(length), new Uint8Array(4));
      expect([...readSafetensors(path).tensors.keys()]).toEqual(['w']);
    }
  });

  test('a header longer than the file', () => {
    writeRaw('{}', new Uint8Array(0), 1000);
    expect(refusal()).toMatch(/bytes 0-7 announce a header of 1000 bytes, but the file has 10 in all/);
    writeFileSync(path, Buffer.alloc(64, 0xff));
    expect(refusal()).toMatch(/announce a header of 18446744073709551615 bytes/);
  });

  test.each(['{"a":', 'PK\u0003\u0004', ''])('a header that is not JSON: %j', (header) => {
    writeRaw(header);
    expect(refusal()).toMatch(/^the header at bytes 8-\d+ is not JSON/);
  });

  test.each(['[1]', '3', 'null'])('a header that is no object: %s', (header) => {
    writeRaw(header);
    expect(refusal()).toMatch(/is not a JSON object/);
  });

  test.each([{ __metadata__: { a: 1 } }, { __metadata__: null }, { __metadata__: 'x' }])(
    'metadata that is no text: %j',
    (header) => {
      writeRaw(header);
      expect(refusal()).toMatch(/"__metadata__"/);
    },
  );

  test.each([
    ['a dtype not stored here', { w: f32([1], [0, 1], 'F4') }, /tensor "w" has the dtype "F4"; known are F32/],
    ['a dtype of the prototype', { w: f32([1], [0, 4], 'constructor') }, /tensor "w" has the dtype "constructor"/],
    ['no entry at all', { w: null }, /tensor "w" has the dtype undefined/],
    ['a negative size', { w: f32([-1], [0, 4]) }, /tensor "w" has the shape \[-1\]/],
    ['a broken size', { w: f32([1.5], [0, 6]) }, /tensor "w" has the shape \[1.5\]/],
    ['no shape', { w: f32(undefined, [0, 4]) }, /tensor "w" has the shape undefined/],
    ['offsets in reverse', { w: f32([1], [4, 0]) }, /tensor "w" has the data offsets \[4,0\]/],
    ['three offsets', { w: f32([1], [0, 4, 8]) }, /tensor "w" has the data offsets/],
    ['a negative offset', { w: f32([1], [-4, 0]) }, /tensor "w" has the data offsets/],
    [
      'more shape than bytes',
      { w: f32([2, 3], [0, 8]) },
      /"w" of shape \[2,3\] F32 needs 24 bytes, not 8 bytes \(data bytes 0-8\)/,
    ],
    [
      'an end beyond the file',
      { w: f32([4], [0, 16]) },
      /tensor "w" ends at byte \d+, but the file has only \d+ bytes: truncated/,
    ],
    ['an overlap', { v: f32([1], [0, 4]), w: f32([2], [0, 8]) }, /tensor "w" overlaps another at byte \d+/],
    ['a gap', { w: f32([1], [4, 8]) }, /a gap at bytes \d+-\d+ before tensor "w"/],
    ['bytes left over', { w: f32([1], [0, 4]) }, /^4 bytes are left over after the last tensor, from byte \d+/],
  ])('%s', (_, header, reason) => {
    writeRaw(header, new Uint8Array(8));
    expect(refusal()).toMatch(reason);
  });
});

describe('writing', () => {
  const f32 = (shape: number[], data: StoredTensor['data'], dtype = 'F32') =>
    new Map([['w', { dtype, shape, data } as StoredTensor]]);

  test.each([
    [f32([3], new Float32Array(2)), /tensor "w" of shape \[3\] cannot hold 2 elements/],
    [f32([-1, -2], new Float32Array(2)), /tensor "w" of shape \[-1,-2\] cannot hold 2 elements/],
    [f32([2], new Uint32Array(2)), /tensor "w" is F32 and needs a Float32Array, not Uint32Array/],
    [f32([2], new Float32Array(2), 'F4'), /tensor "w" has the unknown dtype F4/],
    [new Map([['__metadata__', small.get('step')!]]), /a tensor cannot be called "__metadata__"/],
  ])('refuses what does not fit and leaves the old file', (bad, reason) => {
    writeSafetensors(path, small);
    const before = readFileSync(path);
    expect(() => writeSafetensors(path, bad)).toThrow(reason);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.safetensors']);
  });

  test.each(['sha256', 'writer'])('refuses the metadata key %s', (key) => {
    expect(() => writeSafetensors(path, small, { [key]: 'x' })).toThrow(`the metadata key "${key}" is reserved`);
  });

  test('a folder that is not there is a checkpoint error naming the path', () => {
    const nowhere = join(folder, 'no', 'where.safetensors');
    expect(() => writeSafetensors(nowhere, small)).toThrow(CheckpointError);
    expect(() => writeSafetensors(nowhere, small)).toThrow(nowhere);
  });
});
