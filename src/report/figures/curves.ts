// Which charts a run gets: accuracy, losses, learning rate and sparsity for each phase, how far P still moves from one iteration of the regulation to the
// next, and how the gates are spread at the end.

import { isDeepStrictEqual } from 'node:util';
import type { MetricRow, RegulationErrors, RunReport } from '../types.ts';
import { type Chart, hasCurve, type Line, PALETTE, type Point } from './chart.ts';
import { colorAt, hexColor } from './colormap.ts';

/** A chart and the file that it goes to. */
export interface NamedChart {
  /** File name without its ending. */
  name: string;
  /** What it belongs to, for a heading over several. */
  group: string;
  chart: Chart;
}

const MOST_SNAPSHOTS = 10;

/** What charts are made of. */
export type Curves = Pick<RunReport, 'arms' | 'series' | 'regulation' | 'histograms'>;

type Metric = 'loss' | 'anLoss' | 'evalLoss' | 'accuracy' | 'trainAccuracy' | 'lr' | 'anLr' | 'sparsity' | 'gateMean';

/** The lines of one metric: an arm each, in its color. */
interface Wanted {
  metric: Metric;
  /** Behind the arm's name. */
  suffix?: string;
  dashed?: boolean;
  unlisted?: boolean;
}

/** The charts of a run, without those that would show single points. An arm has the same color in all of them. */
export function runCharts({ arms, series, regulation, histograms = [] }: Curves): NamedChart[] {
  const names = [...new Set([...arms, ...series, ...regulation].map(({ arm }) => arm))];
  const color = (arm: string) => PALETTE[names.indexOf(arm) % PALETTE.length]!;
  // The guide first: it is what the table is of.
  const phases = [...new Set(series.map(({ phase }) => phase))].sort();
  const charts = phases.flatMap((phase) =>
    phaseCharts(
      phase,
      series.filter((row) => row.phase === phase),
      color,
    ),
  );
  return [...charts, regulationChart(regulation), histogramChart(histograms, color)].filter(({ chart }) =>
    hasCurve(chart),
  );
}

