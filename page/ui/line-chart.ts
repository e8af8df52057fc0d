// A chart of lines that grow while one looks: uPlot in the colors of the page, with a legend that says the newest values, or those under the pointer. It draws only when asked (see
// frames.ts).
import uPlot from 'uplot';
import { make, say } from './dom.ts';
import { color } from './theme.ts';

/** A line; the x of its points ascend. */
export interface Line {
  /** The same for the same line from one drawing to the next. */
  key: string;
  /** In the legend; none for lines that another speaks for. */
  label?: string;
  /** A custom property of style.css. */
  color: string;
  dash?: number[];
  width?: number;
  /** 0 to 1; default 1. */
  opacity?: number;
  /** Mark the points. */
  dots?: boolean;
  x: number[];
  y: (number | null)[];
}

export interface ChartOptions {
  title: string;
  /** Behind the legend: what it does not list. */
  note?: string;
  /** Name of the x axis. */
  x: string;
  /** How values are written, in the legend and, in short, at the axis. */
  value(y: number): string;
  tick?(y: number): string;
  logarithmic?: boolean;
  /** x of whole numbers alone. */
  whole?: boolean;
}

const HEIGHT = 210;
const FONT = '12px system-ui, sans-serif';
/** Room at the top of the largest value. */
const HEADROOM = 1.05;

export class LineChart {
  readonly element: HTMLElement;
  private readonly legend = make('ul', { class: 'legend' });
  private readonly field = make('div', { class: 'field-of-chart', role: 'img' });
  private readonly options: ChartOptions;
  private plot?: uPlot;
  private lines: Line[] = [];
  private range: [low: number, high: number] = [0, 1];
  private drawn = '';

  /** `resized` is called when it has to be drawn again for its new width. */
  constructor(options: ChartOptions, resized: () => void) {
    this.options = options;
    this.element = make('figure', {}, make('h3', {}, options.title), this.legend, this.field);
    let width = 0;
    new ResizeObserver(() => {
      if (this.field.clientWidth !== width) resized();
      width = this.field.clientWidth;
    }).observe(this.field);
  }

  /** Draws these in place of the former ones, over a range of x. */
  draw(lines: readonly Line[], range: [low: number, high: number]): void {
    this.range = range;
    this.lines = lines.filter(({ x }) => x.length > 0);
    const width = this.field.clientWidth;
    if (width === 0) return;
    if (this.lines.length === 0) {
      this.plot?.destroy();
      this.plot = undefined;
      this.legend.replaceChildren();
      this.field.setAttribute('aria-label', this.spoken());
      return;
    }
    const key = this.lines.map((line) => line.key).join('\n');
    if (!this.plot || key !== this.drawn) {
      this.plot?.destroy();
      this.plot = new uPlot(this.plotOptions(width), this.data(), this.field);
      this.drawn = key;
      this.makeLegend();
    } else {
      if (this.plot.width !== width) this.plot.setSize({ width, height: HEIGHT });
      this.plot.setData(this.data());
    }
    this.field.setAttribute('aria-label', this.spoken());
    this.read();
  }

  /** For other colors: all anew with the next drawing. */
  forget(): void {
    this.drawn = '?';
  }

  private data(): uPlot.AlignedData {
    return uPlot.join(this.lines.map(({ x, y }) => [x, y]));
  }

  private plotOptions(width: number): uPlot.Options {
    const { value, tick = value, logarithmic = false, whole = false } = this.options;
    const axis = { stroke: color('--soft'), font: FONT, labelFont: FONT, ticks: { show: false } };
    const grid = { stroke: color('--rule'), width: 1 };
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: false, range: () => this.range },
        y: logarithmic ? { distr: 3 } : { range: (_, _low, high) => [0, (high || 1) * HEADROOM] },
      },
      axes: [
        {
          ...axis,
          label: this.options.x,
          labelSize: 20,
          size: 26,
          gap: 6,
          grid: { show: false },
          space: whole ? 20 : 48,
          ...(whole && { incrs: [1, 2, 5] }),
        },
        {
          ...axis,
          size: 52,
          gap: 6,
          grid: logarithmic ? { ...grid, filter: tens } : grid,
          space: 36,
          ...(logarithmic && { filter: tens }),
          values: (_, ticks) => ticks.map((y) => (y === null ? '' : tick(y))),
        },
      ],
      series: [
        {},
        ...this.lines.map(
          ({ color: name, dash, width = 2, opacity = 1, dots = false }): uPlot.Series => ({
            stroke: color(name),
            width,
            dash,
            alpha: opacity,
            spanGaps: true,
            points: { show: dots, size: 5, fill: color(name) },
          }),
        ),
      ],
      hooks: { setCursor: [() => this.read()] },
    };
  }

  private makeLegend(): void {
    this.legend.replaceChildren(
      ...this.lines
        .filter(({ label }) => label !== undefined)
        .map(({ label, color: name, dash = [], width = 2 }) =>
          make(
            'li',
            {},
            swatch(name, dash, width),
            `${label} `,
            make('output', { class: 'value', 'aria-live': 'off' }),
          ),
        ),
      ...(this.options.note ? [make('li', {}, this.options.note)] : []),
    );
  }

  /** The values under the pointer, or the newest. */
  private read(): void {
    const at = this.plot?.cursor.idx;
    const x = at === null || at === undefined ? Infinity : (this.plot!.data[0][at] ?? Infinity);
    const named = this.lines.filter(({ label }) => label !== undefined);
    for (const [i, line] of named.entries()) {
      const output = this.legend.children[i].lastElementChild;
      const y = valueAt(line, x);
      if (output) say(output, y === undefined ? '' : this.options.value(y));
    }
  }

  private spoken(): string {
    const said = this.lines.flatMap((line) => {
      const y = valueAt(line, Infinity);
      return line.label === undefined || y === undefined ? [] : [`${line.label} ${this.options.value(y)}`];
    });
    return `${this.options.title} over ${this.options.x}. Newest: ${said.join(', ') || 'nothing yet'}.`;
  }
}

/** Of the lines of a logarithmic scale those at powers of ten. */
const tens: uPlot.Axis.Filter = (_, splits) => splits.map((y) => (isPowerOfTen(y) ? y : null));

const isPowerOfTen = (y: number): boolean => y > 0 && Math.abs(Math.log10(y) - Math.round(Math.log10(y))) < 1e-6;

/** A piece of a line as it is drawn, for a legend. */
export function swatch(name: string, dash: readonly number[], width: number): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
  svg.setAttribute('class', 'swatch');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('viewBox', '0 0 26 8');
  for (const [key, value] of Object.entries({ x1: 1, x2: 25, y1: 4, y2: 4, 'stroke-width': width + 0.5 }))
    line.setAttribute(key, String(value));
  line.setAttribute('stroke-dasharray', dash.join(' '));
  line.style.stroke = `var(${name})`;
  svg.append(line);
  return svg;
}

/** The value of the last point that is not behind x. */
function valueAt({ x, y }: Line, limit: number): number | undefined {
  let i = x.length - 1;
  while (i >= 0 && (x[i] > limit || y[i] === null)) i--;
  return i < 0 ? undefined : y[i]!;
}
