// The astrocyte network without an order of channels: against float64, on several tensors as on one, and permuted channels permute the gates.
import { describe, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { Axial } from '../../src/astro/networks/axial.ts';
import { MapAxes } from '../../src/astro/packing/map-axes.ts';
import { type MapRegion, PackedMaps } from '../../src/astro/packing/packed-maps.ts';
import { Regulator } from '../../src/astro/regulation.ts';
import { ConfigError } from '../../src/gpu/device/errors.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { checkOp } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';
import { generator, values } from '../support/random.ts';
import { tinyNet } from '../support/tiny-net.ts';

/** Matrices one behind the other; the last is of vectors in rows of four, the last row not full. */
const MAPS: MapRegion[] = [
  { height: 5, width: 3, at: 0, length: 15, batch: 0 },
  { height: 1, width: 9, at: 15, length: 9, batch: 1 },
  {
    height: 3,
    width: 4,
    at: 24,
    length: 11,
    batch: 2,
    layers: [
      { at: 24, length: 6 },
      { at: 30, length: 5 },
    ],
  },
];
const GATES = 35;

/** Which gates are a gate's row, its column and its map. */
function setsOf(gate: number): { row: number[]; column: number[]; rows: number[][] } {
  const { at, length, width, layers } = MAPS.find((map) => gate < map.at + map.length)!;
  const own = (keep: (i: number) => boolean): number[] =>
    Array.from({ length }, (_, i) => at + i).filter((i) => keep(i));
  if (layers) {
    const rows = layers.map((layer) => own((i) => i >= layer.at && i < layer.at + layer.length));
    return { row: rows.find((row) => row.includes(gate))!, column: own(() => true), rows };
  }
  const rowOf = (i: number): number => Math.floor((i - at) / width);
  const rows = Array.from({ length: length / width }, (_, y) => own((i) => rowOf(i) === y));
  return { row: rows[rowOf(gate)], column: own((i) => (i - at) % width === (gate - at) % width), rows };
}

/** The network in float64. */
async function referenceOf(network: Axial): Promise<(x: Float64Array) => Float64Array> {
  const named = network.namedParameters();
  const weights = new Map(
    await Promise.all(named.map(async ([name, { tensor }]) => [name, await tensor.floats()] as const)),
  );
  const average = (h: number[][], gates: number[]): number[] =>
    h[0].map((_, c) => gates.reduce((sum, g) => sum + h[g][c], 0) / gates.length);
  const times = (row: number[], name: string): number[] => {
    const w = weights.get(`${name}.weight`)!;
    const outputs = w.length / row.length;
    return Array.from({ length: outputs }, (_, o) => row.reduce((sum, v, i) => sum + v * w[i * outputs + o], 0));
  };
  const exchange = (h: number[][], name: string): number[][] =>
    h.map((own, gate) => {
      const { row, column, rows } = setsOf(gate);
      const means = rows.map((r) => average(h, r));
      const ofMap = means[0].map((_, c) => means.reduce((sum, m) => sum + m[c], 0) / means.length);
      const terms = [times(own, `${name}.own`), times(average(h, row), `${name}.row`)];
      terms.push(times(average(h, column), `${name}.column`), times(ofMap, `${name}.map`));
      return terms[0].map((_, c) => terms.reduce((sum, term) => sum + term[c], 0));
    });
  return (x) => {
    const bias = weights.get('lift.bias')!;
    const lifted = Array.from(x, (v) => times([v], 'lift').map((w, c) => Math.max(0, w + bias[c])));
    const mixed = exchange(lifted, 'mix');
    const [gamma, beta] = [weights.get('norm.weight')!, weights.get('norm.bias')!];
    for (const { at, length } of MAPS)
      for (const [c, g] of gamma.entries()) {
        const own = mixed.slice(at, at + length);
        const mean = own.reduce((sum, row) => sum + row[c], 0) / length;
        const variance = own.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0) / length;
        for (const row of own) row[c] = Math.max(0, ((row[c] - mean) / Math.sqrt(variance + 1e-5)) * g + beta[c]);
      }
    return Float64Array.from(exchange(mixed, 'score'), ([logit]) => logit);
  };
}

