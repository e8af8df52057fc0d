// The learning curves: loss and accuracy of every arm in one phase, and the evaluated epochs as a table.
import type { ArmId, Phase } from '../protocol.ts';
import { byId, choice, table } from './dom.ts';
import { inFrames } from './frames.ts';
import { type Line, LineChart } from './line-chart.ts';
import { epochsIn, type Point, type Run } from './run.ts';
import { LINES, whenSchemeChanges } from './theme.ts';
import { ARMS, number, PHASES, percent } from './words.ts';

export interface Curves {
  /** Shows another training, or none. */
  show(run: Run | undefined): void;
  /** Something of it changed. */
  changed(): void;
}

export function curves(): Curves {
  let run: Run | undefined;
  let followed: Phase | undefined;
  const redraw = inFrames(draw);
  const phase = choice<Phase>('Phase to show', redraw);
  byId('phase').append(phase.element);
  const loss = new LineChart({ title: 'Training loss', x: 'epoch', value: (y) => y.toFixed(3), tick: number }, redraw);
  const accuracy = new LineChart(
    {
      title: 'Accuracy on unseen images',
      note: 'thin: on training images',
      x: 'epoch',
      value: (y) => percent(y),
      tick: (y) => percent(y, 0),
    },
    redraw,
  );
  byId('curves').append(loss.element, accuracy.element);
  const epochs = byId<HTMLDetailsElement>('epochs');
  epochs.addEventListener('toggle', redraw);
  whenSchemeChanges(() => {
    loss.forget();
    accuracy.forget();
    redraw();
  });

  function draw(): void {
    if (!run) return;
    // What happens now is what one wants to see, until one has chosen otherwise.
    if (run.phase !== followed) phase.choose(run.phase);
    followed = run.phase;
    const shown = phase.chosen() ?? run.phase;
    const whole: [number, number] = [0, epochsIn(run.started, shown)];
    loss.draw(shown === 'search' ? searchLosses(run) : armLines(run, 'loss'), whole);
    accuracy.draw(
      shown === 'search' ? tested(run, 'trained', 'search', 'held-out images') : armLines(run, 'accuracy'),
      whole,
    );
    if (epochs.open) epochs.lastElementChild!.replaceChildren(epochTable(run, shown));
  }

  return {
    show(of) {
      run = of;
      followed = undefined;
      if (!run) return;
      const phases: Phase[] = run.started.searchSteps > 0 ? ['search', 'guide'] : ['guide'];
      phase.offer(phases.map((value) => ({ value, name: PHASES[value] })));
      redraw();
    },
    changed: redraw,
  };
}

const column = (points: readonly Point[], of: 'loss' | 'trainAccuracy' | 'anLoss'): (number | null)[] =>
  points.map((point) => point[of] ?? null);

const epochsOf = (points: readonly { epoch: number }[]): number[] => points.map(({ epoch }) => epoch);

/** Of the network and of its astrocyte. */
function searchLosses(run: Run): Line[] {
  const { points } = run.track('trained', 'search');
  const x = epochsOf(points);
  return [
    { key: 'network', label: 'network', color: '--arm-plain', dash: [7, 4], width: 1.75, x, y: column(points, 'loss') },
    { key: 'astrocyte', label: 'astrocyte', color: '--arm-trained', width: 2.5, x, y: column(points, 'anLoss') },
  ];
}

/** Accuracy on images that are not trained on, and thin beside it that on training batches. */
function tested(run: Run, arm: ArmId, phase: Phase, label: string): Line[] {
  const track = run.track(arm, phase);
  const name = `--arm-${arm}`;
  return [
    {
      key: `${arm} training`,
      color: name,
      width: 1,
      opacity: 0.45,
      x: epochsOf(track.points),
      y: column(track.points, 'trainAccuracy'),
    },
    {
      key: arm,
      label,
      color: name,
      ...LINES[arm],
      dots: true,
      x: epochsOf(track.tested),
      y: track.tested.map((one) => one.accuracy),
    },
  ];
}

function armLines(run: Run, of: 'loss' | 'accuracy'): Line[] {
  return run.started.arms.flatMap(({ id }): Line[] => {
    const { name } = ARMS[id];
    if (of === 'accuracy') return tested(run, id, 'guide', name);
    const { points } = run.track(id, 'guide');
    return [
      { key: id, label: name, color: `--arm-${id}`, ...LINES[id], x: epochsOf(points), y: column(points, 'loss') },
    ];
  });
}

/** A row an epoch, a column an arm. */
function epochTable(run: Run, phase: Phase): HTMLTableElement {
  const arms = run.started.arms.filter(({ id }) => phase === 'guide' || id === 'trained');
  const columns = arms.map(({ id }) => new Map(run.track(id, phase).tested.map((one) => [one.epoch, one])));
  const epochs = [...new Set(columns.flatMap((of) => [...of.keys()]))].sort((a, b) => a - b);
  return table(
    `Accuracy on ${phase === 'search' ? 'held-out' : 'test'} images after each epoch`,
    ['Epoch', ...arms.map(({ id }) => ARMS[id].name)],
    epochs.map((epoch) => [
      number(epoch),
      ...columns.map((of) => (of.has(epoch) ? percent(of.get(epoch)!.accuracy) : '')),
    ]),
  );
}
