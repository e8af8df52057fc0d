// The report of a detector's training: COCO's twelve numbers, curves of each loss, and pictures of predictions beside the truth, as one HTML page and as files beside it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../io/index.ts';
import {
  type Chart,
  chartFigures,
  definitions,
  escapeHtml,
  formatPercent,
  HOVER_SCRIPT,
  hasCurve,
  type MetricRow,
  PALETTE,
  paragraphs,
  pngUrl,
  renderChart,
  renderHtml,
  renderMarkdown,
  renderPage,
  type SettingGroup,
  section,
  slug,
  svgToPng,
  type Table,
} from '../../report/index.ts';
import { COCO_NUMBERS, type Evaluation } from '../train/job-state.ts';
import { LOSSES } from '../train/meters.ts';

/** An image twice, with what is there and with what was found. */
export interface DetectorPicture {
  name: string;
  /** PNGs. */
  truth: Uint8Array;
  found: Uint8Array;
}

/** All that a detector's report shows. */
export interface DetectorReport {
  title: string;
  /** As it was typed, and with every option spelled out. */
  command: string;
  fullCommand: string;
  date: string;
  seed: number;
  adapter: { description: string; software: boolean };
  /** Where the images are from and how many there are; `sameImages` says that what was trained on was measured on. */
  data: { source: string; trainImages: number; testImages: number; sameImages: boolean };
  versions: readonly { name: string; value: string }[];
  config: readonly SettingGroup[];
  evaluations: readonly Evaluation[];
  series: readonly MetricRow[];
  pictures: readonly DetectorPicture[];
  notes: readonly string[];
}

/** Writes report.html, table.md, curves/ and pictures/ into an existing folder, in place of earlier ones. Returns the page's path. */
export async function writeDetectorReport(folder: string, report: DetectorReport): Promise<string> {
  const charts = lossCharts(report.series).filter(hasCurve);
  for (const name of ['curves', 'pictures']) mkdirSync(join(folder, name), { recursive: true });
  for (const chart of charts) {
    const svg = renderChart(chart);
    writeFileAtomic(join(folder, 'curves', `${slug(chart.title)}.svg`), svg);
    writeFileAtomic(join(folder, 'curves', `${slug(chart.title)}.png`), await svgToPng(svg));
  }
  for (const { name, truth, found } of report.pictures)
    for (const [kind, png] of Object.entries({ truth, found }))
      writeFileAtomic(join(folder, 'pictures', `${slug(name)}-${kind}.png`), png);
  writeFileAtomic(join(folder, 'table.md'), renderDetectorSummary(report));
  const page = join(folder, 'report.html');
  writeFileAtomic(page, renderReport(report, charts));
  return page;
}

/** What a reader must know before believing a number. */
function marks({ adapter, data }: DetectorReport): string[] {
  return [
    ...(adapter.software ? ['SOFTWARE ADAPTER: the times say nothing about a GPU.'] : []),
    ...(data.sameImages
      ? ['MEASURED ON THE TRAINING IMAGES: the numbers say that it can learn them, and nothing of other images.']
      : []),
  ];
}

const facts = ({ adapter, data, seed }: DetectorReport): [string, string][] => [
  ['Adapter', adapter.description + (adapter.software ? ' (SOFTWARE ADAPTER)' : '')],
  [
    'Data',
    `${data.source}; ${data.trainImages} training images, ${data.sameImages ? 'the same' : data.testImages} for testing`,
  ],
  ['Seed', String(seed)],
];

/** The twelve numbers of boxes, of masks, and of the boxes as masks; what is undefined is -. */
function numbersTable({ evaluations }: Pick<DetectorReport, 'evaluations'>): Table {
  const last = evaluations.at(-1);
  const keys = Object.keys(COCO_NUMBERS) as (keyof typeof COCO_NUMBERS)[];
  const text = (value: number): string => (value < 0 ? '-' : (100 * value).toFixed(1));
  return {
    columns: [{ title: '' }, ...Object.values(COCO_NUMBERS).map((title) => ({ title, align: 'right' as const }))],
    rows: Object.entries({ box: last?.box, mask: last?.mask, 'filled boxes': last?.filledBoxes }).flatMap(
      ([kind, scores]) => (scores ? [[kind, ...keys.map((key) => text(scores[key]))]] : []),
    ),
  };
}

const unlikeText = ({ evaluations }: Pick<DetectorReport, 'evaluations'>): string =>
  `Masks differ from their filled boxes in ${formatPercent(evaluations.at(-1)?.unlikeBoxes ?? Number.NaN, 1)} of the pixels of either; what boxes have as masks stands beside what masks have.`;

