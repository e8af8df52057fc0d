// What is beyond the paper in what the astrocyte sees and pays for: the scale behind a weight, the gradient in it, what hangs on it, and the mean of P.
import { afterAll, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { gradientMagnitude, NormScales, TaylorTerms } from '../../src/astro/features.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { astrocyteNames } from '../../src/astro/networks/registry.ts';
import { gateRange } from '../../src/astro/packing/packed-maps.ts';
import { type RegulationOptions, Regulator } from '../../src/astro/regulation.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { gateFeatures } from '../../src/ops/gates/gate-features.ts';
import { Segments } from '../../src/ops/packed/segments.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { backward, frozen, noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { gpu } from '../support/gpu.ts';
import { values } from '../support/random.ts';

const network = createModel('resnet-small', { width: 0.25 }).to(gpu, 3);
afterAll(() => network.release());
const layout = (kind: GateKind) => new GateLayout(network, kind);
const regulatorFor = (options: Partial<RegulationOptions>, an = new Astrocyte().to(gpu, 1)): Regulator =>
  new Regulator(gpu, layout('connection'), an, {
    ...{ T: 2, mode: 'replace', feature: 'avg', absolute: false, norm: 'mean', backpropThroughGates: false },
    ...options,
  });

const fill = (): void => {
  for (const [name, { shape, tensor }] of network.namedParameters())
    if (/(bn\d|downsample\.1)\.weight$/.test(name)) tensor.set(values(9, shape[0]));
};

it.each(['connection', 'filter', 'channel'] as const)(
  '%s gates have the γ of their output channel, the linear layer 1',
  async (kind) => {
    fill();
    const of = layout(kind);
    const scales = new NormScales(gpu, of);
    const read = noGrad(() => scales.read());
    const found = await read.floats();
    for (const { name, norm, at, length, columns, applies } of of.entries) {
      const gamma = norm && (await norm.layer.weight.tensor.floats());
      for (let i = 0; i < length; i++) {
        const expected = !gamma ? 1 : gamma[applies === 'connection' ? Math.floor(i / columns) : i];
        expect(found[at + i], `${name} ${i}`).toBe(expected);
      }
    }
    read.release();
    scales.release();
  },
);

it('seen with its scale, a layer is seen as if γ stood in its weights', async () => {
  fill();
  const by = regulatorFor({ input: 'scale' });
  scope(() => by.regulate());
  const seen = await by.gate.floats();
  const [conv, norm] = (await Promise.all(
    ['layer2.0.conv1.weight', 'layer2.0.bn1.weight'].map((name) => network.arena.tensors.get(name)!.floats()),
  )) as [Float32Array, Float32Array];
  // γ moves into the weights, and becomes 1.
  network.arena.tensors.get('layer2.0.conv1.weight')!.set(conv.map((w, i) => w * norm[i % norm.length]));
  network.arena.tensors.get('layer2.0.bn1.weight')!.set(norm.map(() => 1));
  scope(() => by.regulate());
  const moved = await by.gate.floats();
  expect(Math.max(...moved.map((p, i) => Math.abs(p - seen[i])))).toBeLessThan(1e-5);
  const plain = regulatorFor({ input: 'weights' });
  scope(() => plain.regulate());
  expect(Math.max(...(await plain.gate.floats()).map((p, i) => Math.abs(p - seen[i])))).toBeGreaterThan(1e-2);
  network.arena.tensors.get('layer2.0.conv1.weight')!.set(conv);
  for (const made of [by, plain]) made.release();
});

it('the gradient is seen as the mean |gradient| of each connection, standardized; without gradients it says so', async () => {
  const of = layout('connection');
  const layers = new Segments(gpu, of.total, of.entries.map(gateRange), 'layers');
  network.arena.gradients.set(values(11, network.arena.gradients.size));
  const seen = noGrad(() => gradientMagnitude(of, layers));
  const found = await seen.floats();
  const { layer, at, rows, columns } = of.entries[2];
  const gradient = await layer.weight.tensor.grad!.floats();
  const area = gradient.length / (rows * columns);
  const mean = Array.from({ length: rows * columns }, (_, i) => {
    const [o, c] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let k = 0; k < area; k++) sum += Math.abs(gradient[(k * columns + c) * rows + o]);
    return sum / area;
  });
  const average = mean.reduce((a, b) => a + b, 0) / mean.length;
  const deviation = Math.sqrt(mean.reduce((a, b) => a + (b - average) ** 2, 0) / mean.length);
  for (const [i, value] of mean.entries()) expect(found[at + i]).toBeCloseTo((value - average) / deviation, 3);
  seen.release();
  const { tensor: weight } = layer.weight;
  const { grad } = weight;
  weight.grad = undefined;
  expect(() => noGrad(() => scope(() => gradientMagnitude(of, layers)))).toThrow(`${weight.label} has no gradient yet`);
  weight.grad = grad;
  layers.release();

  const steep = regulatorFor({ input: 'gradient' });
  expect([...steep.state().keys()]).toContain('seen');
  scope(() => steep.regulate());
  const before = await steep.gate.floats();
  network.arena.gradients.set(values(12, network.arena.gradients.size));
  scope(() => steep.regulate());
  expect(Math.max(...(await steep.gate.floats()).map((p, i) => Math.abs(p - before[i])))).toBeGreaterThan(1e-3);
  steep.release();
});

