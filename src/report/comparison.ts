// Several runs side by side, as one HTML page: accuracies with their noise, the settings that differ, and the curves of each arm.

import { type Chart, hasCurve, PALETTE } from './figures/chart.ts';
import { metricLines } from './figures/curves.ts';
import { HOVER_SCRIPT } from './figures/hover.ts';
import { escapeHtml, renderPage } from './html.ts';
import { chartFigures } from './sections/charts.ts';
import { definitions, paragraphs, section } from './sections/section.ts';
import { formatCount, formatPercent } from './tables/format.ts';
import { halfWidth, leastDifference } from './tables/noise.ts';
import { renderHtml, type Table } from './tables/table.ts';
import type { ArmResult, MetricRow } from './types.ts';

/** A run that is compared, finished or not. */
export interface ComparedRun {
  /** As it is called in tables and legends; each run by another name. */
  name: string;
  command: string;
  date: string;
  /** Every setting and circumstance by name. */
  settings: readonly { name: string; value: string }[];
  /** Images that its accuracies are shares of; 0 where that is not known. */
  testImages: number;
  /** NN updates and epochs that an arm will have had, where that is known. */
  epochs?: number;
  series: readonly MetricRow[];
  /** Arms that have ended. */
  arms: readonly ArmResult[];
}

/** The page, which needs nothing beside it. */
export function renderComparison(runs: readonly ComparedRun[]): string {
  const arms = armsOf(runs);
  const charts = arms.map((arm) => ({ arm, charts: armCharts(runs, arm) })).filter(({ charts }) => charts.length > 0);
  const sections = [
    `<h1>${formatCount(runs.length)} runs compared</h1>`,
    section('Accuracies', scrolled(accuracyTable(runs)) + paragraphs(noiseTexts(runs))),
    section('Settings that differ', settingsSection(runs)),
    section(
      'Curves',
      charts.map(({ arm, charts }) => `<h3>${escapeHtml(arm)}</h3>\n${chartFigures(charts)}`).join('\n'),
    ),
    section(
      'How each was made',
      runs
        .map(
          ({ name, date, command }) =>
            `<h3>${escapeHtml(name)}</h3>${definitions([['Date', date]])}<pre>${escapeHtml(command)}</pre>`,
        )
        .join('\n'),
    ),
    charts.length > 0 ? HOVER_SCRIPT : '',
  ];
  return renderPage(`${runs.length} runs compared`, sections.filter(Boolean).join('\n'));
}

const scrolled = (table: Table): string => `<div class="scroll">${renderHtml(table)}</div>`;

/** Arms in the order in which they come up first. */
const armsOf = (runs: readonly ComparedRun[]): string[] => [
  ...new Set(runs.flatMap(({ series }) => series.filter(({ phase }) => phase === 'guide').map(({ arm }) => arm))),
];

/** The last epoch of an arm's guide. */
const lastEpoch = ({ series }: ComparedRun, arm: string): MetricRow | undefined =>
  series.findLast((row) => row.phase === 'guide' && row.arm === arm && row.accuracy !== undefined);

function accuracyTable(runs: readonly ComparedRun[]): Table {
  const rows = armsOf(runs).flatMap((arm) =>
    runs.flatMap((run) => {
      const last = lastEpoch(run, arm);
      if (last?.accuracy === undefined) return [];
      const ended = run.arms.find((result) => result.arm === arm);
      const { testImages } = run;
      const noise = testImages > 0 ? ` ± ${(halfWidth(last.accuracy, testImages) * 100).toFixed(1)}` : '';
      const state = ended ? 'ended' : `epoch ${last.epoch}${run.epochs ? ` of ${run.epochs}` : ''}`;
      return [
        [
          arm,
          run.name,
          formatPercent(last.accuracy) + noise,
          testImages > 0 ? formatCount(testImages) : '?',
          ended ? formatCount(ended.parametersTotal) : '',
          ended
            ? `${formatCount(ended.parametersKept)} (${formatPercent(ended.parametersKept / ended.parametersTotal, 1)})`
            : '',
          formatCount(last.step),
          state,
        ],
      ];
    }),
  );
  const right = 'right' as const;
  return {
    columns: [
      { title: 'Arm' },
      { title: 'Run' },
      { title: 'Test accuracy', align: right },
      { title: 'Test images', align: right },
      { title: 'Parameters', align: right },
      { title: 'Kept', align: right },
      { title: 'NN updates', align: right },
      { title: 'State' },
    ],
    rows,
  };
}

function noiseTexts(runs: readonly ComparedRun[]): string[] {
  const counts = runs.map(({ testImages }) => testImages).filter((count) => count > 0);
  if (counts.length === 0) return [];
  const accuracies = armsOf(runs).flatMap((arm) => runs.flatMap((run) => lastEpoch(run, arm)?.accuracy ?? []));
  if (accuracies.length === 0) return ['No arm of these runs has come to the end of an epoch yet.'];
  const fewest = Math.min(...counts);
  const least = leastDifference(Math.min(...accuracies), Math.max(...accuracies), fewest);
  const texts = [
    `Behind ± is the 95 % interval that the number of test images alone leaves. On ${formatCount(fewest)} images, accuracies that differ by less than about ${(least * 100).toFixed(1)} points are not told apart by them alone; what a seed does comes on top. Arms of one run are compared image by image in its own report.`,
  ];
  if (new Set(counts).size > 1) texts.push('The runs were measured on different numbers of test images.');
  return texts;
}

function settingsSection(runs: readonly ComparedRun[]): string {
  const names = [...new Set(runs.flatMap(({ settings }) => settings.map(({ name }) => name)))];
  const rows = names
    .map((name) => [
      name,
      ...runs.map(({ settings }) => settings.find((setting) => setting.name === name)?.value ?? '–'),
    ])
    .filter(([, first, ...others]) => others.some((value) => value !== first));
  if (rows.length === 0) return paragraphs(['None: the runs have the same configuration.']);
  return scrolled({ columns: [{ title: 'Setting' }, ...runs.map(({ name }) => ({ title: name }))], rows });
}

/** Accuracy and losses of one arm, a line for each run, in its color. */
function armCharts(runs: readonly ComparedRun[], arm: string): Chart[] {
  const lines = (level: 'step' | 'epoch', metric: 'accuracy' | 'loss' | 'evalLoss' | 'sparsity'): Chart['lines'] =>
    runs.flatMap(({ name, series }, i) => {
      const rows = series.filter((row) => row.phase === 'guide' && row.arm === arm);
      const wanted = rows.filter((row) => (row.level ?? 'epoch') === level);
      const of = wanted.length > 0 ? wanted : rows;
      return metricLines(of, { metric }, () => PALETTE[i % PALETTE.length]!).map((line) => ({ ...line, label: name }));
    });
  const charts: Chart[] = [
    {
      title: 'Test accuracy',
      yLabel: 'accuracy',
      percent: true,
      xLabel: 'NN updates',
      lines: lines('epoch', 'accuracy'),
    },
    { title: 'Training loss', yLabel: 'loss', xLabel: 'NN updates', lines: lines('step', 'loss') },
    { title: 'Test loss', yLabel: 'loss', xLabel: 'NN updates', lines: lines('epoch', 'evalLoss') },
    {
      title: 'Gates that a cut leaves at 0',
      yLabel: 'share of gates',
      percent: true,
      fromZero: true,
      xLabel: 'NN updates',
      lines: lines('epoch', 'sparsity'),
    },
  ];
  return charts.filter(hasCurve);
}
