// P of every layer as pictures that change while the gates do, and how far they still move from one iteration of the regulation to the next.
import type { ArmId, GatesEvent, Settings } from '../protocol.ts';
import { byId, choice, make, say, table } from './dom.ts';
import { inFrames } from './frames.ts';
import { heatPixels } from './heat.ts';
import { type Line, LineChart } from './line-chart.ts';
import type { Run } from './run.ts';
import { whenSchemeChanges } from './theme.ts';
import { ARMS, count, number, percent } from './words.ts';

export interface Gates {
  /** Shows another training, or none. */
  show(run: Run | undefined): void;
  /** There are gates of this arm. */
  changed(arm: ArmId): void;
}

type Layer = GatesEvent['layers'][number];

const HINTS: Record<Settings['gate'], string> = {
  connection:
    'A square for each layer: outputs from top to bottom, inputs from left to right. Each point is a connection, or several where a layer is large.',
  filter: 'A strip for each layer. Each point is a filter, or several where a layer is large.',
  channel: 'A strip for each layer. Each point is a channel, or several where a layer is large.',
};

/** Longest side of a map on the page, in CSS pixels. */
const SIDE = 112;

export function gates(): Gates {
  let run: Run | undefined;
  let followed: ArmId | undefined;
  const redraw = inFrames(draw);
  const arm = choice<ArmId>('Whose gates to show', redraw);
  byId('gates-arm').append(arm.element);
  const chart = new LineChart(
    {
      title: 'Movement |eᵗ − eᵗ⁻¹|',
      x: 'iteration t',
      value: number,
      logarithmic: true,
      whole: true,
    },
    redraw,
  );
  whenSchemeChanges(() => {
    chart.forget();
    redraw();
  });
  const words = make('p', { class: 'gate-words' });
  const maps = make('ul', { class: 'maps' });
  const values = make('details', { class: 'table-of' }, make('summary', {}, 'The same as tables'), make('div'));
  values.addEventListener('toggle', redraw);
  chart.element.append(
    make(
      'p',
      { class: 'hint' },
      'How far the gates still move in each of the passes by which the astrocyte refines them.',
    ),
  );
  const aside = make('div', { class: 'gate-side' }, words, scale(), chart.element);
  byId('gates').append(make('div', { class: 'gate-columns' }, aside, maps), values);
  let canvases: Canvas[] = [];
  let laid = '';

  function draw(): void {
    if (!run) return;
    const offered = run.started.arms.filter(({ id }) => run!.gates.has(id));
    arm.offer(offered.map(({ id }) => ({ value: id, name: ARMS[id].name })));
    if (!followed && offered.length > 0) {
      followed = offered.find(({ id }) => id === 'trained')?.id ?? offered[0].id;
      arm.choose(followed);
    }
    const shown = arm.chosen();
    const event = shown && run.gates.get(shown);
    if (!event) return;
    say(words, wordsOf(run, event));
    const layout = event.layers.map(({ name, height, width }) => `${name} ${height} ${width}`).join('\n');
    if (layout !== laid) {
      canvases = event.layers.map(canvasOf);
      maps.replaceChildren(...canvases.map(({ element }) => element));
      laid = layout;
    }
    for (const [i, layer] of event.layers.entries()) canvases[i].draw(layer);
    chart.element.hidden = !run.differences.has(shown);
    chart.draw(differenceLines(run, shown), [1, Math.max(2, event.differences.length)]);
    if (values.open) values.lastElementChild!.replaceChildren(...tables(run, event));
  }

  return {
    show(of) {
      run = of;
      if (of) {
        const { gate } = of.started.settings;
        say(byId('gates-title'), `Probability of each ${gate}`);
        say(byId('gates-hint'), HINTS[gate]);
      }
      followed = undefined;
      laid = '';
      maps.replaceChildren();
      say(words, 'The first maps come in a moment.');
      if (of) redraw();
    },
    changed(of) {
      if (of === arm.chosen() || arm.chosen() === undefined || !run?.gates.has(arm.chosen()!)) redraw();
      else if (run)
        arm.offer(
          run.started.arms.filter(({ id }) => run!.gates.has(id)).map(({ id }) => ({ value: id, name: ARMS[id].name })),
        );
    },
  };
}

