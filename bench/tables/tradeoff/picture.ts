// The trade-off as a picture of two panels with the same heights: accuracy over parameters kept, and over the time for an image.
import { type Chart, escapeHtml, type Line, PALETTE, type Point, renderChart } from 'astrogpu/report';
import type { TradeoffPoint } from './summary.ts';

const PANEL = 560;

type Place = Pick<Point, 'x' | 'reach'>;

/** A line for each curve that has a point, those of single connections first; points without a place are left out. */
function linesOf(all: readonly TradeoffPoint[], place: (point: TradeoffPoint) => Place | undefined): Line[] {
  const known = all.filter(({ accuracy }) => accuracy.n > 0);
  const curves = [...new Map(known.map(({ row: { curve } }) => [curve.id, curve])).values()];
  return curves
    .toSorted((a, b) => Number(!!a.dashed) - Number(!!b.dashed))
    .map(({ id, label, color, dashed }) => ({
      label,
      color: PALETTE[color % PALETTE.length],
      dashed,
      dotted: true,
      points: known
        .filter(({ row }) => row.curve.id === id)
        .toSorted((a, b) => a.share! - b.share!)
        .flatMap((point) => {
          const at = place(point);
          return at ? [{ ...at, y: point.accuracy.mean, spread: point.accuracy.std }] : [];
        }),
    }));
}

/** Of the bars of all points, whether they have a place in a panel or not: both panels have one scale. */
function rangeOf(all: readonly TradeoffPoint[]): [low: number, high: number] | undefined {
  const ends = all.flatMap(({ accuracy: { n, mean, std = 0 } }) => (n > 0 ? [mean - std, mean + std] : []));
  return ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : undefined;
}

/** The picture as an SVG document, in `currentColor`. Bars are one standard deviation of the accuracy, and the interval of the time. */
export function drawTradeoff(all: readonly TradeoffPoint[], title: string): string {
  const yLabel = 'test accuracy, %';
  const yRange = rangeOf(all);
  const charts: Chart[] = [
    {
      ...{ title, yLabel, yRange, xLabel: "parameters left, of the whole network's" },
      xAxis: { percent: true, logarithmic: true },
      lines: linesOf(all, ({ share }) => (share === undefined ? undefined : { x: share })),
    },
    {
      ...{ title: '', yLabel, yRange, xLabel: "time for an image, compacted, of the whole network's" },
      xAxis: { percent: true },
      lines: linesOf(all, ({ time }) => time && { x: time.median, reach: [time.low, time.high] }).map((line) => ({
        ...line,
        // The legend of the first panel speaks for both.
        unlisted: true,
      })),
    },
  ];
  const panels = charts.map((chart) => renderChart(chart, PANEL));
  const heights = panels.map((svg) => Number(/height="(\d+)"/.exec(svg)![1]));
  const height = Math.max(...heights);
  const placed = panels.map((svg, i) => svg.replace('<svg ', `<svg x="${i * PANEL}" y="${height - heights[i]}" `));
  const width = panels.length * PANEL;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeHtml(title)}" fill="currentColor">\n${placed.join('\n')}\n</svg>`;
}
