// The trade-off as Markdown, as a picture and as JSON with every run behind it; from whatever there is, so that runs which were cut off leave a document.
import { join } from 'node:path';
import { writeFileAtomic } from 'astrogpu/io';
import {
  type Difference,
  formatCount,
  formatPercent,
  formatRatio,
  renderMarkdown,
  svgToPng,
  type Table,
} from 'astrogpu/report';
import { type Facts, factsOf, marksOf } from '../../common/runs/facts.ts';
import { points, spread } from '../output.ts';
import { drawTradeoff } from './picture.ts';
import { bySize, differenceOf, type TradeoffPoint } from './summary.ts';
import { rivalsOf, shareText, verdictsOf } from './verdicts.ts';

/** What is written, besides the points. */
export interface TradeoffDocument {
  /** Of the files. */
  name: string;
  title: string;
  facts: Facts;
  notes: readonly string[];
}

const right = (title: string) => ({ title, align: 'right' as const });

function resultTable(all: readonly TradeoffPoint[]): Table {
  return {
    columns: [
      { title: 'Row' },
      right('Seeds'),
      right('Accuracy, %'),
      right('Kept'),
      right('Structural'),
      right('Of the whole'),
      right('Time for an image, of the whole'),
      right('NN updates'),
    ],
    rows: all
      .toSorted(bySize)
      .map(({ row, runs, failures, accuracy, means, share, time }) => [
        row.label,
        String(runs.size),
        accuracy.n > 0 ? spread(accuracy.mean, accuracy.std) : failures.size > 0 ? 'failed' : 'not run yet',
        ...(means && share !== undefined
          ? [formatCount(means.kept), formatCount(means.structural), formatPercent(share, 1)]
          : ['', '', '']),
        row.kept === 1 ? '' : time ? formatRatio(time) : '',
        means ? formatCount(means.updates) : '',
      ]),
  };
}

const shown = (difference: Difference | undefined): string => {
  if (!difference) return '';
  const { mean, low, high, n } = difference;
  return low === undefined || high === undefined
    ? `${points(mean)} (n = ${n}: no interval)`
    : `${points(mean)} [${points(low)}, ${points(high)}], n = ${n}`;
};

function differenceTable(all: readonly TradeoffPoint[]): Table {
  const rows = all.toSorted(bySize).flatMap((point) =>
    rivalsOf(point, all).flatMap((rival) => {
      const difference = differenceOf(point, rival);
      return difference
        ? [[point.row.label, shareText(point), rival.row.label, shareText(rival), shown(difference)]]
        : [];
    }),
  );
  const size = right('Of the whole');
  return { columns: [{ title: 'Row' }, size, { title: 'against' }, size, right('Difference, points')], rows };
}

const NOTES = [
  'Accuracy: of the test images after the last epoch, mean ± sample standard deviation over seeds (the bars of the picture). Kept: weights whose gate survived, and all that has no gate; structural: what is left when every channel that no surviving connection feeds or reads is taken out; of the whole: the part that a target is of, kept ones under gates of connections and structural ones under gates of channels. Means over seeds.',
  "Time: of the compacted network (of the narrower one) for an image in parts of the whole plain network's, measured in turns on this adapter (on a software adapter by processor time), median and the interval of the median; of several seeds the mean of the medians, from the least to the largest end.",
  'Narrower networks are mostly a little smaller than those with gates that they are compared with, since widths are whole numbers of channels: each sentence and difference says both sizes. Rows of a part of the gates, or of a threshold, are compared with what is nearest in size.',
  "Of the networks with gates those by the paper's threshold are the paper's own; all others go beyond it.",
  'All rows have the same number of NN updates, data and augmentation; with the same seed the full-sized ones start from the same weights. The search trains another network beside the astrocyte; its updates are not counted.',
];

/** Which widths are worth having. */
const timeNote = ({ adapter: { software } }: Facts): string =>
  `What narrower networks gain in time depends on how many channels kernels compute at once. ${
    software
      ? 'Those of this kind of adapter fill inputs up to 16 channels, and outputs up to 16 or a multiple of 32 (docs/results/software-adapter.md)'
      : 'This was measured for a software adapter alone (16, or multiples of 32: docs/results/software-adapter.md)'
  }: a network of other widths may be slower than the whole one. So there are plain ones of a half and a quarter of the channels, and gates of groups of channels, which leave such widths.`;

/** Each kind of networks that there is a row of. */
const terms = (all: readonly TradeoffPoint[]): string[] =>
  [...new Map(all.map(({ row: { curve } }) => [curve.id, curve])).values()].map(
    ({ label, what }) => `**${label}**: ${what}.`,
  );

export function renderTradeoff({ name, title, facts, notes }: TradeoffDocument, all: readonly TradeoffPoint[]): string {
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');
  const failures = all.flatMap(({ row, failures }) =>
    [...failures].map(([seed, reason]) => `FAILED: ${row.label}, seed ${seed}: ${reason}`),
  );
  const verdicts = verdictsOf(all);
  const differences = differenceTable(all);
  const intervals =
    facts.seeds === 1
      ? 'One seed: no spread and no interval, so no row can be called better than another.'
      : "Differences are paired by seed; in brackets the 95 % interval of their mean by Student's t with n − 1 degrees of freedom. Nothing is corrected for the number of rows.";
  const parts = [
    `# ${title}`,
    ...marksOf(facts).map((mark) => `**${mark}**`),
    ...(verdicts.length > 0 ? [list(verdicts)] : []),
    `![Accuracy over the parameters left, and over time](${name}.png)`,
    renderMarkdown(resultTable(all)),
    ...(differences.rows.length > 0 ? [renderMarkdown(differences)] : []),
    ...(failures.length > 0 ? [list(failures)] : []),
    list(factsOf(facts)),
    list(terms(all)),
    list([...NOTES, timeNote(facts), intervals, ...notes]),
    `\`\`\`sh\n${facts.command}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Writes NAME.md, .svg, .png and .json into the folder, each whole or not at all, and returns the Markdown. */
export async function writeTradeoff(
  out: string,
  document: TradeoffDocument,
  all: readonly TradeoffPoint[],
): Promise<string> {
  const { name, title, facts } = document;
  const { quick, data } = facts;
  const markdown = renderTradeoff(document, all);
  const svg = drawTradeoff(all, `${title}${quick ? ' (small version)' : ''}${data.standIn ? ', STAND-IN DATA' : ''}`);
  const file = (ending: string): string => join(out, `${name}.${ending}`);
  const raw = all.map(({ runs, failures, ...rest }) => ({
    ...rest,
    runs: Object.fromEntries(runs),
    failures: Object.fromEntries(failures),
  }));
  writeFileAtomic(file('svg'), svg);
  writeFileAtomic(file('png'), await svgToPng(svg));
  writeFileAtomic(
    file('json'),
    `${JSON.stringify({ ...facts, title, verdicts: verdictsOf(all), points: raw }, null, 2)}\n`,
  );
  writeFileAtomic(file('md'), markdown);
  return markdown;
}
