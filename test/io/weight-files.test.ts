// Weights in several files: what an index says and its shards have is read, whatever way it is named; an index that reaches out of its folder, or does not fit its shards, is refused.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CheckpointError, type StoredTensor, writeSafetensors } from '../../src/io/safetensors.ts';
import { readWeights } from '../../src/io/weight-files.ts';

const root = mkdtempSync(join(tmpdir(), 'weight-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const INDEX = 'model.safetensors.index.json';
const shardName = (i: number): string => `model-0000${i}-of-00002.safetensors`;
const one = (value: number): StoredTensor => ({ dtype: 'F32', shape: [1], data: Float32Array.of(value) });

/** A folder with files of tensors by name, and an index, or a text in its place. */
function folder(
  shards: Record<string, Record<string, StoredTensor>>,
  index?: Record<string, unknown> | string,
): string {
  const path = mkdtempSync(join(root, 'w-'));
  for (const [name, tensors] of Object.entries(shards))
    writeSafetensors(join(path, name), new Map(Object.entries(tensors)));
  if (index !== undefined)
    writeFileSync(
      join(path, INDEX),
      typeof index === 'string' ? index : JSON.stringify({ metadata: { total_size: 8 }, weight_map: index }),
    );
  return path;
}

const SHARDS: Record<string, Record<string, StoredTensor>> = {
  [shardName(1)]: {
    'a.weight': one(1),
    'b.weight': { dtype: 'BF16', shape: [1], data: Uint16Array.of(0x4000) },
  },
  [shardName(2)]: { 'c.weight': one(3) },
};
const MAP = { 'a.weight': shardName(1), 'b.weight': shardName(1), 'c.weight': shardName(2) };

function refusal(path: string): string {
  try {
    readWeights(path);
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('the weights were accepted');
}

it('an index, and the folder that it is in, give the tensors of all shards', () => {
  const path = folder(SHARDS, MAP);
  for (const named of [path, join(path, INDEX)]) {
    const { tensors, metadata, files } = readWeights(named);
    expect([...tensors.keys()]).toEqual(['a.weight', 'b.weight', 'c.weight']);
    expect(tensors.get('b.weight')!.dtype).toBe('BF16');
    expect(metadata).toEqual({});
    expect(files).toEqual([1, 2].map((i) => join(path, shardName(i))));
  }
});

it('a folder means its model.safetensors, or the only file that it can mean', () => {
  const both = folder({ ...SHARDS, 'model.safetensors': { whole: one(1) } }, MAP);
  expect([...readWeights(both).tensors.keys()]).toEqual(['whole']);
  const single = folder({ 'vit.safetensors': { a: one(1) } });
  expect(readWeights(single).files).toEqual([join(single, 'vit.safetensors')]);
  expect(readWeights(join(single, 'vit.safetensors')).tensors.size).toBe(1);
});

it('a folder that may mean several files, or has none, says so', () => {
  expect(refusal(folder(SHARDS))).toContain(`it has ${shardName(1)}, ${shardName(2)}: name one of them`);
  const pickle = folder({});
  writeFileSync(join(pickle, 'pytorch_model.bin'), 'x');
  expect(refusal(pickle)).toMatch(/there are no weights in this folder .*; save pytorch_model\.bin as safetensors/);
});

it.each([
  '../other.safetensors',
  '/etc/passwd',
  'sub/model.safetensors',
  '..',
  '.',
  '',
  '..\\other.safetensors',
  'a\0b',
  'a'.repeat(300),
])('an index that names %j is refused before anything is read', (shard) => {
  const path = folder(SHARDS, { ...MAP, 'c.weight': shard });
  writeSafetensors(join(root, 'other.safetensors'), new Map([['c.weight', one(3)]]));
  mkdirSync(join(path, 'sub'));
  writeSafetensors(join(path, 'sub', 'model.safetensors'), new Map([['c.weight', one(3)]]));
  expect(refusal(path)).toContain(
    `tensor "c.weight" in ${JSON.stringify(shard)}; an index names files of its own folder`,
  );
});

it('shards that are missing are named, at most a few of them', () => {
  const { [shardName(2)]: _, ...first } = SHARDS;
  expect(refusal(folder(first, MAP))).toContain(`of its 2 files ${shardName(2)} are missing beside it`);
  const many = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`t${i}`, `s${i}.safetensors`]));
  expect(refusal(folder({}, many))).toContain('s3.safetensors and 3 more are missing');
});

it('an index and its shards must agree', () => {
  const twice = { ...SHARDS, [shardName(2)]: { 'c.weight': one(3), 'a.weight': one(1) } };
  expect(refusal(folder(twice, MAP))).toContain(`tensor "a.weight" is in two of its files, one is ${shardName(2)}`);
  const { 'b.weight': _, ...fewer } = MAP;
  expect(refusal(folder(SHARDS, fewer))).toContain('it has tensor "b.weight", which the index does not have');
  const elsewhere = { ...MAP, 'c.weight': shardName(1), d: shardName(2) };
  expect(refusal(folder(SHARDS, elsewhere))).toContain(`which the index says is in ${shardName(1)}`);
  expect(refusal(folder(SHARDS, { ...MAP, d: shardName(2) }))).toContain(
    `d: not in the files that it says, such as ${shardName(2)}`,
  );
});

it.each([
  ['{"weight_map": {', 'it is not JSON'],
  ['{"weight_map": {}}', 'its "weight_map" names no tensor'],
  ['{"weights": {}}', 'weight_map is missing'],
  ['{"weight_map": {"a": 1}}', 'weight_map.a is 1; a text is wanted'],
  ['[]', 'weight_map is missing'],
  ['', 'it is empty'],
])('%s is no index', (text, message) => {
  expect(refusal(folder(SHARDS, text))).toContain(message);
});

it('a shard that is damaged or of another kind is named', () => {
  const path = folder(SHARDS, MAP);
  writeFileSync(join(path, shardName(2)), 'PK\x03\x04 rest');
  expect(refusal(path)).toMatch(/00002-of-00002\.safetensors: this is no safetensors file but a ZIP archive/);
});
