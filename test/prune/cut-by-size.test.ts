// The cut by the size of weights: what stays are the largest filters, whole channels of a sum go together, and compaction takes out what was silenced.
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/gpu/device/errors.ts';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { vit } from '../../src/models/zoo/vit.ts';
import { compact } from '../../src/prune/compact.ts';
import { cutBySize } from '../../src/prune/cut-by-size.ts';
import { evaluate, randomDict } from '../support/evaluate.ts';
import { values } from '../support/random.ts';

/** Two blocks with a sum: the channels of stem, b and the sum are one. */
function residual() {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 8, { norm: 'stem.bn', relu: true });
  const inner = b.conv(stem, 'a', 6, { norm: 'a.bn', relu: true });
  const sum = b.conv(inner, 'b', 8, { norm: 'b.bn', residual: stem, relu: true });
  b.linear(b.globalPool(sum), 'fc', 3);
  return b.graph('residual', 8);
}

const filterSize = (data: Float32Array, filters: number, i: number): number =>
  data
    .subarray((i * data.length) / filters, ((i + 1) * data.length) / filters)
    .reduce((sum, w) => sum + Math.abs(w), 0);

describe('cutBySize', () => {
  const graph = residual();
  const dict = randomDict(graph, 3);

  it('keeps the largest filters of a layer that stands alone', () => {
    const cut = cutBySize(graph, dict, 0.5);
    const before = dict.get('a.weight')!.data;
    const sizes = Array.from({ length: 6 }, (_, i) => filterSize(before, 6, i));
    const third = [...sizes].sort((a, b) => b - a)[2];
    for (const [i, size] of sizes.entries())
      expect(filterSize(cut.get('a.weight')!.data, 6, i)).toBe(size >= third ? size : 0);
    for (const [i, size] of sizes.entries()) if (size < third) expect(cut.get('a.bn.bias')!.data[i]).toBe(0);
    expect(dict.get('a.weight')!.data).toBe(before);
  });

  it('cuts the channels of a sum in all that make them, and leaves what compaction takes out to the last one', () => {
    const cut = cutBySize(graph, dict, 0.5);
    const silent = (name: string): boolean[] =>
      Array.from({ length: 8 }, (_, i) => filterSize(cut.get(name)!.data, 8, i) === 0);
    expect(silent('stem.weight')).toEqual(silent('b.weight'));
    const smaller = compact(graph, cut, { multiple: 1 });
    expect(smaller.dict.get('stem.weight')!.shape).toEqual([4, 3, 3, 3]);
    expect(smaller.dict.get('a.weight')!.shape).toEqual([3, 4, 3, 3]);
    expect(smaller.dict.get('fc.weight')!.shape).toEqual([3, 4]);
    const x = values(7, 8 * 8 * 3);
    const [whole, small] = [evaluate(graph, cut, x), evaluate(smaller.graph, smaller.dict, x)];
    for (const [i, value] of whole.entries()) expect(small[i]).toBeCloseTo(value, 5);
  });

  it('keeps at least one channel of each space, all with 1, and refuses other parts', () => {
    expect(compact(graph, cutBySize(graph, dict, 1e-9), { multiple: 1 }).dict.get('a.weight')!.shape[0]).toBe(1);
    expect([...cutBySize(graph, dict, 1)]).toEqual([...dict]);
    for (const keep of [0, -1, 1.5, Number.NaN]) expect(() => cutBySize(graph, dict, keep)).toThrow(ConfigError);
  });

  it('cuts as much of each head of a transformer, and channels of its sum with the places in them', () => {
    const whole = vit({ model: 'vit', size: 8, patch: 4, width: 12, blocks: 2, heads: 3, ratio: 2, classes: 3 });
    const cut = cutBySize(whole, randomDict(whole, 3), 0.5);
    const smaller = compact(whole, cut, { multiple: 1 });
    for (const node of smaller.graph.nodes) {
      if (node.op === 'attention') expect(node).toMatchObject({ heads: 3, depth: 2, valueDepth: 2 });
      // One stands for those that went.
      if (node.op === 'layerNorm') expect(node).toMatchObject({ channels: 7, width: 12 });
      if (node.op === 'gelu') expect(smaller.dict.get(`${node.input}.weight`)!.shape).toEqual([12, 7]);
    }
    const x = values(7, 8 * 8 * 3);
    const expected = evaluate(whole, cut, x);
    for (const [i, value] of evaluate(smaller.graph, smaller.dict, x).entries())
      expect(value).toBeCloseTo(expected[i], 4);
  });
});