interface Canvas {
  element: HTMLLIElement;
  draw(layer: Layer): void;
}

function canvasOf({ name, rows, columns, height, width }: Layer): Canvas {
  const canvas = make('canvas', { width, height, role: 'img' });
  const unit = SIDE / Math.max(rows, columns);
  canvas.style.aspectRatio = `${columns} / ${rows}`;
  canvas.style.width = `${Math.max(12, columns * unit)}px`;
  const mean = make('span', { class: 'value' });
  const element = make(
    'li',
    {},
    canvas,
    make('b', {}, ...name.split(/(?<=\.)/).flatMap((part) => [make('wbr'), part])),
    make('small', {}, make('span', {}, rows === 1 ? count(columns) : `${count(rows)} × ${count(columns)}`), mean),
  );
  const context = canvas.getContext('2d')!;
  return {
    element,
    draw({ values }) {
      context.putImageData(new ImageData(heatPixels(values), width, height), 0, 0);
      const text = `mean ${meanOf(values).toFixed(2)}`;
      say(mean, text);
      canvas.setAttribute(
        'aria-label',
        `Layer ${name}, ${rows === 1 ? columns : `${rows} outputs by ${columns} inputs`}: ${text}`,
      );
    },
  };
}

const meanOf = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / values.length / 255;

/** The colors with what they mean. */
function scale(): HTMLElement {
  const canvas = make('canvas', { width: 256, height: 1, 'aria-hidden': 'true' });
  const ramp = Uint8Array.from({ length: 256 }, (_, level) => level);
  canvas.getContext('2d')!.putImageData(new ImageData(heatPixels(ramp), 256, 1), 0, 0);
  return make(
    'div',
    { class: 'scale', role: 'img', 'aria-label': 'Colors: dark for 0, closed; bright for 1, open' },
    canvas,
    make('span', { 'aria-hidden': 'true' }, '0 closed'),
    make('span', { 'aria-hidden': 'true' }, '0.5'),
    make('span', { 'aria-hidden': 'true' }, '1 open'),
  );
}

function wordsOf(run: Run, { final, mean, parameters, phase }: GatesEvent): string {
  const left = percent(parameters / run.started.parameters, 0);
  const said = `On average P is ${mean.toFixed(2)}.`;
  if (final) return `${said} The cut is made: ${left} of the parameters are left.`;
  return phase === 'search'
    ? `${said} The astrocyte is still learning it.`
    : `${said} A cut now would leave ${left} of the parameters.`;
}

/** A logarithm has no zero: what moved less than can be told stands at the bottom. */
const LEAST = 1e-7;

function differenceLines(run: Run, arm: ArmId): Line[] {
  const found = run.differences.get(arm);
  if (!found) return [];
  const line = (of: readonly number[], i: number): Line => ({
    key: `${i}`,
    color: '--soft',
    width: 1,
    opacity: 0.2 + (0.4 * i) / found.earlier.length,
    x: of.map((_, t) => t + 1),
    y: of.map((value) => Math.max(LEAST, value)),
  });
  return [
    ...found.earlier.map(line),
    {
      ...line(found.newest, found.earlier.length),
      label: 'now; gray: earlier',
      color: `--arm-${arm}`,
      width: 2.5,
      opacity: 1,
      dots: true,
    },
  ].map((one, i, all) => (i === all.length - 1 ? { ...one, key: 'now' } : one));
}

function tables(run: Run, event: GatesEvent): HTMLElement[] {
  const layers = table(
    'The layers with their gates',
    ['Layer', 'Outputs', 'Inputs', 'Mean P'],
    event.layers.map(({ name, rows, columns, values }) => [
      name,
      count(rows),
      count(columns),
      meanOf(values).toFixed(3),
    ]),
  );
  const found = run.differences.get(event.arm)?.newest ?? [];
  const moves = table(
    'How far the gates move in each iteration',
    ['Iteration t', '|eᵗ − eᵗ⁻¹|'],
    found.map((value, t) => [String(t + 1), number(value)]),
  );
  return found.length > 0 ? [layers, moves] : [layers];
}