it('Taylor terms are averaged over updates, and seen standardized beside the weights; before the first update as zeros', async () => {
  const of = layout('connection');
  const layers = new Segments(gpu, of.total, of.entries.map(gateRange), 'layers');
  const terms = new TaylorTerms(gpu, of);
  const read = async (): Promise<Float32Array> => {
    const made = scope(() => terms.read(layers));
    const found = await made.floats();
    made.release();
    return found;
  };
  expect(Math.max(...(await read()).map(Math.abs))).toBe(0);
  const { layer, at, length, rows, columns } = of.entries[2];
  const weight = await layer.weight.tensor.floats();
  const area = weight.length / length;
  const expected = new Float64Array(length);
  for (const seed of [11, 12]) {
    network.arena.gradients.set(values(seed, network.arena.gradients.size).map((v) => 1e-7 * v));
    const gradient = await layer.weight.tensor.grad!.floats();
    terms.observe();
    for (let i = 0; i < length; i++) {
      const [o, c] = [Math.floor(i / columns), i % columns];
      let sum = 0;
      for (let k = 0; k < area; k++) {
        const w = (k * columns + c) * rows + o;
        sum += Math.abs(weight[w] * gradient[w]);
      }
      expected[i] = 0.9 * expected[i] + (0.1 * sum) / area;
    }
  }
  const average = await terms.average.floats();
  const mean = expected.reduce((a, b) => a + b, 0) / length;
  const deviation = Math.sqrt(expected.reduce((a, b) => a + (b - mean) ** 2, 0) / length);
  const seen = await read();
  for (const [i, value] of expected.entries()) {
    expect(average[at + i] / value).toBeCloseTo(1, 4);
    expect(seen[at + i]).toBeCloseTo((value - mean) / deviation, 3);
  }
  network.arena.gradients.set(values(13, network.arena.gradients.size).map((v, i) => (i === 5 ? Infinity : v)));
  terms.observe();
  expect(await terms.average.floats()).toEqual(average);
  for (const made of [terms, layers]) made.release();
});

it.each(astrocyteNames)('%s sees Taylor terms as a second feature, and is refused without it', async (name) => {
  const { maps } = layout('connection');
  const an = new Astrocyte({ network: name, maps, inputs: 2, logitSkipScale: 1 }).to(gpu, 2);
  const regulator = regulatorFor({ input: 'taylor', T: 1 }, an);
  scope(() => regulator.regulate());
  const before = await regulator.gate.floats();
  network.arena.gradients.set(values(12, network.arena.gradients.size));
  regulator.observe();
  scope(() => regulator.regulate());
  const after = await regulator.gate.floats();
  expect(after.every((p) => p > 0 && p < 1)).toBe(true);
  expect(Math.max(...after.map((p, i) => Math.abs(p - before[i])))).toBeGreaterThan(1e-3);
  expect([...regulator.state().keys()]).toContain('taylor');
  expect(() => regulatorFor({}, an)).toThrow('the input weights takes an astrocyte that is made with inputs: 1,');
  for (const made of [regulator, an]) made.release();
});

it('the budget is the mean of P times its weight, and pushes P down', async () => {
  const an = new Astrocyte().to(gpu, 2);
  const regulator = regulatorFor({}, an);
  const first = frozen(network.arena.tensors.values(), () => regulator.iterate(1));
  const p = await first.p.floats();
  const mean = p.reduce((a, b) => a + b, 0) / p.length;
  const paid = regulator.penalty(first, 0.1, 0.5)!;
  expect(await paid.item()).toBeCloseTo(0.5 * mean, 5);
  backward(paid);
  // U's shift raises every P, so its gradient is positive.
  expect((await an.u.bias.tensor.grad!.floats())[0]).toBeGreaterThan(0);
  regulator.release();
  an.release();
});

it('a low temperature starts the gates nearer to 0 and 1, on the same sides of the shift', async () => {
  const gatesAt = async (temperature?: number): Promise<Float32Array> => {
    const an = new Astrocyte({ temperature, shift: 1 }).to(gpu, 2);
    const regulator = regulatorFor({ T: 1 }, an);
    scope(() => regulator.regulate());
    const p = await regulator.gate.floats();
    for (const made of [regulator, an]) made.release();
    return p;
  };
  const logit = (p: number): number => Math.log(p / (1 - p)) - 1;
  const [plain, cold] = [await gatesAt(), await gatesAt(0.5)];
  // Where a sigmoid in f32 has digits enough to be inverted.
  for (const [i, p] of plain.entries()) if (Math.abs(logit(p)) < 2) expect(logit(cold[i])).toBeCloseTo(2 * logit(p), 2);
});

it('a skip of features of |W| opens the gates of large weights first', async () => {
  const an = new Astrocyte({ logitSkipScale: 1e5 }).to(gpu, 2);
  const regulator = regulatorFor({ T: 1, absolute: true }, an);
  scope(() => regulator.regulate());
  const p = await regulator.gate.floats();
  const features = noGrad(() => gateFeatures(regulator.layout.weights, { kind: 'avg', absolute: true }));
  const size = await features.floats();
  for (const { at, length } of regulator.layout.entries) {
    const order = Array.from({ length }, (_, i) => at + i).sort((a, b) => size[a] - size[b]);
    for (const [k, i] of order.slice(1).entries()) expect(p[i]).toBeGreaterThanOrEqual(p[order[k]] - 1e-3);
    expect(p[order.at(-1)!]).toBeGreaterThan(p[order[0]] + 0.1);
  }
  for (const made of [features, regulator, an]) made.release();
});
