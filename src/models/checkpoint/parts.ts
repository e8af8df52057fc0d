// One projection gives queries, keys and values here; others keep three. Their rows under each other are ours.
import { floatsOf, type StoredTensor } from '../../nn/index.ts';

const PARTS = ['q', 'k', 'v'];
const PART = /^(.*\.)([qkv])\.(weight|bias)$/;
const COUNT = PARTS.length;

/** The name of the whole that a tensor is a part of, and which part; undefined for names that are no part's. */
export function partOf(name: string): { whole: string; part: number } | undefined {
  const [, before, part, kind] = PART.exec(name) ?? [];
  return kind === undefined ? undefined : { whole: `${before}qkv.${kind}`, part: PARTS.indexOf(part) };
}

/** Puts the parts of every whole that is `wanted` together, in f32. Parts stay as they are where one is missing or no floating-point tensor, or their rows do not fit each other. */
export function joinParts(
  tensors: ReadonlyMap<string, StoredTensor>,
  wanted: { has(name: string): boolean },
): Map<string, StoredTensor> {
  const joined = new Map(tensors);
  for (const name of tensors.keys()) {
    const found = partOf(name);
    if (found?.part !== 0 || !wanted.has(found.whole) || tensors.has(found.whole)) continue;
    const names = PARTS.map((part) => name.replace(PART, `$1${part}.$3`));
    const whole = stacked(names.map((part) => tensors.get(part)));
    if (!whole) continue;
    for (const part of names) joined.delete(part);
    joined.set(found.whole, whole);
  }
  return joined;
}

function stacked(parts: readonly (StoredTensor | undefined)[]): StoredTensor | undefined {
  const [first] = parts;
  const values = parts.flatMap((part) => {
    const fits = first && part && part.shape.length > 0 && part.shape.slice(1).join() === first.shape.slice(1).join();
    const data = fits ? floatsOf(part) : undefined;
    return part && data ? [{ rows: part.shape[0], data }] : [];
  });
  if (values.length < COUNT) return undefined;
  const data = new Float32Array(values.reduce((length, part) => length + part.data.length, 0));
  let at = 0;
  for (const part of values) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const rows = values.reduce((sum, part) => sum + part.rows, 0);
  return { dtype: 'F32', shape: [rows, ...first!.shape.slice(1)], data };
}
