// Batches of groups: those that Detectron2's own way of grouping gives, one after the other, but told by their number alone.
import { expect, it } from 'vitest';
import { shuffledOrder } from '../../../src/data/arrays/shuffle.ts';
import { GroupedOrder } from '../../../src/data/detection/grouped-order.ts';
import { generator } from '../../support/random.ts';

const groupsOf = (seed: number, count: number, share: number): Uint8Array => {
  const next = generator(seed);
  return Uint8Array.from({ length: count }, () => (next() < share ? 0 : 1));
};

/** Items of the epochs one after the other go into the bucket of their group, which is a batch when it is full. */
function* buckets(groups: Uint8Array, batch: number, seed: number) {
  const kept: { item: number; epoch: number }[][] = [[], []];
  for (let epoch = 0; ; epoch++)
    for (const item of shuffledOrder(groups.length, seed, epoch)) {
      const bucket = kept[groups[item]];
      bucket.push({ item, epoch });
      if (bucket.length === batch) yield { last: epoch, places: bucket.splice(0) };
    }
}

it.each([
  [23, 4, 0.6],
  [8, 3, 0.3],
  [5, 8, 0.5],
  [9, 2, 1],
  [9, 2, 0],
  [3, 1, 0.5],
])('%i pictures, %i in a batch, a share of %f lying', (count, batch, share) => {
  const groups = groupsOf(count, count, share);
  const order = new GroupedOrder({ groups, batch, seed: 7, shuffle: true });
  const wanted = [];
  for (const one of buckets(groups, batch, 7)) {
    wanted.push(one);
    if (wanted.length === 60) break;
  }
  for (const [draw, { last, places }] of wanted.entries())
    expect(order.find(draw)).toEqual({
      items: places.map(({ item }) => item),
      epochs: places.map(({ epoch }) => epoch),
      fresh: batch,
      epoch: last,
    });
  // Whoever begins anywhere finds the same.
  for (const draw of [41, 3, 59, 17]) {
    const anew = new GroupedOrder({ groups, batch, seed: 7, shuffle: true });
    expect(anew.find(draw)).toEqual(order.find(draw));
  }
  expect(order.batches).toBe(wanted.filter(({ last }) => last === 0).length);
});

it('without shuffling has each item once, group by group', () => {
  const groups = groupsOf(3, 17, 0.4);
  const order = new GroupedOrder({ groups, batch: 4, seed: 0, shuffle: false });
  for (const epoch of [0, 1]) {
    const seen = [];
    for (let i = 0; i < order.batches; i++) {
      const batch = order.find(epoch * order.batches + i);
      expect(batch.items.length).toBe(4);
      expect(batch.epoch).toBe(epoch);
      expect(new Set(batch.items.map((item) => groups[item])).size).toBe(1);
      seen.push(...batch.items.slice(0, batch.fresh));
    }
    const all = [...groups.keys()];
    expect(seen).toEqual([...all.filter((i) => groups[i] === 0), ...all.filter((i) => groups[i] === 1)]);
  }
});
