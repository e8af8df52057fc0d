// A table as Markdown, as a picture and as JSON with every run behind it.
import { join } from 'node:path';
import { writeFileAtomic } from 'astrogpu/io';
import {
  type Difference,
  formatCount,
  formatPercent,
  renderMarkdown,
  renderPoints,
  svgToPng,
  type Table,
} from 'astrogpu/report';
import { type Facts, factsOf, marksOf, sharesTestImages } from '../common/runs/facts.ts';
import type { TablePlan } from '../common/runs/row.ts';
import { comparable } from '../common/runs/size.ts';
import { accuracies, CONTROLS, type RowSummary } from './summary.ts';

/** With its sign; what rounds to 0 has a plus. */
export const points = (value: number, digits = 2): string =>
  `${value <= -0.5 * 10 ** -digits ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
/** `1.20 ± 0.30`; without a deviation the mean alone. */
export const spread = (mean: number, std?: number): string =>
  std === undefined ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${std.toFixed(2)}`;
const labelOf = ({ label, beyondPaper }: RowSummary['row']): string =>
  beyondPaper ? `${label} (beyond the paper)` : label;

/** What came out, and the paper's figures in columns of their own. */
function resultTable(plan: TablePlan, rows: readonly RowSummary[]): Table {
  const right = (title: string) => ({ title, align: 'right' as const });
  return {
    columns: [
      { title: 'Row' },
      right('Seeds'),
      right('Accuracy, %'),
      right('Parameters'),
      right('Kept'),
      right('Structural'),
      right('NN updates'),
      ...(plan.published ? [right("Paper's own: accuracy, %"), right("Paper's own: parameters, M")] : []),
    ],
    rows: rows.map(({ row, runs, failures, accuracy, means }) => {
      const share = (part: number): string => `${formatCount(part)} (${formatPercent(part / means!.total, 1)})`;
      const { published } = row;
      return [
        labelOf(row),
        String(runs.size),
        accuracy.n > 0 ? spread(accuracy.mean, accuracy.std) : failures.size > 0 ? 'failed' : 'not run',
        ...(means
          ? [formatCount(means.total), share(means.kept), share(means.structural), formatCount(means.updates)]
          : ['', '', '', '']),
        ...(plan.published
          ? [published ? spread(published.accuracy, published.std) : '', published ? String(published.parameters) : '']
          : []),
      ];
    }),
  };
}

const DIFFERENCE_TITLES = { plain: 'to the plain NN', random: 'to its random AN', narrow: 'to its narrower plain NN' };

function differenceTable(rows: readonly RowSummary[]): Table {
  const shown = (difference?: Difference): string => {
    if (!difference) return '';
    const { mean, low, high, n } = difference;
    return low === undefined
      ? `${points(mean)} (n = ${n}: no interval)`
      : `${points(mean)} [${points(low)}, ${points(high!)}], n = ${n}`;
  };
  const verdict = ({ row, wins, keepsMore }: RowSummary): string => {
    if (row.arm !== 'trained') return '';
    if (!wins) return wins === undefined ? 'unknown' : 'no';
    return keepsMore ? 'yes, keeping more than the narrower NN' : 'yes';
  };
  return {
    columns: [
      { title: 'Row' },
      ...CONTROLS.map((control) => ({ title: `Difference ${DIFFERENCE_TITLES[control]}, points` })),
      { title: 'Wins' },
    ],
    rows: rows
      .filter(({ differences }) => Object.keys(differences).length > 0)
      .map((summary) => [
        labelOf(summary.row),
        ...CONTROLS.map((control) => shown(summary.differences[control])),
        verdict(summary),
      ]),
  };
}

