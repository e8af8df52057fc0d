// Line charts as stand-alone SVG, in the text color of the page they stand in, so that one picture serves light and dark pages.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml } from '../html.ts';
import { formatNumber, formatPercent } from '../tables/format.ts';
import { type HoverStop, plotAttribute } from './hover.ts';
import { tickLabels } from './ticks.ts';
import { textWidth } from './typeface.ts';

/** A point of a line. */
export interface Point {
  x: number;
  y: number;
  /** Half the length of a bar through the point. */
  spread?: number;
  /** Ends of a bar through the point along the x axis. */
  reach?: readonly [low: number, high: number];
}

/** A line of a chart. */
export interface Line {
  label: string;
  /** Any CSS color; lines of one arm share theirs. */
  color: string;
  dashed?: boolean;
  /** Are its points marked, dashed or not? Others are where they are few; those of dashed lines are hollow. */
  dotted?: boolean;
  /** Is it left out of the legend, because `dashedLabel` speaks for it? */
  unlisted?: boolean;
  points: Point[];
}

/** Lines over one pair of axes. */
export interface Chart {
  title: string;
  xLabel: string;
  yLabel: string;
  /** Show y as a percentage. */
  percent?: boolean;
  /** An x axis of fractions that are shown as percentages, or one on which each factor of ten has the same length. */
  xAxis?: { percent?: boolean; logarithmic?: boolean };
  /** What the y axis reaches at the least, besides the lines: for charts that share a scale. */
  yRange?: readonly [low: number, high: number];
  /** Let the y axis start at 0. */
  fromZero?: boolean;
  /** Give each factor of ten of y the same height; values that are not above 0 are left out. */
  logarithmic?: boolean;
  /** Draw flat steps with a point in the middle of each, as a histogram has them. */
  steps?: boolean;
  /** One entry of the legend for all dashed lines that are not listed themselves. */
  dashedLabel?: string;
  lines: Line[];
}

/** Colors that are told apart on white and on near-black, also with the common color blindnesses. */
export const PALETTE = ['#2f80d0', '#d9730d', '#2a9d68', '#c94f7c', '#8a63d2', '#9a8700', '#1795a5', '#82888f'];

const WIDTH = 620;
const PLOT_HEIGHT = 320;
/** Narrower pictures, for small screens, have fewer ticks and less height. */
const NARROW = 460;
const FONT_SIZE = 14;
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';
const MARGIN = { marginLeft: 74, marginRight: 26, marginTop: 12, marginBottom: 52 };
const MOST_POINTS = 160;
const MOST_DOTS = 60;
const LEFT = 12;
/** Room for the name of the y axis and around its labels. */
const AXIS_NAME = 38;
const ROOM_FOR_WIDE_FONTS = 1.25;

/**
 * A chart as an SVG document, 620 wide unless another width is given, with title and legend, drawn in `currentColor`. Long lines are thinned by averaging
 * neighbors.
 */
export function renderChart(chart: Chart, width = WIDTH): string {
  const { title } = chart;
  const legend = layLegend(chart, width);
  const top = 34 + legend.height;
  const height = top + plotHeight(width);
  const name = escapeHtml(title);
  const font = `font-family="${FONT}" font-size="${FONT_SIZE}"`;
  const { marginTop, marginBottom } = MARGIN;
  const { svg, left } = drawPlot(chart, width);
  const area = { left, right: width - MARGIN.marginRight, top: top + marginTop, bottom: height - marginBottom };
  const cursor = `<line class="cursor" y1="${area.top}" y2="${area.bottom}" stroke="currentColor" stroke-opacity="0.5" style="display:none"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${name}" ${plotAttribute(area)} fill="currentColor" ${font}>
<text x="${LEFT}" y="22" font-size="16" font-weight="600">${name}</text>
${legend.svg}
<g transform="translate(0,${top})" text-anchor="middle">${svg}</g>
${cursor}
</svg>`;
}

/** What a reader who points at a place of a chart is told: the values of all lines there. */
export function hoverStops(chart: Chart): HoverStop[] {
  const { lines, xLabel, percent } = chart;
  const byX = new Map<number, string[]>();
  for (const { label, points } of lines)
    for (const { x, y } of shownPoints(chart, points)) {
      const texts = byX.get(x) ?? [];
      byX.set(x, texts);
      texts.push(`${label}: ${percent ? formatPercent(y, 2) : formatNumber(y)}`);
    }
  const xs = [...byX.keys()].sort((a, b) => a - b);
  const position = drawPlot(chart, WIDTH).position;
  return xs.map((x) => {
    const fine = chart.steps || chart.xAxis?.percent;
    const [at] = tickLabels([Number(x.toFixed(fine ? 4 : 0))], { thousands: !fine, percent: chart.xAxis?.percent });
    return { at: position(x), text: [`${xLabel} ${at}`, ...byX.get(x)!].join('\n') };
  });
}

/** Is there a line to draw, rather than single points? */
export const hasCurve = ({ lines }: Chart): boolean =>
  lines.some(({ points }) => new Set(points.map(({ x }) => x)).size > 1);