/** The marks, the table and the command as Markdown: what table.md holds. */
export function renderDetectorSummary(report: DetectorReport): string {
  const { title, date, notes, command } = report;
  const parts = [
    `# ${title}`,
    ...marks(report).map((mark) => `**${mark}**`),
    [`- Date: ${date}`, ...facts(report).map(([name, value]) => `- ${name}: ${value}`)].join('\n'),
    renderMarkdown(numbersTable(report)),
    unlikeText(report),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
    `\`\`\`sh\n${command}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Each loss, the learning rate, and what the evaluations found. */
function lossCharts(series: readonly MetricRow[]): Chart[] {
  const steps = series.filter(({ level }) => level === 'step');
  const found = series.filter(({ level }) => level === 'epoch');
  const line = (rows: readonly MetricRow[], column: string, label: string, i: number) => ({
    label,
    color: PALETTE[i % PALETTE.length],
    points: rows.flatMap(({ step, [column]: y }) => (typeof y === 'number' && y >= 0 ? [{ x: step, y }] : [])),
  });
  const xLabel = 'iterations';
  return [
    ...LOSSES.map((name, i) => ({
      title: name === 'total' ? 'Sum of the losses' : `Loss: ${name}`,
      ...{ xLabel, yLabel: 'loss', fromZero: true },
      lines: [line(steps, name === 'total' ? 'loss' : name, name, i)],
    })),
    { title: 'Learning rate', xLabel, yLabel: 'learning rate', fromZero: true, lines: [line(steps, 'lr', 'rate', 0)] },
    {
      title: 'Average precision',
      ...{ xLabel, yLabel: 'AP', percent: true, fromZero: true },
      lines: ['boxAP', 'boxAP50', 'maskAP', 'maskAP50'].map((name, i) =>
        line(found, name, name.replace('AP', ' AP'), i),
      ),
    },
  ];
}

function renderReport(report: DetectorReport, charts: readonly Chart[]): string {
  const { title, date, notes, config, command, fullCommand, versions } = report;
  const sections = [
    `<h1>${escapeHtml(title)}</h1>\n<p class="soft">${escapeHtml(date)}</p>`,
    ...marks(report).map((mark) => `<strong class="mark">${escapeHtml(mark)}</strong>`),
    definitions(facts(report)),
    section(
      'Result',
      `<div class="scroll">${renderHtml(numbersTable(report))}</div>${paragraphs(resultTexts(report))}`,
    ),
    section(
      'Notes',
      notes.length > 0 ? `<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>` : '',
    ),
    section('Curves', chartFigures(charts)),
    section('Predictions beside the truth', pictureRows(report)),
    section('Configuration', `<div class="settings">${config.map(settings).join('\n')}</div>`),
    section(
      'How to reproduce',
      `<p>In the repository; the same seed on the same adapter gives the same numbers.</p><pre>${escapeHtml(command)}</pre><p>With every option, whatever the defaults of another version are:</p><pre>${escapeHtml(fullCommand)}</pre>${definitions(versions.map(({ name, value }) => [name, value]))}`,
    ),
    charts.length > 0 ? HOVER_SCRIPT : '',
  ];
  return renderPage(title, sections.filter(Boolean).join('\n'));
}

const resultTexts = (report: DetectorReport): string[] => [
  "COCO's twelve numbers in percent: AP over IoU .50:.05:.95, at .50 and .75, of small, medium and large objects; AR with 1, 10 and 100 detections an image, and of small, medium and large objects. - stands for what has no object.",
  unlikeText(report),
];

function pictureRows({ pictures }: DetectorReport): string {
  if (pictures.length === 0) return '';
  const figure = (png: Uint8Array, caption: string): string =>
    `<figure><img src="${pngUrl(png)}" style="max-width:100%;height:auto" alt="${escapeHtml(caption)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
  const rows = pictures.map(
    ({ name, truth, found }) => `${figure(truth, `${name}: what is there`)}\n${figure(found, 'what was found')}`,
  );
  return `${paragraphs(['The masks of the truth took no part in the training.'])}<div class="charts">${rows.join('\n')}</div>`;
}

function settings({ title, settings }: SettingGroup): string {
  return `<div>\n<h3>${escapeHtml(title)}</h3>\n${definitions(settings.map(({ name, value }) => [name, value]))}\n</div>`;
}