/** What holds for every table. */
function notesOf(facts: Facts, plan: TablePlan, rows: readonly RowSummary[]): string[] {
  const { base, seeds, data } = facts;
  const plain = rows.find(({ row }) => row.arm === 'plain')?.accuracy.mean;
  const error = plain !== undefined && Math.sqrt((plain * (100 - plain)) / base.testImages);
  return [
    'Accuracy: of the test images after the last epoch, mean ± sample standard deviation over seeds. Parameters are means over seeds; kept: weights whose gate survived, and all that has no gate; structural: what is left when every channel that no surviving connection feeds or reads is taken out.',
    seeds === 1
      ? 'One seed: no spread and no interval, so no row can be called better than another.'
      : `Differences are paired by seed; in brackets the 95 % interval of their mean by Student's t with n − 1 degrees of freedom.${error ? ` ${whatSeedsDo(facts, error)}` : ''}`,
    'A trained row wins only if its intervals against the plain NN, the random AN and the narrower plain NN all lie above 0. Nothing is corrected for the number of rows.',
    'All rows have the same number of NN updates, data and augmentation; with the same seed the full-sized ones start from the same weights. The search before a trained row trains another network beside the astrocyte; its updates are not counted.',
    ...plan.notes,
    ...(plan.published && !comparable(base, data.standIn)
      ? [
          `The paper's figures are for ${plan.publishedFor ?? 'ResNet18 (or ResNet34) on all of CIFAR-10'}: sizes differ, so they stand in columns of their own and are not in the picture.`,
        ]
      : []),
  ];
}

/** `error`: the standard error that the choice of test images gives an accuracy. */
const whatSeedsDo = (facts: Facts, error: number): string =>
  sharesTestImages(facts)
    ? `They say what seeds do; which test images there are adds a standard error of about ${error.toFixed(1)} points to each accuracy.`
    : `They say what seeds do, and each draws its test images: of the spread of an accuracy about ${error.toFixed(1)} points are theirs.`;

export function renderTable(facts: Facts, plan: TablePlan, rows: readonly RowSummary[]): string {
  const list = (items: string[]): string => items.map((item) => `- ${item}`).join('\n');
  const failures = rows.flatMap(({ row, failures }) =>
    [...failures].map(([seed, reason]) => `FAILED: ${row.label}, seed ${seed}: ${reason}`),
  );
  const differences = differenceTable(rows);
  const parts = [
    `# ${plan.title}`,
    ...marksOf(facts).map((mark) => `**${mark}**`),
    list(factsOf(facts)),
    renderMarkdown(resultTable(plan, rows)),
    ...(differences.rows.length > 0 ? [renderMarkdown(differences)] : []),
    ...(failures.length > 0 ? [list(failures)] : []),
    `![Accuracy of each row](${plan.name}.png)`,
    list(notesOf(facts, plan, rows)),
    `\`\`\`sh\n${facts.command}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The picture: rows in groups by arm, the plain network's mean as the line to beat. */
export function drawTable({ base, quick, data }: Facts, plan: TablePlan, rows: readonly RowSummary[]): string {
  const withPaper = comparable(base, data.standIn);
  const plain = rows.filter(({ row }) => row.arm === 'plain');
  const small = quick ? ' (small version)' : '';
  return renderPoints({
    title: `${plan.title}${small}${data.standIn ? ', STAND-IN DATA' : ''}`,
    xLabel: 'test accuracy, %',
    reference:
      plain.length === 1 && plain[0].accuracy.n > 0
        ? { label: 'mean of the plain NN', value: plain[0].accuracy.mean }
        : undefined,
    rows: rows.map(({ row, runs }) => ({
      label: labelOf(row),
      group: row.arm,
      values: [...accuracies(runs).values()],
      published: withPaper && row.published ? { mean: row.published.accuracy, std: row.published.std } : undefined,
    })),
  });
}

/** Writes NAME.md, .svg, .png and .json into the folder, each whole or not at all, and returns the Markdown. */
export async function writeTable(
  out: string,
  facts: Facts,
  plan: TablePlan,
  rows: readonly RowSummary[],
): Promise<string> {
  const svg = drawTable(facts, plan, rows);
  const markdown = renderTable(facts, plan, rows);
  const file = (ending: string): string => join(out, `${plan.name}.${ending}`);
  const raw = rows.map(({ runs, failures, ...rest }) => ({
    ...rest,
    runs: Object.fromEntries(runs),
    failures: Object.fromEntries(failures),
  }));
  writeFileAtomic(file('svg'), svg);
  writeFileAtomic(file('png'), await svgToPng(svg));
  writeFileAtomic(file('json'), `${JSON.stringify({ ...facts, title: plan.title, rows: raw }, null, 2)}\n`);
  writeFileAtomic(file('md'), markdown);
  return markdown;
}