/** At most `most` points, each the mean of equally many neighbors. */
export function downsample(points: readonly Point[], most = MOST_POINTS): Point[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, i) => {
    const part = points.slice(Math.floor((i * points.length) / most), Math.floor(((i + 1) * points.length) / most));
    const mean = (pick: (point: Point) => number) => part.reduce((sum, point) => sum + pick(point), 0) / part.length;
    return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
  });
}

const plotHeight = (width: number): number => (width < NARROW ? 260 : PLOT_HEIGHT);

const shownPoints = ({ logarithmic }: Chart, points: readonly Point[]): Point[] =>
  downsample(points).filter(({ y }) => !logarithmic || y > 0);

interface Drawn {
  svg: string;
  /** Where the y axis stands. */
  left: number;
  /** A place on the x axis, 0 at the left and 1 at the right. */
  position(x: number): number;
}

/** Labels of ticks that are too long for the usual margin get a wider one. */
function drawPlot(chart: Chart, width: number, left = MARGIN.marginLeft): Drawn {
  const { lines, xLabel, yLabel, percent, fromZero, logarithmic, steps, xAxis = {} } = chart;
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  // Plot labels no more than the powers of ten of a logarithmic axis, so that it gets the logarithms.
  const place = xAxis.logarithmic ? Math.log10 : (x: number): number => x;
  const longest = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const marks = lines.flatMap(({ points, color, dashed, dotted: marked }) => {
    const shown = steps ? withEnds(points) : shownPoints(chart, points);
    const x = (point: Point): number => place(point.x);
    const stroke = {
      x,
      y: 'y',
      curve: steps ? ('step' as const) : undefined,
      stroke: color,
      strokeWidth: dashed ? 1.3 : steps ? 1.6 : 2.2,
      strokeDasharray: dashed ? '5 3' : undefined,
    };
    const dotted = marked || (!steps && (shown.length === 1 || (shown.length <= MOST_DOTS && !dashed)));
    const dots = dotted
      ? [Plot.dot(shown, { x, y: 'y', r: 3, ...(dashed && marked ? { stroke: color } : { fill: color }) })]
      : [];
    const reaching = shown.filter(({ reach }) => reach);
    const ends = { x1: ({ reach }: Point) => place(reach![0]), x2: ({ reach }: Point) => place(reach![1]) };
    const bars = shown.filter(({ spread = 0 }) => spread > 0);
    // A bar that would reach 0 has no lower end on a logarithmic axis.
    const lowest = (y: number): number => (logarithmic ? y / 10 : fromZero ? 0 : Number.NEGATIVE_INFINITY);
    const reach = {
      y1: ({ y, spread }: Point) => Math.max(y - spread!, lowest(y)),
      y2: ({ y, spread }: Point) => y + spread!,
    };
    return [
      ...(steps ? [Plot.areaY(shown, { x, y: 'y', curve: 'step', fill: color, fillOpacity: 0.12 })] : []),
      Plot.line(shown, stroke),
      ...(bars.length > 0 ? [Plot.ruleX(bars, { x, ...reach, stroke: color, strokeOpacity: 0.6 })] : []),
      ...(reaching.length > 0 ? [Plot.ruleY(reaching, { y: 'y', ...ends, stroke: color, strokeOpacity: 0.6 })] : []),
      ...dots,
    ];
  });
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const yTicks = logarithmic ? powersOfTen(lines) : 6;
  // Labels of percentages are wide.
  const mostTicks = width < NARROW || xAxis.percent ? 5 : 9;
  const height = plotHeight(width);
  const plot = Plot.plot({
    document: document as unknown as Document,
    width,
    height,
    ...MARGIN,
    marginLeft: left,
    x: {
      label: null,
      nice: longest > 20,
      domain: xAxis.logarithmic ? widened(xs).map(place) : spreadOut(xs),
    },
    y: {
      label: null,
      nice: true,
      zero: fromZero,
      ticks: 6,
      type: logarithmic ? 'log' : undefined,
      domain: logarithmic ? undefined : (spreadOut(reached(chart), fromZero) ?? extent(chart)),
    },
    marks: [
      Plot.gridY({ stroke: 'currentColor', strokeOpacity: 0.15, ticks: yTicks }),
      Plot.axisX({
        ticks: xAxis.logarithmic ? roundNumbers(xs).map(place) : xTicks(lines, mostTicks),
        tickFormat: labelOf(
          { thousands: !xAxis.percent, percent: xAxis.percent },
          xAxis.logarithmic ? tenTo : undefined,
        ),
        tickSize: 4,
      }),
      Plot.axisY({ ticks: yTicks, tickFormat: logarithmic ? String : labelOf({ percent }), tickSize: 0 }),
      ...marks,
    ],
  });
  for (const style of plot.querySelectorAll('style')) style.remove();
  const middle = (MARGIN.marginTop + height - MARGIN.marginBottom) / 2;
  const labels = [...plot.querySelectorAll('[aria-label="y-axis tick label"] text')];
  const needed = AXIS_NAME + Math.max(0, ...labels.map(({ textContent }) => textWidth(textContent ?? '', FONT_SIZE)));
  if (needed > left) return drawPlot(chart, width, Math.ceil(needed));
  const right = width - MARGIN.marginRight;
  const center = (left + right) / 2;
  const scale = plot.scale('x');
  return {
    left,
    svg: `${plot.innerHTML}
<text x="${center}" y="${height - 10}">${escapeHtml(xLabel)}</text>
<text transform="translate(18,${middle}) rotate(-90)">${escapeHtml(yLabel)}</text>`,
    position: (x) => (Number(scale?.apply(place(x)) ?? left) - left) / (right - left),
  };
}

