// The arms beside one another, a row each: the newest values of what the curves show, and what is left of each network.
import type { ArmId } from '../protocol.ts';
import { byId, make, say, table } from './dom.ts';
import { inFrames } from './frames.ts';
import { swatch } from './line-chart.ts';
import { leftOf } from './result.ts';
import type { Run } from './run.ts';
import { LINES } from './theme.ts';
import { ARMS, count, percent, short } from './words.ts';

export interface ArmTable {
  /** Shows another training, or none. */
  show(run: Run | undefined): void;
  changed(): void;
}

const HEADS = ['Network', 'Test accuracy', 'Training loss', 'Para\u00admeters', 'Opera\u00adtions'];

export function armTable(): ArmTable {
  const host = byId('arms');
  const foot = make('p', { class: 'hint' });
  let run: Run | undefined;
  let rows: HTMLTableRowElement[] = [];

  function make_(of: Run): void {
    const shown = of.started.arms.map(({ id, name }) => [
      make(
        'span',
        { class: 'arm' },
        swatch(`--arm-${id}`, LINES[id].dash, LINES[id].width),
        make(
          'span',
          {},
          make('b', {}, ARMS[id].name),
          make('small', {}, name === ARMS[id].name ? ARMS[id].what : `${ARMS[id].what} (${name})`),
        ),
      ),
      ...HEADS.slice(1).map(() => make('span', { class: 'value' })),
    ]);
    const made = table('The arms of the comparison with their newest values', HEADS, shown);
    rows = [...made.tBodies[0].rows];
    host.replaceChildren(made, foot);
  }

  const redraw = inFrames(() => {
    if (!run) return;
    for (const [i, { id, gated }] of run.started.arms.entries()) fill(rows[i], valuesOf(run, id, gated));
    say(foot, footOf(run));
  });

  return {
    show(of) {
      run = of;
      if (!of) return;
      make_(of);
      redraw();
    },
    changed: redraw,
  };
}

interface Cell {
  text: string;
  /** Is it what would be, and not what is? */
  tentative?: boolean;
}

function valuesOf(run: Run, arm: ArmId, gated: boolean): Cell[] {
  const { points, tested } = run.track(arm, 'guide');
  const left = leftOf(run, arm);
  const accuracy = tested.at(-1)?.accuracy;
  const loss = points.at(-1)?.loss;
  const tentative = gated && !left.final;
  return [
    { text: accuracy === undefined ? '–' : percent(accuracy) },
    { text: loss === undefined ? '–' : loss.toFixed(3) },
    { text: percent(left.parameters, 0), tentative },
    { text: percent(left.flops, 0), tentative },
  ];
}

function fill(row: HTMLTableRowElement, cells: Cell[]): void {
  for (const [i, { text, tentative = false }] of cells.entries()) {
    const cell = row.cells[i + 1].firstElementChild!;
    say(cell, text);
    cell.classList.toggle('tentative', tentative);
  }
}

function footOf({ started, phase }: Run): string {
  const whole = `The whole network has ${count(started.parameters)} parameters and takes ${short(started.flops)} operations for an image.`;
  if (phase === 'search') return `${whole} These networks learn in the guide, once the search has found an astrocyte.`;
  return started.arms.some(({ gated }) => gated)
    ? `${whole} Shares in italics are what would stay if the cut were now; they become upright once it is made.`
    : whole;
}
