// The two languages' formulas agree to the bit, and every stored file loads and is consistent with itself.
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fnv1a, formulaParameter, formulaUniform, sizeOf } from './formula.ts';
import type { Full } from './golden.ts';
import { formulaTensor, fullError, goldenNames, loadGolden, summaryError } from './golden.ts';

const stored = loadGolden('formula');

/** Mean cross-entropy with label smoothing of N × C logits, in float64. */
function crossEntropy(logits: Full, labels: number[], smoothing: number): number {
  const [n, c] = logits.shape as [number, number];
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const row = logits.values.slice(i * c, (i + 1) * c);
    const logSum = Math.log(row.reduce((s, v) => s + Math.exp(v), 0));
    const mean = row.reduce((s, v) => s + v, 0) / c;
    loss += logSum - (1 - smoothing) * row[labels[i]!]! - smoothing * mean;
  }
  return loss / n;
}

describe('formula', () => {
  it('hashes names as Python does', () => {
    for (const [name, seed] of Object.entries(stored.seeds)) expect(fnv1a(name)).toBe(seed);
  });

  it('gives the same bits as Python', () => {
    for (const [name, values] of Object.entries(stored.uniform))
      expect([...formulaUniform(name, [2, 3])]).toEqual(values);
    expect([...formulaUniform('x', [5], 0.35, 0.55)]).toEqual(stored.scaled);
    expect(formulaUniform('big', [100003]).at(-1)).toBe(stored.last);
    for (const [name, p] of Object.entries(stored.parameters))
      expect([...formulaParameter(name, p.shape)]).toEqual(p.values);
  });

  it('is uniform in [-1, 1)', () => {
    const u = formulaUniform('big', [100003]);
    const mean = u.reduce((s, v) => s + v, 0) / u.length;
    const square = u.reduce((s, v) => s + v * v, 0) / u.length;
    expect(Math.min(...u.subarray(0, 50000))).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...u.subarray(0, 50000))).toBeLessThan(1);
    // Five standard deviations of the mean and of the mean square.
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 3 / u.length));
    expect(Math.abs(square - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / u.length));
  });
});

describe('summaries', () => {
  it('agree with Python to the 9 digits stored', () => {
    expect(summaryError('big', stored.summary, formulaUniform('big', [100003]))).toBeLessThan(1e-8);
  });

  it('see a swap, a sign and a missing value', () => {
    const swapped = formulaUniform('big', [100003]);
    [swapped[10], swapped[11]] = [swapped[11]!, swapped[10]!];
    expect(summaryError('big', stored.summary, swapped)).toBeGreaterThan(1e-6);
    const negated = formulaUniform('big', [100003]).map((v) => -v);
    expect(summaryError('big', stored.summary, negated)).toBeGreaterThan(0.5);
    expect(() => summaryError('big', stored.summary, new Float32Array(7))).toThrow('[100003] compared with 7');
  });
});

describe('stored files', () => {
  it.each(goldenNames)('%s.json loads, is finite and small', (name) => {
    expect(statSync(new URL(`./${name}.json`, import.meta.url)).size).toBeLessThan(300_000);
    const walk = (value: unknown): number => {
      if (typeof value === 'number') {
        expect(Number.isFinite(value)).toBe(true);
        return 1;
      }
      return value && typeof value === 'object' ? Object.values(value).reduce((n: number, v) => n + walk(v), 0) : 0;
    };
    expect(walk(loadGolden(name))).toBeGreaterThan(40);
  });

  it('parameter shapes add up to the counts', () => {
    const count = (tensors: Record<string, { shape: number[] }>) =>
      Object.values(tensors).reduce((n, t) => n + sizeOf(t.shape), 0);
    expect(count(loadGolden('resnet18').gradients)).toBe(11_173_962);
    expect(loadGolden('resnet34').parameterCount).toBe(21_282_122);
    for (const name of ['densenet-bc-100-12', 'vgg16', 'resnet18-imagenet', 'resnet50-imagenet'] as const)
      expect(count(loadGolden(name).gradients)).toBe(loadGolden(name).parameterCount);
    expect(count(loadGolden('resnet-small').parameters)).toBe(loadGolden('resnet-small').parameterCount);
    for (const c of loadGolden('unet').cases) expect(count(c.gradients)).toBe(237_649);
    for (const c of loadGolden('fcn').cases) expect(count(c.gradients)).toBe(97_667);
    for (const c of loadGolden('cnn').cases) {
      const [, , height, width] = c.input.shape as [number, number, number, number];
      expect(count(c.gradients)).toBe(23_344 + 65 * height * width);
    }
    expect(count(loadGolden('an-step').gradients)).toBe(237_651);
  });

  it.each(['resnet18', 'resnet34', 'densenet-bc-100-12', 'vgg16'] as const)(
    '%s: the loss follows from the logits',
    (name) => {
      const g = loadGolden(name);
      expect(crossEntropy(g.logits, g.labels, g.labelSmoothing)).toBeCloseTo(g.loss, 7);
    },
  );

  it.each(['unet', 'fcn', 'cnn'] as const)('%s: the loss follows from logits and probe', (name) => {
    for (const c of loadGolden(name).cases) {
      const probe = formulaTensor(c.probe);
      expect(c.logits.values.reduce((s, v, i) => s + v * probe[i]!, 0) / probe.length).toBeCloseTo(c.loss, 8);
    }
  });

  it('an-step: e and the loss follow from the maps', () => {
    const g = loadGolden('an-step');
    let [square, size] = [0, 0];
    for (const [layer, map] of Object.entries(g.gates)) {
      const previous = formulaTensor(g.previousGates[layer]!);
      map.values.forEach((p, i) => {
        square += (p - previous[i]!) ** 2;
      });
      size += previous.length;
    }
    expect(Math.sqrt(square / size)).toBeCloseTo(g.e, 8);
    expect(crossEntropy(g.logits, g.labels, 0)).toBeCloseTo(g.crossEntropy, 7);
    expect(g.crossEntropy + g.lambda * Math.abs(g.e - g.ePrevious)).toBeCloseTo(g.loss, 7);
  });

  it('optim: plain SGD is a sum of gradients', () => {
    const g = loadGolden('optim');
    const plain = g.cases.find((c) => c.kind === 'sgd' && c.momentum === 0)!;
    const w = Float64Array.from(formulaTensor(g.w));
    for (let k = 1; k <= g.steps; k++)
      formulaUniform(g.gradient + k, g.w.shape).forEach((v, i) => {
        w[i]! -= plain.lr * v;
      });
    expect(fullError(plain.final, w)).toBeLessThan(1e-8);
  });

  it('ops: the bias gradient of a convolution is the sum of dy', () => {
    const c = loadGolden('ops').cases.find((o) => o.name === 'conv2d-odd')!;
    const [n, channels, h, w] = c.outputs.y!.shape as [number, number, number, number];
    const dy = formulaUniform(`${c.name}.dy`, c.outputs.y!.shape);
    const sums = new Float64Array(channels);
    for (let i = 0; i < n * channels * h * w; i++) sums[Math.floor(i / (h * w)) % channels]! += dy[i]!;
    expect(fullError(c.outputs.dbias!, sums)).toBeLessThan(1e-8);
  });
});