/** A half step more at each side: the points are in the middle of theirs. */
function withEnds(points: readonly Point[]): Point[] {
  if (points.length < 2) return [...points];
  const half = (points[1]!.x - points[0]!.x) / 2;
  const [first, last] = [points[0]!, points.at(-1)!];
  return [{ ...first, x: first.x - half }, ...points, { ...last, x: last.x + half }];
}

/** As Plot asks for labels: tick by tick. */
const labelOf = (
  style: { percent?: boolean; thousands?: boolean },
  meaning = (tick: number): number => tick,
): ((value: number, index: number) => string) =>
  // Plot's types leave out that it gives all ticks.
  ((_: number, index: number, ticks: readonly number[]) => tickLabels(ticks.map(meaning), style)[index]!) as (
    value: number,
    index: number,
  ) => string;

/** What the y axis has to reach. */
const reached = (chart: Chart): number[] => [
  ...chart.lines.flatMap(({ points }) =>
    shownPoints(chart, points).flatMap(({ y, spread = 0 }) => [y - spread, y + spread]),
  ),
  ...(chart.yRange ?? []),
];

/** The ends of a y axis that reaches beyond its lines, which Plot does not know of. */
function extent(chart: Chart): [number, number] | undefined {
  if (!chart.yRange) return undefined;
  const all = chart.fromZero ? [0, ...reached(chart)] : reached(chart);
  return [Math.min(...all), Math.max(...all)];
}

/** An axis for values that are all the same, a little to each side of them, and for none. Plot finds the others by itself. */
function spreadOut(values: readonly number[], fromZero = false): [number, number] | undefined {
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const nothing = size < 1e-300; // no room for ticks between such numbers, nor, of ten digits, below 1e-8 of them
  if (!nothing && high - low > size * 1e-8) return undefined;
  const room = nothing ? 0.5 : size * 0.05;
  return [fromZero && low >= 0 ? 0 : low - room, high + room];
}

/** Back from a logarithm, without the last digits, which are rounding. */
const tenTo = (power: number): number => Number((10 ** power).toPrecision(10));

/** Ends of a logarithmic axis: a little beyond the values, which are above 0. */
const widened = (values: readonly number[]): [number, number] =>
  values.length > 0 ? [Math.min(...values) / 1.1, Math.max(...values) * 1.1] : [1, 10];

/** 1, 2.5 and 5 of each power of ten within a logarithmic axis: halves and quarters of 100 %, which sizes mostly are. */
function roundNumbers(values: readonly number[]): number[] {
  const [low, high] = widened(values);
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high / low)) + 2 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  return powers
    .flatMap((power) => [1, 2.5, 5].map((digit) => Number(`${digit}e${power}`)))
    .filter((x) => x >= low && x <= high);
}

/** Those that a line comes near to or crosses. */
function powersOfTen(lines: readonly Line[]): number[] {
  const logs = lines.flatMap(({ points }) => points.flatMap(({ y }) => (y > 0 ? [Math.log10(y)] : [])));
  if (logs.length === 0) return [1];
  const [first, last] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
}

/** Short even axes (iterations, epochs) get a tick at every number, others of whole numbers some whole ones, the rest what Plot finds fit. */
function xTicks(lines: readonly Line[], most: number): number[] | number {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  if (!xs.every(Number.isInteger)) return most;
  const [first = 0, second = first] = xs;
  if (xs.length <= most && xs.every((x, i) => x === first + i * (second - first))) return xs;
  const last = xs.at(-1) ?? first;
  const step = [1, 2, 5]
    .flatMap((digit) => Array.from({ length: 16 }, (_, i) => digit * 10 ** i))
    .sort((a, b) => a - b);
  const apart = step.find((size) => (last - first) / size < most) ?? 1;
  const from = Math.ceil(first / apart);
  return Array.from({ length: Math.floor(last / apart) - from + 1 }, (_, i) => (from + i) * apart);
}

function layLegend({ lines, dashedLabel }: Chart, room: number): { svg: string; height: number } {
  let x = LEFT;
  let row = 0;
  const listed = lines.filter(({ unlisted }) => !unlisted);
  const dashes = dashedLabel === undefined ? [] : [{ label: dashedLabel, color: 'currentColor', dashed: true }];
  const items = [...listed, ...dashes].map(({ label, color, dashed }) => {
    const width = 34 + textWidth(label, FONT_SIZE) * ROOM_FOR_WIDE_FONTS + 14;
    if (x + width > room && x > LEFT) {
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
