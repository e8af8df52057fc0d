// Results over seeds as a picture: a row for each, its mean with its spread, the single runs behind it, and a line that all are compared with.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml } from '../html.ts';
import { summarize } from '../tables/statistics.ts';
import { PALETTE } from './chart.ts';
import { textWidth } from './typeface.ts';

/** The runs of one kind. */
export interface PointRow {
  label: string;
  /** One value a run; none draws the label alone. */
  values: readonly number[];
  /** Rows of one group share a color. */
  group?: string;
  /** A published value, drawn hollow. */
  published?: { mean: number; std?: number };
}

/** One row of points for each group of runs, over one axis. */
export interface PointChart {
  title: string;
  xLabel: string;
  rows: readonly PointRow[];
  /** A vertical line. */
  reference?: { label: string; value: number };
}

interface Spread {
  row: number;
  mean: number;
  low: number;
  high: number;
  color: string;
}

const WIDTH = 760;
const ROW = 34;
const LEFT = 12;
const TOP = 64;
const BOTTOM = 58;
const RIGHT = 28;
/** The plot is at least this wide, however long the labels. */
const LEAST_PLOT = 400;
const SIZE = 14;
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';
const ROOM_FOR_WIDE_FONTS = 1.2;

/** The picture as an SVG document 760 wide, or wider where labels are long, in `currentColor`; error bars are one standard deviation of the sample to each side. */
export function renderPoints(chart: PointChart): string {
  const { title, rows } = chart;
  const wanted = Math.max(...rows.map(({ label }) => textWidth(label, SIZE) * ROOM_FOR_WIDE_FONTS));
  const left = Math.ceil(LEFT + wanted + 14);
  const width = Math.max(WIDTH, left + LEAST_PLOT + RIGHT);
  const height = TOP + rows.length * ROW + BOTTOM;
  const name = escapeHtml(title);
  const labels = rows.map(
    ({ label, values, published }, i) =>
      `<text x="${left - 14}" y="${TOP + (i + 0.5) * ROW + 5}" text-anchor="end"${values.length > 0 || published ? '' : ' opacity="0.5"'}>${escapeHtml(label)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${name}" fill="currentColor" font-family="${FONT}" font-size="${SIZE}">
<text x="${LEFT}" y="22" font-size="16" font-weight="600">${name}</text>
${legend(chart)}
${labels.join('\n')}
<g text-anchor="middle">${drawPlot(chart, left, width, height)}</g>
<text x="${(left + width - RIGHT) / 2}" y="${height - 14}" text-anchor="middle">${escapeHtml(chart.xLabel)}</text>
</svg>`;
}

function drawPlot({ rows, reference }: PointChart, left: number, width: number, height: number): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const groups = [...new Set(rows.map(({ group }) => group))];
  const color = ({ group }: PointRow): string => PALETTE[groups.indexOf(group) % PALETTE.length]!;
  const seeds = rows.flatMap((entry, row) => entry.values.map((x) => ({ x, row, color: color(entry) })));
  const means = rows.flatMap((entry, row): Spread[] => {
    if (entry.values.length === 0) return [];
    const { mean, std = 0 } = summarize(entry.values);
    return [{ row, mean, low: mean - std, high: mean + std, color: color(entry) }];
  });
  const published = rows.flatMap((entry, row): Spread[] => {
    if (!entry.published) return [];
    const { mean, std = 0 } = entry.published;
    return [{ row: row + 0.27, mean, low: mean - std, high: mean + std, color: color(entry) }];
  });
  const all = [...seeds.map(({ x }) => x), ...[...means, ...published].flatMap(({ low, high }) => [low, high])];
  if (reference) all.push(reference.value);
  const ends = all.length > 0 ? [Math.min(...all), Math.max(...all)] : [0, 1];
  const pad = (ends[1]! - ends[0]!) * 0.06 || 1;
  const bars = (list: Spread[], strokeWidth: number) =>
    Plot.ruleY(list, { y: 'row', x1: 'low', x2: 'high', stroke: 'color', strokeWidth });
  const svg = Plot.plot({
    document: document as unknown as Document,
    width,
    height,
    marginLeft: left,
    marginRight: RIGHT,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: { label: null, domain: [ends[0]! - pad, ends[1]! + pad], nice: true },
    y: { axis: null, domain: [rows.length - 0.5, -0.5] },
    marks: [
      Plot.gridX({ stroke: 'currentColor', strokeOpacity: 0.15, ticks: 7 }),
      Plot.axisX({ ticks: 7, tickSize: 4 }),
      ...(reference ? [Plot.ruleX([reference.value], { stroke: 'currentColor', strokeDasharray: '5 3' })] : []),
      bars(published, 1.3),
      Plot.dot(published, { x: 'mean', y: 'row', r: 4.5, symbol: 'diamond', stroke: 'color', fill: 'none' }),
      bars(means, 3),
      Plot.dot(seeds, { x: 'x', y: 'row', r: 2.2, fill: 'color', fillOpacity: 0.55, dy: -9 }),
      Plot.dot(means, { x: 'mean', y: 'row', r: 5.5, fill: 'color' }),
    ],
  });
  for (const style of svg.querySelectorAll('style')) style.remove();
  return svg.innerHTML;
}

function legend({ rows, reference }: PointChart): string {
  const items: [mark: string, label: string][] = [
    [
      '<line x1="0" x2="24" y1="0" y2="0" stroke="currentColor" stroke-width="3"/><circle cx="12" cy="0" r="5"/>',
      'mean ± std',
    ],
    ['<circle cx="18" cy="0" r="2.2" opacity="0.55"/>', 'single seeds'],
  ];
  if (reference)
    items.push([
      '<line x1="0" x2="24" y1="0" y2="0" stroke="currentColor" stroke-dasharray="5 3"/>',
      escapeHtml(reference.label),
    ]);
  if (rows.some(({ published }) => published))
    items.push(['<path d="M12 -6L17 0L12 6L7 0Z" fill="none" stroke="currentColor"/>', 'paper']);
  let x = LEFT;
  return items
    .map(([mark, label]) => {
      const item = `<g transform="translate(${x},44)">${mark}<text x="32" y="5">${label}</text></g>`;
      x += 32 + textWidth(label, SIZE) * ROOM_FOR_WIDE_FONTS + 22;
      return item;
    })
    .join('\n');
}
