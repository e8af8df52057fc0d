// Compaction on small random graphs: residual sums, concatenations, pools, strides and layers without normalization, in any order.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import type { StateTensor } from '../../src/nn/state-dict.ts';
import { compact } from '../../src/prune/compact.ts';
import { CompactError } from '../../src/prune/error.ts';
import { cutWeights, evaluate, evaluateOutputs, randomDict } from '../support/evaluate.ts';
import { generator, values, whole } from '../support/random.ts';

const SIDE = 8;
/** Values in float64 of parameters in f32. */
const TOLERANCE = 1e-5;

/** A chain of random pieces that read any value of a fitting size; with `ends`, from two sources to several outputs. */
function randomGraph(seed: number, pieces: number, ends = false): Graph {
  const next = generator(seed);
  const b = new GraphBuilder();
  const pick = <T>(list: readonly T[]): T => list[whole(next, 0, list.length - 1)];
  const chance = (p: number): boolean => next() < p;
  let side = SIDE;
  let level = ends ? [b.image(3), b.image(2, 'second')] : [b.image()];
  const outputs = ['fc'];
  for (let n = 0; n < pieces; n++) {
    const name = `p${n}`;
    const x = pick(level.slice(-3));
    const conv = (input: string, conv: string, outputs: number, stride: number, residual?: string): string => {
      const kernel = pick([1, 3]);
      return b.conv(input, conv, outputs, {
        name: conv,
        kernel,
        stride,
        bias: chance(0.3),
        norm: chance(0.7) ? `${conv}.bn` : undefined,
        residual,
        relu: chance(0.6),
      });
    };
    switch (whole(next, 0, 6)) {
      case 0:
        level.push(b.concat(name, x, pick(level)));
        break;
      case 1:
        level.push(b.norm(x, name, { relu: chance(0.7) }));
        break;
      case 2:
        if (side >= 4) {
          level = chance(0.5)
            ? [b.pool(pick(['maxPool', 'avgPool']), name, x, 2)]
            : [b.pool(pick(['maxPool', 'avgPool']), name, x, 3, 2, 1)];
          side = Math.ceil(side / 2);
        }
        break;
      case 3:
        if (side >= 4 && side % 2 === 0) {
          level = [conv(x, name, whole(next, 1, 4), 2)];
          side /= 2;
        }
        break;
      case 4:
      case 5: {
        const width = b.width(x);
        level.push(conv(conv(x, `${name}.a`, whole(next, 1, 4), 1), `${name}.b`, width, 1, x));
        break;
      }
      default:
        level.push(conv(x, name, whole(next, 1, 4), 1));
    }
    if (ends && chance(0.3) && !outputs.includes(level.at(-1)!)) outputs.push(level.at(-1)!);
  }
  b.linear(b.globalPool(level.at(-1)!), 'fc', 3);
  return b.graph('random', SIDE, ends ? outputs : undefined);
}

/** Some biases, scales and shifts are exactly 0, or all biases are. */
function silence(dict: Map<string, StateTensor>, seed: number, unbiased: boolean): void {
  const next = generator(seed);
  for (const [name, { data, shape }] of dict) {
    if (shape.length > 1 || name.includes('running')) continue;
    for (const c of data.keys()) if (next() < 0.1 || (unbiased && name.endsWith('bias'))) data[c] = 0;
  }
}

it('random graphs give the same logits after compaction, and a second one finds nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(0.85, 0.6, 0.4, 0.2),
      fc.boolean(),
      fc.constantFrom(1, 2, 4),
      (seed, pieces, density, unbiased, multiple) => {
        const graph = randomGraph(seed, pieces);
        const dict = randomDict(graph, seed + 1);
        const next = generator(seed + 2);
        cutWeights(graph, dict, () => next() < density);
        silence(dict, seed + 3, unbiased);
        const images = [4, 5].map((at) => values(seed + at, SIDE * SIDE * 3));
        const expected = images.map((image) => evaluate(graph, dict, image));
        let compacted: ReturnType<typeof compact>;
        try {
          compacted = compact(graph, dict, { multiple });
        } catch (error) {
          expect(error).toBeInstanceOf(CompactError);
          expect(expected[0]).toEqual(expected[1]);
          return;
        }
        const largest = Math.max(...expected.flatMap((logits) => [...logits].map(Math.abs)));
        for (const [i, image] of images.entries())
          for (const [c, value] of evaluate(compacted.graph, compacted.dict, image).entries())
            expect(Math.abs(value - expected[i][c])).toBeLessThanOrEqual(TOLERANCE * largest);
        const again = compact(compacted.graph, compacted.dict, { multiple });
        expect(again).toEqual({ ...compacted, removed: { parameters: 0, layers: [] } });
      },
    ),
    { numRuns: 400, seed: 1 },
  );
});

it('so do those with two sources and several outputs, each of which keeps its name and channels', () => {
  let several = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(0.85, 0.6, 0.4, 0.2),
      fc.constantFrom(1, 4),
      (seed, pieces, density, multiple) => {
        const graph = randomGraph(seed, pieces, true);
        const dict = randomDict(graph, seed + 1);
        const next = generator(seed + 2);
        cutWeights(graph, dict, () => next() < density);
        silence(dict, seed + 3, false);
        const images = [4, 5].map((at) => ({
          image: values(seed + at, SIDE * SIDE * 3),
          second: values(seed + at + 9, SIDE * SIDE * 2),
        }));
        const expected = images.map((image) => evaluateOutputs(graph, dict, image));
        let compacted: ReturnType<typeof compact>;
        try {
          compacted = compact(graph, dict, { multiple });
        } catch (error) {
          expect(error).toBeInstanceOf(CompactError);
          expect(expected[0]).toEqual(expected[1]);
          return;
        }
        several += Object.keys(expected[0]).length > 1 ? 1 : 0;
        for (const [i, image] of images.entries()) {
          const found = evaluateOutputs(compacted.graph, compacted.dict, image);
          for (const [name, value] of Object.entries(expected[i])) {
            const largest = value.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
            expect(found[name].length).toBe(value.length);
            for (let c = 0; c < value.length; c++)
              expect(Math.abs(found[name][c] - value[c])).toBeLessThanOrEqual(TOLERANCE * largest);
          }
        }
        const again = compact(compacted.graph, compacted.dict, { multiple });
        expect(again).toEqual({ ...compacted, removed: { parameters: 0, layers: [] } });
      },
    ),
    { numRuns: 300, seed: 2 },
  );
  expect(several).toBeGreaterThan(100);
});
