// Line charts as stand-alone SVG, in the text color of the page they stand in, so that one picture serves light and dark pages.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml } from '../html.ts';
import { formatCount, formatNumber, formatPercent } from '../tables/format.ts';
import { textWidth } from './stroke-font.ts';

/** A point of a line. */
export interface Point {
  x: number;
  y: number;
  /** Half the length of a bar through the point. */
  spread?: number;
}

/** A line of a chart. */
export interface Line {
  label: string;
  /** Any CSS color; lines of one arm share theirs. */
  color: string;
  dashed?: boolean;
  points: Point[];
}

/** Lines over one pair of axes. */
export interface Chart {
  title: string;
  xLabel: string;
  yLabel: string;
  /** Show y as a percentage. */
  percent?: boolean;
  /** Let the y axis start at 0. */
  fromZero?: boolean;
  /** Give each factor of ten of y the same height; values that are not above 0 are left out. */
  logarithmic?: boolean;
  lines: Line[];
}

/** Colors that are told apart on white and on near-black, also with the common color blindnesses. */
export const PALETTE = ['#2f80d0', '#d9730d', '#2a9d68', '#c94f7c', '#8a63d2', '#9a8700', '#1795a5', '#82888f'];

const WIDTH = 620;
const PLOT_HEIGHT = 320;
const FONT_SIZE = 14;
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';
const MARGIN = { marginLeft: 74, marginRight: 26, marginTop: 12, marginBottom: 52 };
const MOST_POINTS = 160;
const MOST_DOTS = 60;
const LEFT = 12;
const ROOM_FOR_WIDE_FONTS = 1.25;

/** A chart as an SVG document 620 wide, with title and legend, drawn in `currentColor`. Long lines are thinned by averaging neighbors. */
export function renderChart(chart: Chart): string {
  const { title } = chart;
  const legend = layLegend(chart.lines);
  const top = 34 + legend.height;
  const height = top + PLOT_HEIGHT;
  const name = escapeHtml(title);
  const font = `font-family="${FONT}" font-size="${FONT_SIZE}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${name}" fill="currentColor" ${font}>
<text x="${LEFT}" y="22" font-size="16" font-weight="600">${name}</text>
${legend.svg}
<g transform="translate(0,${top})" text-anchor="middle">${drawPlot(chart)}</g>
</svg>`;
}

/** At most `most` points, each the mean of equally many neighbors. */
export function downsample(points: readonly Point[], most = MOST_POINTS): Point[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, i) => {
    const part = points.slice(Math.floor((i * points.length) / most), Math.floor(((i + 1) * points.length) / most));
    const mean = (pick: (point: Point) => number) => part.reduce((sum, point) => sum + pick(point), 0) / part.length;
    return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
  });
}

function drawPlot({ lines, xLabel, yLabel, percent, fromZero, logarithmic }: Chart): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const longest = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const marks = lines.flatMap(({ points, color, dashed }) => {
    const shown = downsample(points).filter(({ y }) => !logarithmic || y > 0);
    const stroke = {
      x: 'x',
      y: 'y',
      stroke: color,
      strokeWidth: dashed ? 1.3 : 2.2,
      strokeDasharray: dashed ? '5 3' : undefined,
    };
    const dots = shown.length <= MOST_DOTS && !dashed ? [Plot.dot(shown, { x: 'x', y: 'y', fill: color, r: 3 })] : [];
    const bars = shown.filter(({ spread = 0 }) => spread > 0);
    // A bar that would reach 0 has no lower end on a logarithmic axis.
    const lowest = (y: number): number => (logarithmic ? y / 10 : fromZero ? 0 : Number.NEGATIVE_INFINITY);
    const reach = {
      y1: ({ y, spread }: Point) => Math.max(y - spread!, lowest(y)),
      y2: ({ y, spread }: Point) => y + spread!,
    };
    return [
      Plot.line(shown, stroke),
      ...(bars.length > 0 ? [Plot.ruleX(bars, { x: 'x', ...reach, stroke: color, strokeOpacity: 0.6 })] : []),
      ...dots,
    ];
  });
  const yTicks = logarithmic ? powersOfTen(lines) : 6;
  const yFormat = logarithmic ? String : percent ? formatShare : formatTick;
  const svg = Plot.plot({
    document: document as unknown as Document,
    width: WIDTH,
    height: PLOT_HEIGHT,
    ...MARGIN,
    x: { label: null, nice: longest > 20 },
    y: { label: null, nice: true, zero: fromZero, ticks: 6, type: logarithmic ? 'log' : undefined },
    marks: [
      Plot.gridY({ stroke: 'currentColor', strokeOpacity: 0.15, ticks: yTicks }),
      Plot.axisX({ ticks: wholeTicks(lines), tickFormat: formatCount, tickSize: 4 }),
      Plot.axisY({ ticks: yTicks, tickFormat: yFormat as (y: number) => string, tickSize: 0 }),
      ...marks,
    ],
  });
  for (const style of svg.querySelectorAll('style')) style.remove();
  const middle = (MARGIN.marginTop + PLOT_HEIGHT - MARGIN.marginBottom) / 2;
  const center = (MARGIN.marginLeft + WIDTH - MARGIN.marginRight) / 2;
  return `${svg.innerHTML}
<text x="${center}" y="${PLOT_HEIGHT - 10}">${escapeHtml(xLabel)}</text>
<text transform="translate(18,${middle}) rotate(-90)">${escapeHtml(yLabel)}</text>`;
}

function formatShare(y: number): string {
  return formatPercent(y, 0);
}

/** All ticks of an axis with as many decimals as its finest one needs. */
function formatTick(y: number, _index: number, ticks: readonly number[]): string {
  if (ticks.some((tick) => tick !== 0 && (Math.abs(tick) < 1e-3 || Math.abs(tick) >= 1e6))) return formatNumber(y);
  const decimals = ticks.map((tick) => String(Number(tick.toPrecision(8))).split('.')[1]?.length ?? 0);
  return y.toFixed(Math.max(...decimals));
}

/** Those that a line comes near to or crosses. */
function powersOfTen(lines: readonly Line[]): number[] {
  const logs = lines.flatMap(({ points }) => points.flatMap(({ y }) => (y > 0 ? [Math.log10(y)] : [])));
  if (logs.length === 0) return [1];
  const [first, last] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
}

/** Short axes (iterations, epochs) get a tick at every whole number, long ones what Plot finds fit. */
function wholeTicks(lines: readonly Line[]): number[] | number {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return xs.length <= 12 && xs.every(Number.isInteger) ? xs : 8;
}

function layLegend(lines: readonly Line[]): { svg: string; height: number } {
  let x = LEFT;
  let row = 0;
  const items = lines.map(({ label, color, dashed }) => {
    const width = 34 + textWidth(label, FONT_SIZE) * ROOM_FOR_WIDE_FONTS + 14;
    if (x + width > WIDTH && x > LEFT) {
      x = LEFT;
      row++;
    }
    const y = 44 + row * 22;
    const dash = dashed ? ' stroke-dasharray="5 3"' : '';
    const item = `<line x1="${x}" x2="${x + 26}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="${dashed ? 2 : 3}"${dash}/><text x="${x + 33}" y="${y + 5}">${escapeHtml(label)}</text>`;
    x += width;
    return item;
  });
  return { svg: items.join('\n'), height: (row + 1) * 22 };
}
