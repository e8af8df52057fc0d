// State dicts through files and blobs: what is saved is loaded, by io's reader, too; what is damaged is refused; nothing half-written is left.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toHalf } from '../../src/gpu/device/half.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { CheckpointError, Conv2d, Linear, loadSafetensors, Sequential, saveSafetensors } from '../../src/nn/index.ts';
import { globalAvgPool, relu } from '../../src/ops/index.ts';
import { gpu } from '../support/gpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-state-'));
afterAll(() => rmSync(folder, { recursive: true }));
const make = (seed: number): Sequential =>
  new Sequential(new Conv2d(2, 3), relu, globalAvgPool, new Linear(3, 4)).to(gpu, seed);
const [a, b] = [make(1), make(2)];

describe('a module', () => {
  it('goes through a file', async () => {
    const path = join(folder, 'model.safetensors');
    await saveSafetensors(a, path);
    await saveSafetensors(a, path);
    expect(readdirSync(folder)).toEqual(['model.safetensors']);
    const dict = await loadSafetensors(path);
    expect(dict).toEqual(await a.stateDict());
    b.loadStateDict(dict);
    expect(await b.stateDict()).toEqual(dict);
    // The same file as io has it, whose digest it verifies.
    expect([...readSafetensors(path).tensors.keys()]).toEqual([...dict.keys()]);
    expect(dict.get('0.weight')!.shape).toEqual([3, 2, 3, 3]);
  });

  it('goes through a blob, and a dict as well', async () => {
    const blob = await saveSafetensors(a);
    expect(blob).toBeInstanceOf(Blob);
    const dict = await loadSafetensors(blob);
    expect(dict).toEqual(await a.stateDict());
    const again = await saveSafetensors(Object.fromEntries(dict));
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(new Uint8Array(await blob.arrayBuffer()));
    expect(await loadSafetensors(await again.arrayBuffer())).toEqual(dict);
  });
});

it('halves and doubles become f32, counters of batches are left out', async () => {
  const path = join(folder, 'other.safetensors');
  writeSafetensors(
    path,
    new Map([
      ['half', { dtype: 'F16', shape: [2], data: toHalf([0.5, -2]) }],
      ['double', { dtype: 'F64', shape: [1], data: Float64Array.of(0.1) }],
      ['norm.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(3n) }],
    ]),
  );
  expect([...(await loadSafetensors(path))]).toEqual([
    ['double', { shape: [1], data: Float32Array.of(0.1) }],
    ['half', { shape: [2], data: Float32Array.of(0.5, -2) }],
  ]);
});

describe('what is refused', () => {
  const path = join(folder, 'damaged.safetensors');
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a file that is not there', () => loadSafetensors(join(folder, 'nowhere')), /nowhere: it cannot be read \(ENOENT/],
    [
      'a damaged file',
      async () => {
        await saveSafetensors(a, path);
        const bytes = readFileSync(path);
        bytes[bytes.length - 1] ^= 1;
        writeFileSync(path, bytes);
        return loadSafetensors(path);
      },
      /damaged\.safetensors: its bytes do not match/,
    ],
    [
      'bytes of something else',
      () => loadSafetensors(new TextEncoder().encode('{"a": 1, "b": 22222}')),
      /of the page: this is no safetensors file but JSON/,
    ],
    [
      'integers',
      () => {
        writeSafetensors(path, new Map([['ids', { dtype: 'I64', shape: [1], data: BigInt64Array.of(1n) }]]));
        return loadSafetensors(path);
      },
      /tensor "ids" is I64; weights are F32, F64, F16 or BF16/,
    ],
    ['a folder that is not there', () => saveSafetensors(a, join(folder, 'no/where')), /cannot be written \(ENOENT/],
    [
      'a shape that does not fit',
      () => saveSafetensors({ x: { shape: [3], data: new Float32Array(2) } }),
      /tensor "x" of shape \[3\] cannot hold 2/,
    ],
  ])('%s', async (_, fn, message) => {
    await expect(fn()).rejects.toThrow(CheckpointError);
    await expect(fn()).rejects.toThrow(message);
  });

  it.each([undefined, 3, 'model'])('%j in place of a module', async (source) => {
    await expect(saveSafetensors(source as never)).rejects.toThrow(/a module or a state dict is wanted/);
    if (typeof source !== 'string') await expect(loadSafetensors(source as never)).rejects.toThrow(/are wanted/);
  });
});
