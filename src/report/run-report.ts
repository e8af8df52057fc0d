// The report of one run: an HTML page with everything in it, and beside it the same table, curves and maps as files.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../io/index.ts';
import { renderChart } from './figures/chart.ts';
import { type NamedChart, runCharts, slug } from './figures/curves.ts';
import { gateMapFigure, gateMapPng } from './figures/gate-map.ts';
import { HOVER_SCRIPT } from './figures/hover.ts';
import { svgToPng } from './figures/png.ts';
import { escapeHtml, renderPage } from './html.ts';
import { chartFigures } from './sections/charts.ts';
import { exampleCards } from './sections/examples.ts';
import { gateMapFigures } from './sections/gate-maps.ts';
import { definitions, paragraphs, section } from './sections/section.ts';
import { terms } from './sections/terms.ts';
import { trustTexts } from './sections/trust.ts';
import { verdict } from './sections/verdict.ts';
import { armTable, compactionTable } from './tables/arms.ts';
import { formatCount } from './tables/format.ts';
import { renderHtml, renderMarkdown, type Table } from './tables/table.ts';
import type { GateMap, RunReport, SettingGroup } from './types.ts';

/**
 * Writes report.html, table.md, curves/*.svg and *.png, and p-maps/*.png into an existing run folder, replacing earlier ones. Returns the
 * paths written, report.html first.
 * @throws GateMapError when a map's values do not match its size; file system errors as they are.
 */
export async function writeReport(folder: string, report: RunReport): Promise<string[]> {
  const written: string[] = [];
  const save = (content: string | Uint8Array, ...path: string[]) => {
    const target = join(folder, ...path);
    writeFileAtomic(target, content);
    written.push(target);
  };
  const charts = runCharts(report);
  const maps: { map: GateMap; png: Uint8Array }[] = [];
  for (const map of report.gateMaps) maps.push({ map, png: await gateMapPng(map) });

  save(await renderReport(report, charts, maps), 'report.html');
  save(renderSummary(report), 'table.md');
  if (charts.length > 0) mkdirSync(join(folder, 'curves'), { recursive: true });
  for (const { name, chart } of charts) {
    const svg = renderChart(chart);
    save(svg, 'curves', `${name}.svg`);
    save(await svgToPng(svg), 'curves', `${name}.png`);
  }
  if (maps.length > 0) mkdirSync(join(folder, 'p-maps'), { recursive: true });
  const digits = String(maps.length).length;
  for (const [i, { map, png }] of maps.entries()) {
    const number = String(i + 1).padStart(digits, '0');
    save(await gateMapFigure(map, png), 'p-maps', `${number}-${slug(map.layer)}.png`);
  }
  return written;
}

/** What a reader must know before believing a number: software adapter, stand-in data. */
export function reportMarks({ adapter, data }: Pick<RunReport, 'adapter' | 'data'>): string[] {
  const marks: string[] = [];
  if (adapter.software) marks.push('SOFTWARE ADAPTER: the times say nothing about a GPU.');
  if (data.standIn)
    marks.push('STAND-IN DATA, NOT CIFAR-10: the accuracies cannot be compared with any published figure.');
  return marks;
}