function phaseCharts(phase: string, rows: readonly MetricRow[], color: (arm: string) => string): NamedChart[] {
  const epochs = rows.filter(({ level }) => level !== 'step');
  const steps = rows.filter(({ level }) => level === 'step');
  // Runs of earlier versions have rows of epochs alone.
  const finest = steps.length > 0 ? steps : epochs;
  const both = rows.some(({ anLoss }) => anLoss !== undefined);
  const unseen = phase === 'search' ? 'held-out' : 'test';
  const make = (
    name: string,
    title: string,
    of: readonly MetricRow[],
    wanted: readonly Wanted[],
    more: Partial<Chart> & { yLabel: string },
  ): NamedChart => ({
    name: `${name}-${slug(phase)}`,
    group: capital(phase),
    chart: {
      title: `${title}, ${phase}`,
      xLabel: 'NN updates',
      ...more,
      lines: wanted.flatMap((one) => metricLines(of, one, color)),
    },
  });
  return [
    make(
      'accuracy',
      `${capital(unseen)} accuracy`,
      epochs,
      [{ metric: 'accuracy' }, { metric: 'trainAccuracy', suffix: 'training batches', dashed: true, unlisted: true }],
      { yLabel: 'accuracy', percent: true, dashedLabel: 'on training batches' },
    ),
    make(
      'loss',
      'Training loss',
      finest,
      both
        ? [
            { metric: 'loss', suffix: 'NN' },
            { metric: 'anLoss', suffix: 'AN', dashed: true },
          ]
        : [{ metric: 'loss' }],
      { yLabel: 'loss' },
    ),
    make(`${unseen}-loss`, `${capital(unseen)} loss`, epochs, [{ metric: 'evalLoss' }], { yLabel: 'loss' }),
    together(
      make(
        'learning-rate',
        'Learning rate',
        finest,
        [
          { metric: 'lr', suffix: both ? 'NN' : undefined },
          { metric: 'anLr', suffix: 'AN', dashed: true },
        ],
        { yLabel: 'learning rate', fromZero: true },
      ),
    ),
    make(
      'sparsity',
      'Gates that a cut leaves at 0',
      epochs,
      [{ metric: 'sparsity' }, { metric: 'gateMean', suffix: 'mean gate', dashed: true, unlisted: true }],
      { yLabel: 'share of gates', percent: true, fromZero: true, dashedLabel: 'mean of the gates' },
    ),
  ];
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** One line for all arms where they are the same. */
function together(of: NamedChart): NamedChart {
  const { chart } = of;
  const [first, ...others] = chart.lines;
  const same = others.length > 0 && others.every(({ points }) => isDeepStrictEqual(points, first!.points));
  return same ? { ...of, chart: { ...chart, lines: [{ ...first!, label: 'all arms', color: PALETTE.at(-1)! }] } } : of;
}

/** How the gates of each arm are spread when it ends. */
function histogramChart(histograms: NonNullable<Curves['histograms']>, color: (arm: string) => string): NamedChart {
  const lines = histograms.map(
    ({ arm, histogram: { min, limits, counts, count } }): Line => ({
      label: arm,
      color: color(arm),
      points: limits.map((limit, i) => ({
        x: (limit + (i > 0 ? limits[i - 1]! : Math.min(0, min))) / 2,
        y: counts[i]! / count,
      })),
    }),
  );
  const chart = { title: 'Gates at the end', xLabel: 'gate', yLabel: 'share of gates', percent: true, steps: true };
  return { name: 'gates', group: 'Gates', chart: { ...chart, fromZero: true, lines } };
}

/** |eᵗ − eᵗ⁻¹| over t = 2..T, a line per snapshot (Fig. 4 of the paper has this for T = 10). */
export function regulationChart(regulation: readonly RegulationErrors[]): NamedChart {
  const arms = new Set(regulation.map(({ arm }) => arm));
  const shown = [...arms].flatMap((arm) => spread(regulation.filter((line) => line.arm === arm)));
  const lines = shown.map(({ arm, label, e }, i) => ({
    label: arms.size > 1 ? `${arm}, ${label}` : label,
    color: shown.length <= PALETTE.length ? PALETTE[i]! : hexColor(colorAt(0.15 + (0.65 * i) / (shown.length - 1))),
    points: e.slice(1).map((value, i) => ({ x: i + 2, y: Math.abs(value - e[i]!) })),
  }));
  const chart = { title: 'Temporal regulation', xLabel: 'iteration t', yLabel: '|eᵗ − eᵗ⁻¹|', fromZero: true };
  return {
    name: 'regulation',
    group: 'Gates',
    chart: { ...chart, lines: lines.filter(({ points }) => points.length > 0) },
  };
}

/** A name as a file name: letters, digits, dots and dashes. */
export function slug(name: string): string {
  return name.replace(/[^\w.]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'unnamed';
}

/** The points of a metric, an arm each. */
export function metricLines(
  rows: readonly MetricRow[],
  { metric, suffix, dashed = false, unlisted }: Wanted,
  color: (arm: string) => string,
): Line[] {
  const points = new Map<string, Point[]>();
  for (const row of rows) {
    const y = row[metric];
    if (y === undefined || !Number.isFinite(y)) continue;
    const line = points.get(row.arm) ?? [];
    points.set(row.arm, line);
    line.push({ x: row.step, y });
  }
  return [...points].map(([arm, line]) => ({
    label: suffix === undefined ? arm : `${arm}: ${suffix}`,
    color: color(arm),
    dashed,
    unlisted,
    points: line,
  }));
}

/** At most ten of an arm's snapshots, evenly spread, first and last among them. */
function spread<T>(all: readonly T[]): T[] {
  if (all.length <= MOST_SNAPSHOTS) return [...all];
  return Array.from(
    { length: MOST_SNAPSHOTS },
    (_, i) => all[Math.round((i * (all.length - 1)) / (MOST_SNAPSHOTS - 1))]!,
  );
}
