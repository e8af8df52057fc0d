// Queries, keys and values that a file keeps apart become the rows of one tensor, in this order; what does not fit stays as it is.
import { expect, it } from 'vitest';
import { toHalf } from '../../../src/gpu/device/half.ts';
import { joinParts, partOf } from '../../../src/models/checkpoint/parts.ts';
import type { StoredTensor } from '../../../src/nn/safetensors.ts';

const ROOT = 'blocks.3.attn';
const WHOLE = new Set([`${ROOT}.qkv.weight`, `${ROOT}.qkv.bias`]);
const f32 = (shape: number[], from: number): StoredTensor => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => from + i);
  return { dtype: 'F32', shape, data };
};

it('names of parts', () => {
  expect(partOf(`${ROOT}.k.bias`)).toEqual({ whole: `${ROOT}.qkv.bias`, part: 1 });
  for (const name of [`${ROOT}.qkv.bias`, 'k', 'k.weight2', 'attn.x.weight']) expect(partOf(name)).toBeUndefined();
});

it('are put together whatever their order and types', () => {
  const given = new Map<string, StoredTensor>([
    [`${ROOT}.v.weight`, f32([1, 2], 9)],
    [`${ROOT}.k.weight`, { dtype: 'F16', shape: [1, 2], data: toHalf(Float32Array.of(5, 6)) }],
    ['other', f32([1], 0)],
    [`${ROOT}.q.weight`, { dtype: 'BF16', shape: [2, 2], data: Uint16Array.of(0x3f80, 0x4000, 0x4040, 0x4080) }],
    ...['q', 'k', 'v'].map((part, i) => [`${ROOT}.${part}.bias`, f32([1], i)] as const),
  ]);
  const joined = joinParts(given, WHOLE);
  expect([...joined.keys()].sort()).toEqual([...WHOLE, 'other'].sort());
  const { shape, data } = joined.get(`${ROOT}.qkv.weight`)!;
  expect([shape, [...data]]).toEqual([
    [4, 2],
    [1, 2, 3, 4, 5, 6, 9, 10],
  ]);
  expect([...joined.get(`${ROOT}.qkv.bias`)!.data]).toEqual([0, 1, 2]);
});

it.each<[string, Record<string, StoredTensor>]>([
  ['one is missing', { q: f32([1, 2], 0), v: f32([1, 2], 0) }],
  ['the first is missing', { k: f32([1, 2], 0), v: f32([1, 2], 0) }],
  ['rows are longer', { q: f32([1, 2], 0), k: f32([1, 3], 0), v: f32([1, 2], 0) }],
  ['one is a single value', { q: f32([], 0), k: f32([], 0), v: f32([], 0) }],
  ['one holds integers', { q: f32([1], 0), k: { dtype: 'I32', shape: [1], data: Int32Array.of(1) }, v: f32([1], 0) }],
  ['the whole is there, too', { q: f32([1], 0), k: f32([1], 0), v: f32([1], 0), qkv: f32([3], 0) }],
])('stay as they are where %s', (_, parts) => {
  const given = new Map(Object.entries(parts).map(([part, tensor]) => [`${ROOT}.${part}.weight`, tensor]));
  expect(joinParts(given, WHOLE)).toEqual(given);
});

it('stay as they are for a network that keeps them apart', () => {
  const given = new Map(['q', 'k', 'v'].map((part) => [`a.${part}.weight`, f32([1, 1], 0)]));
  expect(joinParts(given, new Set(given.keys()))).toEqual(given);
});
