// Charts in a page: each in two widths, of which a screen shows the one that it has room for, with their values under the pointer.
import { type Chart, hoverStops, renderChart } from '../figures/chart.ts';
import { hoverAttribute } from '../figures/hover.ts';

/** Widths in pixels: half of a wide page, and a small screen. */
const WIDE = 540;
const NARROW = 350;

/** Figures of charts, for a page with HOVER_SCRIPT. */
export function chartFigures(charts: readonly Chart[]): string {
  if (charts.length === 0) return '';
  const figures = charts.map((chart) => {
    const [wide, narrow] = [WIDE, NARROW].map((width) => inPage(renderChart(chart, width)));
    return `<figure ${hoverAttribute(hoverStops(chart))}><div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`;
  });
  return `<div class="charts">${figures.join('\n')}</div>`;
}

const inPage = (svg: string): string => svg.replace(' xmlns="http://www.w3.org/2000/svg"', '');
