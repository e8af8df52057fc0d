// Which charts a run gets: loss and accuracy for each phase, and how far P still moves from one iteration of the regulation to the next.

import type { MetricRow, RegulationErrors, RunReport } from '../types.ts';
import { type Chart, type Line, PALETTE, type Point } from './chart.ts';
import { colorAt, hexColor } from './colormap.ts';

/** A chart and the file that it goes to. */
export interface NamedChart {
  /** File name without its ending. */
  name: string;
  chart: Chart;
}

const MOST_SNAPSHOTS = 10;

/** The charts of a run, without those that have nothing to show. An arm has the same color in all of them. */
export function runCharts({ arms, series, regulation }: RunReport): NamedChart[] {
  const names = [...new Set([...arms, ...series, ...regulation].map(({ arm }) => arm))];
  const color = (arm: string) => PALETTE[names.indexOf(arm) % PALETTE.length]!;
  const phases = [...new Set(series.map(({ phase }) => phase))];
  const charts = phases.flatMap((phase) => {
    const rows = series.filter((row) => row.phase === phase);
    const both = rows.some(({ anLoss }) => anLoss !== undefined);
    return [
      {
        name: `loss-${slug(phase)}`,
        chart: {
          title: `Loss, ${phase}`,
          xLabel: 'NN updates',
          yLabel: 'loss',
          lines: [
            ...metricLines(rows, 'loss', color, (arm) => (both ? `${arm}: NN` : arm), false),
            ...metricLines(rows, 'anLoss', color, (arm) => `${arm}: AN`, true),
          ],
        },
      },
      {
        name: `accuracy-${slug(phase)}`,
        chart: {
          title: `Accuracy, ${phase}`,
          xLabel: 'NN updates',
          yLabel: 'accuracy',
          percent: true,
          lines: [
            ...metricLines(rows, 'accuracy', color, (arm) => arm, false),
            ...metricLines(rows, 'trainAccuracy', color, (arm) => `${arm}: training batches`, true),
          ],
        },
      },
    ];
  });
  return [...charts, regulationChart(regulation)].filter(({ chart }) => chart.lines.length > 0);
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
  return { name: 'regulation', chart: { ...chart, lines: lines.filter(({ points }) => points.length > 0) } };
}

/** A name as a file name: letters, digits, dots and dashes. */
export function slug(name: string): string {
  return name.replace(/[^\w.]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'unnamed';
}

function metricLines(
  rows: readonly MetricRow[],
  metric: 'loss' | 'anLoss' | 'accuracy' | 'trainAccuracy',
  color: (arm: string) => string,
  label: (arm: string) => string,
  dashed: boolean,
): Line[] {
  const points = new Map<string, Point[]>();
  for (const row of rows) {
    const y = row[metric];
    if (y === undefined || !Number.isFinite(y)) continue;
    const line = points.get(row.arm) ?? [];
    points.set(row.arm, line);
    line.push({ x: row.step, y });
  }
  return [...points].map(([arm, line]) => ({ label: label(arm), color: color(arm), dashed, points: line }));
}

/** At most ten of an arm's snapshots, evenly spread, first and last among them. */
function spread<T>(all: readonly T[]): T[] {
  if (all.length <= MOST_SNAPSHOTS) return [...all];
  return Array.from(
    { length: MOST_SNAPSHOTS },
    (_, i) => all[Math.round((i * (all.length - 1)) / (MOST_SNAPSHOTS - 1))]!,
  );
}
