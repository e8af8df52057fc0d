// The trade-off as a picture of two panels with the same heights: accuracy over parameters kept, and over the time for an image.
import { type Chart, PALETTE, renderChart } from 'astrogpu/report';
import type { TradeoffPoint } from './summary.ts';

const PANEL = 560;

/** One line for each curve, its points by falling size; those without a place on the axis are left out. */
function panel(
  points: readonly TradeoffPoint[],
  place: (point: TradeoffPoint) => { x: number; reach?: readonly [number, number] } | undefined,
  rest: Omit<Chart, 'lines' | 'yLabel'>,
): Chart {
  const curves = [...new Map(points.map(({ row: { curve } }) => [curve.id, curve])).values()];
  const lines = curves.map(({ id, label, color, dashed }) => ({
    label,
    color: PALETTE[color % PALETTE.length],
    dashed,
    dotted: true,
    points: points
      .filter(({ row, accuracy }) => row.curve.id === id && accuracy.n > 0)
      .flatMap((point) => {
        const at = place(point);
        return at ? [{ ...at, y: point.accuracy.mean, spread: point.accuracy.std }] : [];
      })
      .sort((a, b) => a.x - b.x),
  }));
  return { yLabel: 'test accuracy, %', ...rest, lines };
}

/** The picture as an SVG document, in `currentColor`. */
export function drawTradeoff(points: readonly TradeoffPoint[], title: string): string {
  const parts = [
    panel(points, ({ share }) => (share === undefined ? undefined : { x: share }), {
      title,
      xLabel: 'parameters kept, % of the whole network’s',
      xAxis: { logarithmic: true, percent: true },
    }),
    panel(points, ({ time }) => time && { x: time.median, reach: [time.low, time.high] }, {
      title: '',
      xLabel: 'time for an image, compacted, % of the whole network’s',
      xAxis: { percent: true },
    }),
  ].map((chart) => renderChart(chart, PANEL));
  const heights = parts.map((svg) => Number(/height="(\d+)"/.exec(svg)![1]));
  const height = Math.max(...heights);
  const placed = parts.map((svg, i) => svg.replace('<svg ', `<svg x="${i * PANEL}" y="${height - heights[i]}" `));
  const width = parts.length * PANEL;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="currentColor">\n${placed.join('\n')}\n</svg>`;
}