describe('axial', () => {
  it.each([GATES, 15])(
    'gives what float64 gives, and its gradient, with %i gates in a tensor at most',
    async (most) => {
      const network = new Axial().to(gpu, 4);
      network.arena.tensors.get('norm.bias')!.set(values(8, 16));
      const axes = new MapAxes(gpu, MAPS, most);
      expect(axes.groups.map(({ length }) => length)).toEqual(most === GATES ? [35] : [15, 9, 11]);
      const packed = { axes } as PackedMaps;
      const reference = await referenceOf(network);
      await checkOp({
        inputs: [{ shape: [GATES] }],
        tolerance: 1e-5, // three products of 16 terms, and a division by a deviation
        op: ([x]) => network.forward(x, packed),
        reference: ([x]) => reference(x),
        samples: 8,
        seed: 3, // no value lies so near a ReLU's corner that a central difference straddles it
      });
      for (const made of [axes, network]) made.release();
    },
  );

  it('refuses a map that no tensor holds, before anything is made', () => {
    expect(() => new MapAxes(gpu, [{ ...MAPS[0], name: 'conv1' }], 14)).toThrow(ConfigError);
    expect(() => new MapAxes(gpu, [{ ...MAPS[0], name: 'conv1' }], 14)).toThrow('the 5×3 gates of conv1 take');
  });

  it('has as many parameters whatever the maps', () => {
    expect(new Axial().parameterCount()).toBe(2 * 16 + 4 * 16 ** 2 + 2 * 16 + 4 * 16);
  });
});

/** A random order of so many. */
const shuffled = (length: number, next: () => number): number[] =>
  Array.from({ length }, (_, i) => ({ i, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i);

it.each(['connection', 'filter'] as GateKind[])('%s gates: permuted channels permute P', async (kind) => {
  const network = tinyNet().to(gpu, 7);
  const layout = new GateLayout(network, kind);
  const astrocyte = new Astrocyte({ network: 'axial' }).to(gpu, 8);
  const regulator = new Regulator(gpu, layout, astrocyte, {
    ...{ T: 3, mode: 'replace', feature: 'mixture', absolute: true, norm: 'mean', backpropThroughGates: false },
  });
  const regulate = async (): Promise<Float32Array> => {
    scope(() => regulator.regulate());
    return regulator.gate.floats();
  };
  const before = await regulate();
  const next = generator(5);
  const expected = new Float32Array(layout.total);
  for (const { layer, at, length, columns } of layout.entries) {
    const weight = layer.weight.tensor;
    const [inputs, outputs] = weight.shape.slice(-2);
    const [ins, outs] = [shuffled(inputs, next), shuffled(outputs, next)];
    const data = await weight.floats();
    weight.set(
      Float32Array.from(data, (_, i) => {
        const [pair, level] = [i % (inputs * outputs), Math.floor(i / (inputs * outputs))];
        return data[level * inputs * outputs + ins[Math.floor(pair / outputs)] * outputs + outs[pair % outputs]];
      }),
    );
    for (let i = 0; i < length; i++) {
      const from =
        kind === 'connection'
          ? outs[Math.floor(i / columns)] * columns + ins[i % columns]
          : (length === outputs && weight.shape.length === 4 ? outs : ins)[i];
      expected[at + i] = before[at + from];
    }
  }
  const after = await regulate();
  // Sums of the same numbers in another order, through three iterations.
  expect(Math.max(...after.map((p, i) => Math.abs(p - expected[i])))).toBeLessThan(1e-4);
  expect(Math.max(...after.map((p, i) => Math.abs(p - before[i])))).toBeGreaterThan(1e-2);
  for (const made of [regulator, astrocyte, network]) made.release();
});

it('one answer for the same values whatever map they lie in: nothing is seen of other maps', async () => {
  const network = new Axial().to(gpu, 4);
  const packed = new PackedMaps(gpu, MAPS.slice(0, 2));
  const data = values(3, 24);
  const answer = async (x: Float32Array): Promise<Float32Array> => {
    const logits = noGrad(() => scope(() => network.forward(on(x, [24]), packed)));
    const read = await logits.floats();
    logits.release();
    return read;
  };
  const [one, other] = [await answer(data), await answer(data.map((v, i) => (i < 15 ? v : -v)))];
  expect(other.subarray(0, 15)).toEqual(one.subarray(0, 15));
  expect(other.subarray(15)).not.toEqual(one.subarray(15));
  for (const made of [packed, network]) made.release();
});
