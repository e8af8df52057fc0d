// Charts: which ones a run gets, what is in them, and that text survives on machines without fonts.
import { parseHTML } from 'linkedom';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { downsample, renderChart } from '../../../src/report/figures/chart.ts';
import { regulationChart, runCharts, slug } from '../../../src/report/figures/curves.ts';
import { svgToPng } from '../../../src/report/figures/png.ts';
import { strokeText, textWidth } from '../../../src/report/figures/stroke-font.ts';
import { sampleReport } from '../sample.ts';

function texts(svg: string): string[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  return [...document.querySelectorAll('text')].map((text) => text.textContent ?? '');
}

describe('the charts of a run', () => {
  test('are made for each phase and metric that has numbers', () => {
    expect(runCharts(sampleReport()).map(({ name }) => name)).toEqual([
      'loss-search',
      'loss-guide',
      'accuracy-guide',
      'regulation',
    ]);
    expect(runCharts(sampleReport({ series: [], regulation: [] }))).toEqual([]);
  });

  test('give an arm the same color everywhere', () => {
    const lines = runCharts(sampleReport()).flatMap(({ chart }) => chart.lines);
    const colors = (arm: string) =>
      new Set(lines.filter(({ label }) => label.startsWith(arm)).map((line) => line.color));
    expect(colors('trained AN').size).toBe(1);
    expect(colors('plain NN').size).toBe(1);
    expect(colors('plain NN')).not.toEqual(colors('trained AN'));
  });

  test('leave out values that are not finite', () => {
    const series = [{ arm: 'a', phase: 'guide', epoch: 1, step: 1, loss: Number.NaN }];
    expect(runCharts(sampleReport({ series, regulation: [] }))).toEqual([]);
  });

  test('draw |eᵗ − eᵗ⁻¹| from t = 2', () => {
    const { chart } = regulationChart([{ arm: 'a', label: 'end', e: [0.5, 0.2, 0.3] }]);
    expect(chart.lines[0]!.points).toEqual([
      { x: 2, y: expect.closeTo(0.3) },
      { x: 3, y: expect.closeTo(0.1) },
    ]);
  });

  test('show at most ten snapshots of an arm, first and last among them', () => {
    const snapshots = Array.from({ length: 37 }, (_, i) => ({ arm: 'a', label: `epoch ${i + 1}`, e: [0.5, 0.2] }));
    const { lines } = regulationChart(snapshots).chart;
    expect(lines).toHaveLength(10);
    expect([lines[0]!.label, lines[9]!.label]).toEqual(['epoch 1', 'epoch 37']);
    expect(new Set(lines.map(({ color }) => color)).size).toBe(10);
  });
});

test('a chart holds its title, axis names and legend, without style sheets', () => {
  const lines = [
    {
      label: 'a < b',
      color: '#123456',
      points: [
        { x: 0, y: 0.5 },
        { x: 1, y: 0.75 },
      ],
    },
  ];
  const svg = renderChart({ title: 'Loss', xLabel: 'NN updates', yLabel: 'loss', lines });
  expect(texts(svg)).toEqual(expect.arrayContaining(['Loss', 'NN updates', 'loss', 'a < b']));
  expect(svg).toContain('stroke="#123456"');
  expect(svg).not.toContain('<style');
});

test('the ticks of an axis have equally many decimals', () => {
  const lines = [
    {
      label: 'a',
      color: 'red',
      points: [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ],
    },
  ];
  const shown = texts(renderChart({ title: 'T', xLabel: 'x', yLabel: 'y', lines }));
  expect(shown).toEqual(expect.arrayContaining(['0.0', '0.2', '1.0']));
});

test('thinning keeps the mean and the number of points asked for', () => {
  const points = Array.from({ length: 1000 }, (_, x) => ({ x, y: x % 10 }));
  const thinned = downsample(points, 100);
  expect(thinned).toHaveLength(100);
  expect(thinned[0]).toEqual({ x: 4.5, y: 4.5 });
  expect(downsample(points.slice(0, 5), 100)).toEqual(points.slice(0, 5));
});

test('file names are free of separators', () => {
  expect(['guide', '../a b/ü', 'layer1.0.conv1', '..', '///'].map(slug)).toEqual([
    'guide',
    'a-b',
    'layer1.0.conv1',
    'unnamed',
    'unnamed',
  ]);
});

test('text in a picture is drawn as strokes where it stands', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40" fill="currentColor" font-size="20"><text x="50" y="30" text-anchor="middle">Hi</text></svg>';
  const { data, info } = await sharp(await svgToPng(svg))
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([200, 80]);
  const inked = [...data.keys()].filter((i) => data[i]! < 128).map((i) => i % info.width);
  const half = textWidth('Hi', 20);
  expect(Math.min(...inked)).toBeGreaterThanOrEqual(Math.floor(100 - half - 3));
  expect(Math.max(...inked)).toBeLessThanOrEqual(Math.ceil(100 + half + 3));
  expect(Math.max(...inked) - Math.min(...inked)).toBeGreaterThan(half);
});

test('every character that reports print has a glyph; accents fall back to their letter', () => {
  const at = { x: 0, y: 0, size: 14, anchor: 'start', color: '#000', bold: false };
  const box = strokeText('漢', at);
  for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;·-−–+=<>≥×%/()[]|_→ᵗ⁻¹λ') {
    expect(strokeText(character, at), character).not.toBe(box);
  }
  expect(strokeText('é', at)).toBe(strokeText('e', at));
});

describe('a line with bars', () => {
  const points = [
    { x: 2, y: 0.1, spread: 0.02 },
    { x: 3, y: 0.01, spread: 0.05 },
    { x: 4, y: 0.001 },
    { x: 5, y: 0 },
  ];
  const chart = { title: 't', xLabel: 'x', yLabel: 'y', lines: [{ label: 'a', color: '#2f80d0', points }] };
  /** From the top of the picture. */
  const bars = (svg: string): { high: number; low: number }[] =>
    [...svg.matchAll(/<line [^>]*stroke-opacity="0\.6"[^>]*>|<g[^>]*aria-label="rule"[^>]*>(.*?)<\/g>/gs)].flatMap(
      ([group]) =>
        [...group.matchAll(/<line ([^>]*)>/g)].map(([, attributes]) => ({
          high: Number(/y2="([\d.]+)"/.exec(attributes!)![1]),
          low: Number(/y1="([\d.]+)"/.exec(attributes!)![1]),
        })),
    );

  test('has one for each point that spreads', () => {
    const [first, second, ...more] = bars(renderChart(chart));
    expect(more).toEqual([]);
    expect(first!.low - first!.high).toBeGreaterThan(0);
    expect((second!.low - second!.high) / (first!.low - first!.high)).toBeCloseTo(2.5, 3);
  });

  test('on a logarithmic axis has a tick for each power of ten, no zeros, and bars that end', () => {
    const svg = renderChart({ ...chart, logarithmic: true });
    expect(texts(svg)).toEqual(expect.arrayContaining(['0.001', '0.01', '0.1']));
    expect(svg.match(/<circle /g)).toHaveLength(3);
    expect(svg).not.toContain('NaN');
    const [, second] = bars(svg);
    // From 0.06 down to 0.001, where 0.01 − 0.05 would have no place: 1.78 powers of ten of two.
    expect(second!.low).toBeGreaterThan(second!.high);
    expect(Number.isFinite(second!.low)).toBe(true);
  });
});