/** The marks, the result table and the command as Markdown: what table.md holds. */
export function renderSummary(report: RunReport): string {
  const { title, date, arms, notes, command, data } = report;
  const compaction = compactionTable(arms, data.testImages);
  const meaning = verdict(report);
  const facts = runFacts(report).map(([name, value]) => `- ${name}: ${value}`);
  const parts = [
    `# ${title}`,
    ...reportMarks(report).map((mark) => `**${mark}**`),
    [`- Date: ${date}`, ...facts].join('\n'),
    renderMarkdown(armTable(arms, data.testImages)),
    ...(meaning ? [`**${meaning}**`] : []),
    ...(compaction ? [renderMarkdown(compaction)] : []),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
    `\`\`\`sh\n${command}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

function runFacts({ adapter, data, seed }: RunReport): [string, string][] {
  const images = `${formatCount(data.trainImages)} training and ${formatCount(data.testImages)} test images`;
  return [
    ['Adapter', adapter.description + (adapter.software ? ' (SOFTWARE ADAPTER)' : '')],
    ['Data', `${data.name}, ${images}${data.standIn ? ' (STAND-IN, NOT CIFAR-10)' : ''}`],
    ['Seed', String(seed)],
  ];
}

async function renderReport(
  report: RunReport,
  charts: readonly NamedChart[],
  maps: readonly { map: GateMap; png: Uint8Array }[],
): Promise<string> {
  const { title, date, notes, arms, data, examples = [] } = report;
  const compaction = compactionTable(arms, data.testImages);
  const meaning = verdict(report);
  const sections = [
    `<h1>${escapeHtml(title)}</h1>\n<p class="soft">${escapeHtml(dateText(date))}</p>`,
    ...reportMarks(report).map((mark) => `<strong class="mark">${escapeHtml(mark)}</strong>`),
    definitions(runFacts(report)),
    section('Result', scrolled(armTable(arms, data.testImages)) + (meaning ? paragraphs([meaning]) : '')),
    section('What these numbers can say', paragraphs(trustTexts(report))),
    section(
      'Compacted',
      compaction
        ? `${paragraphs(['The smaller dense network that does the same: every channel is gone that no surviving connection feeds or reads.'])}${scrolled(compaction)}`
        : '',
    ),
    section(
      'Notes',
      notes.length > 0 ? `<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>` : '',
    ),
    section('Curves', chartGroups(charts)),
    section('Test images and predictions', await exampleSection(examples)),
    section('P, layer by layer', gateMapFigures(maps)),
    section('Terms', termList(terms(report))),
    section('Configuration', `<div class="settings">${report.config.map(settings).join('\n')}</div>`),
    section('How to reproduce', reproduction(report)),
    charts.length > 0 ? HOVER_SCRIPT : '',
  ];
  return renderPage(title, sections.filter(Boolean).join('\n'));
}

/** A moment in ISO 8601 as people write it; other texts as they are. */
const dateText = (date: string): string => date.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):[\d.]+Z$/, '$1 $2 UTC');

const scrolled = (table: Table): string => `<div class="scroll">${renderHtml(table)}</div>`;

async function exampleSection(examples: NonNullable<RunReport['examples']>): Promise<string> {
  if (examples.length === 0) return '';
  return `${paragraphs(['Drawn at random from the test images, not picked. The percentage is the probability that the network gives to its answer.'])}${await exampleCards(examples)}`;
}

const termList = (entries: readonly [string, string][]): string => (entries.length > 0 ? definitions(entries) : '');

/** Charts under the headings of their groups; without headings where there is one. */
function chartGroups(charts: readonly NamedChart[]): string {
  const groups = [...new Set(charts.map(({ group }) => group))];
  return groups
    .map((name) => {
      const heading = groups.length > 1 ? `<h3>${escapeHtml(name)}</h3>\n` : '';
      return heading + chartFigures(charts.filter(({ group }) => group === name).map(({ chart }) => chart));
    })
    .join('\n');
}

/** All that another machine needs to do the same, and what it was done with. */
function reproduction({ command, fullCommand, data, versions = [] }: RunReport): string {
  const parts = [
    '<p>In the repository; the same seed on the same adapter gives the same numbers.</p>',
    `<pre>${escapeHtml(command)}</pre>`,
  ];
  if (fullCommand !== undefined)
    parts.push(
      '<p>With every option, whatever the defaults of another version are:</p>',
      `<pre>${escapeHtml(fullCommand)}</pre>`,
    );
  const facts: [string, string][] = [
    ...(data.source === undefined ? [] : [['Data', data.source] as [string, string]]),
    ...versions.map(({ name, value }): [string, string] => [name, value]),
  ];
  if (facts.length > 0) parts.push(definitions(facts));
  return parts.join('\n');
}

function settings({ title, settings }: SettingGroup): string {
  return `<div>\n<h3>${escapeHtml(title)}</h3>\n${definitions(settings.map(({ name, value }) => [name, value]))}\n</div>`;
}
