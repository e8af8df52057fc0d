// The drawn stand-in: same bytes for the same seed, balanced classes, images that differ, and classes that a picture really shows.
import { describe, expect, it } from 'vitest';
import { ImageRangeError } from '../../../src/data/errors.ts';
import { takeImages } from '../../../src/data/image/image-set.ts';
import { sampleImages } from '../../../src/data/loader/task-images.ts';
import { shapes } from '../../../src/data/synthetic/shapes.ts';
import { drawStandIn } from '../../../src/data/synthetic/stand-in.ts';

const sizes = { train: 200, test: 100 };

describe('the stand-in', () => {
  it('has the form of CIFAR-10', () => {
    const { train, test } = drawStandIn(sizes);
    expect(train).toMatchObject({ count: 200, height: 32, width: 32, channels: 3 });
    expect([train.images.length, train.labels.length, test.count]).toEqual([200 * 3072, 200, 100]);
    expect(new Set(train.classes).size).toBe(10);
  });

  it('is the same for the same seed and another for another', () => {
    const [a, b, c] = [drawStandIn(sizes), drawStandIn(sizes), drawStandIn({ ...sizes, seed: 2 })];
    expect(Buffer.compare(a.train.images, b.train.images)).toBe(0);
    expect(a.test.labels).toEqual(b.test.labels);
    expect(Buffer.compare(a.train.images, c.train.images)).not.toBe(0);
  });

  it('begins alike whatever its size, so that a smaller set is a part of the larger', () => {
    const [small, large] = [drawStandIn({ train: 30, test: 0 }).train, drawStandIn(sizes).train];
    expect(Buffer.compare(small.images, takeImages(large, 30).images)).toBe(0);
  });

  it('has every class once in each ten images, in changing order', () => {
    const { labels } = drawStandIn(sizes).train;
    const tens = Array.from({ length: 20 }, (_, i) => [...labels.subarray(10 * i, 10 * i + 10)]);
    for (const ten of tens) expect([...ten].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(tens.map(String)).size).toBeGreaterThan(15);
  });

  it('draws no image twice, within a set or across both', () => {
    const { train, test } = drawStandIn(sizes);
    const seen = new Set<string>();
    for (const set of [train, test]) {
      for (let i = 0; i < set.count; i++)
        seen.add(Buffer.from(set.images.subarray(i * 3072, (i + 1) * 3072)).toString('latin1'));
    }
    expect(seen.size).toBe(300);
  });

  it('cannot be told apart by mean color alone: no class has a color of its own', () => {
    const { train } = drawStandIn({ train: 2000, test: 0 });
    const sums = new Float64Array(30);
    for (let i = 0; i < train.images.length; i++) {
      sums[train.labels[Math.floor(i / 3072)]! * 3 + (i % 3)]! += train.images[i]! / (200 * 1024);
    }
    // An image's mean color has a spread of about 55; the mean of 200 of them, 4: six times that is far outside chance.
    for (const mean of sums) expect(Math.abs(mean - 127.5)).toBeLessThan(25);
  });

  it('has shapes that a flip leaves in their class: each is its own mirror image', () => {
    for (const shape of shapes.filter(({ name }) => name !== 'columns' && name !== 'checkers')) {
      for (const [x, y] of [
        [0.3, 0.2],
        [0.7, -0.5],
        [0.1, 0.9],
      ] as const) {
        expect(shape.distance(-x, y, 0.5)).toBeCloseTo(shape.distance(x, y, 0.5), 12);
      }
    }
  });
});

describe('takeImages', () => {
  const { train } = drawStandIn({ train: 20, test: 0 });

  it('takes the first n, or a list in its order', () => {
    expect(takeImages(train, 7).labels).toEqual(train.labels.slice(0, 7));
    const some = takeImages(train, [5, 0, 5]);
    expect([...some.labels]).toEqual([5, 0, 5].map((i) => train.labels[i]));
    expect(Buffer.compare(some.images.subarray(0, 3072), train.images.subarray(5 * 3072, 6 * 3072))).toBe(0);
    expect(some.count).toBe(3);
  });

  it('copies: writing to a selection leaves the set alone', () => {
    const before = train.images[0]!;
    takeImages(train, 1).images[0] = before ^ 255;
    expect(train.images[0]).toBe(before);
  });

  it.each([21, -1, 1.5])('refuses the first %d of 20', (n) => {
    expect(() => takeImages(train, n)).toThrow(ImageRangeError);
  });

  it('names the entry of a list that is out of range', () => {
    expect(() => takeImages(train, [0, 20])).toThrow('image 20 (entry 1 of the selection)');
  });
});

describe('sampleImages', () => {
  const { train } = drawStandIn({ train: 300, test: 0 });
  const sorted = takeImages(
    train,
    Array.from({ length: 300 }, (_, i) => i).sort((a, b) => train.labels[a] - train.labels[b]),
  );

  it('draws from all of a set that lies class by class, the same for a seed', () => {
    const some = sampleImages(sorted, 60, 1);
    expect(some.count).toBe(60);
    expect(new Set(some.labels).size).toBe(10);
    expect(sampleImages(sorted, 60, 1).images).toEqual(some.images);
    expect(sampleImages(sorted, 60, 2).images).not.toEqual(some.images);
    // Without repetition, and in the set's order.
    expect([...some.labels]).toEqual([...some.labels].sort((a, b) => a - b));
    expect(new Set(Array.from({ length: 60 }, (_, i) => Buffer.from(imageOf(some, i)).toString('hex'))).size).toBe(60);
  });

  it('is the set where it has no more', () => {
    expect(sampleImages(sorted, 300, 1)).toBe(sorted);
    expect(sampleImages(sorted, 1e6, 1)).toBe(sorted);
  });

  const imageOf = (set: typeof train, i: number): Uint8Array => set.images.subarray(i * 3072, (i + 1) * 3072);
});
