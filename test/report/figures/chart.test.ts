// Charts: which ones a run gets, what is in them, and that text survives on machines without fonts.
import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type Chart, downsample, renderChart } from '../../../src/report/figures/chart.ts';
import { regulationChart, runCharts, slug } from '../../../src/report/figures/curves.ts';
import { pngUrl, svgToPng } from '../../../src/report/figures/png.ts';
import { tickLabels } from '../../../src/report/figures/ticks.ts';
import { textWidth } from '../../../src/report/figures/typeface.ts';
import { SAMPLE_CHARTS, sampleReport } from '../sample.ts';

function texts(svg: string): string[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  return [...document.querySelectorAll('text')].map((text) => text.textContent ?? '');
}

describe('the charts of a run', () => {
  test('are made for each phase and metric that has numbers', () => {
    expect(runCharts(sampleReport()).map(({ name }) => name)).toEqual(SAMPLE_CHARTS);
    expect(runCharts(sampleReport({ series: [], regulation: [], histograms: [] }))).toEqual([]);
  });

  test('give an arm the same color everywhere', () => {
    const lines = runCharts(sampleReport()).flatMap(({ chart }) => chart.lines);
    const colors = (arm: string) =>
      new Set(lines.filter(({ label }) => label.startsWith(arm)).map((line) => line.color));
    expect(colors('trained AN').size).toBe(1);
    expect(colors('plain NN').size).toBe(1);
    expect(colors('plain NN')).not.toEqual(colors('trained AN'));
  });

  test('have losses by step where there are such rows, and accuracies by epoch', () => {
    const charts = new Map(runCharts(sampleReport()).map(({ name, chart }) => [name, chart]));
    const xs = (name: string) => charts.get(name)!.lines[0].points.map(({ x }) => x);
    expect(xs('loss-guide')).toEqual([5, 10, 15, 20]);
    expect(xs('accuracy-guide')).toEqual([10, 20]);
    expect(xs('loss-search')).toEqual([1, 2]);
    expect(charts.get('learning-rate-guide')!.lines.map(({ label }) => label)).toEqual(['all arms']);
  });

  test('are not made of single points', () => {
    const rows = sampleReport().series.filter(({ level, epoch }) => level === 'epoch' && epoch === 1);
    const regulation = [{ arm: 'a', label: 'end', e: [0.5, 0.2] }];
    expect(runCharts(sampleReport({ series: rows, regulation, histograms: [] }))).toEqual([]);
  });

  test('leave out values that are not finite', () => {
    const series = [{ arm: 'a', phase: 'guide', epoch: 1, step: 1, loss: Number.NaN }];
    expect(runCharts(sampleReport({ series, regulation: [], histograms: [] }))).toEqual([]);
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

/** The labels of the y axis of a chart, and those of its x axis. */
function axes(svg: string): { x: string[]; y: string[] } {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const labels = (axis: string) =>
    [...document.querySelectorAll(`[aria-label="${axis}-axis tick label"] text`)].map((text) => text.textContent!);
  return { x: labels('x'), y: labels('y') };
}

test('the ticks of an axis all read differently, however close its values are', () => {
  const value = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: -9, max: 7 }),
      value,
      fc.boolean(),
      fc.constantFrom(350, 620),
      (values, size, offset, percent, width) => {
        const points = values.map((y, i) => ({ x: (i + 1) * 7, y: offset + y * 10 ** size }));
        const lines = [{ label: 'a', color: 'red', points }];
        const { x, y } = axes(renderChart({ title: 'T', xLabel: 'x', yLabel: 'y', percent, lines }, width));
        expect(y.length).toBeGreaterThan(1);
        expect(new Set(y).size, y.join(', ')).toBe(y.length);
        expect(new Set(x).size, x.join(', ')).toBe(x.length);
      },
    ),
    { numRuns: 150 },
  );
});

test.each([
  [[0.25, 0.255, 0.26], { percent: true }, ['25.0 %', '25.5 %', '26.0 %']],
  [[0.2, 0.4], { percent: true }, ['20 %', '40 %']],
  [[0, 0.05, 0.1], {}, ['0.00', '0.05', '0.10']],
  [[0, 2e-5, 4e-5], {}, ['0', '2e-5', '4e-5']],
  [[1.2e-5, 1.25e-5], {}, ['1.20e-5', '1.25e-5']],
  [[0, 12_000, 24_000], { thousands: true }, ['0', '12,000', '24,000']],
])('ticks at %j read %j', (ticks, style, labels) => expect(tickLabels(ticks, style)).toEqual(labels));

test('a chart of the same value everywhere has an axis around it', () => {
  for (const y of [0, 0.3, -2]) {
    const lines = [{ label: 'a', color: 'red', points: [1, 2, 3].map((x) => ({ x, y })) }];
    for (const fromZero of [true, false]) {
      const svg = renderChart({ title: 'T', xLabel: 'x', yLabel: 'y', fromZero, lines });
      expect(svg).not.toContain('NaN');
      expect(new Set(axes(svg).y).size).toBeGreaterThan(1);
    }
  }
});

test('a logarithmic axis of sizes is marked at halves and quarters', () => {
  const sizes = (...xs: number[]): string[] => {
    const lines = [{ label: 'a', color: 'red', points: xs.map((x) => ({ x, y: x })) }];
    const xAxis = { percent: true, logarithmic: true };
    return axes(renderChart({ title: 'T', xLabel: 'x', yLabel: 'y', xAxis, lines })).x;
  };
  expect(sizes(0.246, 0.5, 1)).toEqual(['25 %', '50 %', '100 %']);
  expect(sizes(0.1, 0.68)).toEqual(['10 %', '25 %', '50 %']);
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

test('text in a picture is drawn where it stands', async () => {
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

const drawn = (text: string): Promise<Uint8Array> =>
  svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="30" font-size="20"><text x="4" y="22">${text}</text></svg>`,
  );

test('names that differ are different pictures, in any script', async () => {
  const names = ['日本', '中国', 'кошка', 'собака', 'قطة', 'é', 'e', '𝔸', '🐱', '🐶', 'λ', '\u0007', 'a\ud800'];
  const pictures = await Promise.all(names.map(async (name) => pngUrl(await drawn(name))));
  expect(new Set(pictures).size).toBe(names.length);
});

test('the typeface has every character that reports print, as wide as it is drawn', async () => {
  for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;·-−–+=<>≥×%/()[]|_→↓±‖ᵗ⁻¹λ')
    expect(textWidth(character, 1), character).not.toBe(textWidth('漢', 1));
  expect(textWidth('WW', 10)).toBeCloseTo(2 * textWidth('W', 10));
  expect(textWidth('W', 10, true)).toBeGreaterThan(textWidth('W', 10));
  expect(textWidth('日本', 10)).toBeGreaterThan(20);
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

  test('shares its y axis with another chart where both are to reach as far', () => {
    const ticks = (lines: Chart['lines'], fromZero = false): string =>
      /aria-label="y-axis tick label".*?<\/g>/s.exec(
        renderChart({ ...chart, lines, fromZero, xAxis: { percent: true }, yRange: [0.2, 0.8] }),
      )![0];
    const [small, large] = [[0.5], [0.2, 0.8]].map((ys) => [
      { ...chart.lines[0], points: ys.map((y, x) => ({ x, y })) },
    ]);
    expect(ticks(small)).toEqual(ticks(large));
    expect(ticks([])).toEqual(ticks(large));
    expect(ticks(small, true)).toEqual(ticks(large, true));
    expect(ticks(small)).not.toEqual(ticks(small, true));
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
