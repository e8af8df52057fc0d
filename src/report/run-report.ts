// The report of one run: an HTML page with everything in it, and beside it the same table, curves and maps as files.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../io/index.ts';
import { renderChart } from './figures/chart.ts';
import { runCharts, slug } from './figures/curves.ts';
import { colorBar, describeGateMap, gateMapFigure, gateMapPng } from './figures/gate-map.ts';
import { svgToPng } from './figures/png.ts';
import { escapeHtml, renderPage } from './html.ts';
import { armTable, compactionTable } from './tables/arms.ts';
import { formatCount } from './tables/format.ts';
import { renderHtml, renderMarkdown } from './tables/table.ts';
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
  const charts = runCharts(report).map(({ name, chart }) => ({ name, svg: renderChart(chart) }));
  const maps: { map: GateMap; png: Buffer }[] = [];
  for (const map of report.gateMaps) maps.push({ map, png: await gateMapPng(map) });

  save(renderReport(report, charts, maps), 'report.html');
  save(renderSummary(report), 'table.md');
  if (charts.length > 0) mkdirSync(join(folder, 'curves'), { recursive: true });
  for (const { name, svg } of charts) {
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
export function reportMarks({ adapter, data }: RunReport): string[] {
  const marks: string[] = [];
  if (adapter.software) marks.push('SOFTWARE ADAPTER: the times say nothing about a GPU.');
  if (data.standIn)
    marks.push('STAND-IN DATA, NOT CIFAR-10: the accuracies cannot be compared with any published figure.');
  return marks;
}

/** The marks, the result table and the command as Markdown: what table.md holds. */
export function renderSummary(report: RunReport): string {
  const { title, date, arms, notes, command } = report;
  const compaction = compactionTable(arms);
  const facts = runFacts(report).map(([name, value]) => `- ${name}: ${value}`);
  const parts = [
    `# ${title}`,
    ...reportMarks(report).map((mark) => `**${mark}**`),
    [`- Date: ${date}`, ...facts].join('\n'),
    renderMarkdown(armTable(arms)),
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

function renderReport(report: RunReport, charts: { svg: string }[], maps: { map: GateMap; png: Buffer }[]): string {
  const { title, date, command, notes } = report;
  const compaction = compactionTable(report.arms);
  const sections = [
    `<h1>${escapeHtml(title)}</h1>\n<p class="soft">${escapeHtml(date)}</p>`,
    ...reportMarks(report).map((mark) => `<strong class="mark">${escapeHtml(mark)}</strong>`),
    definitions(runFacts(report)),
    section('Result', `<div class="scroll">${renderHtml(armTable(report.arms))}</div>`),
    compaction
      ? section(
          'Compacted',
          `<p>The smaller dense network that does the same: every channel is gone that no surviving connection feeds or reads.</p><div class="scroll">${renderHtml(compaction)}</div>`,
        )
      : '',
    notes.length > 0
      ? section('Notes', `<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`)
      : '',
    charts.length > 0 ? section('Curves', `<div class="charts">${charts.map(chartFigure).join('\n')}</div>`) : '',
    maps.length > 0 ? section('P, layer by layer', gateMapSection(maps)) : '',
    section('Configuration', `<div class="settings">${report.config.map(settings).join('\n')}</div>`),
    section(
      'How to reproduce',
      `<p>In the repository; the same seed on the same adapter gives the same numbers.</p><pre>${escapeHtml(command)}</pre>`,
    ),
  ];
  return renderPage(title, sections.filter(Boolean).join('\n'));
}

function section(heading: string, content: string): string {
  return `<section>\n<h2>${escapeHtml(heading)}</h2>\n${content}\n</section>`;
}

function definitions(entries: [string, string][]): string {
  return `<dl>${entries.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}</dl>`;
}

function settings({ title, settings }: SettingGroup): string {
  return `<div>\n<h3>${escapeHtml(title)}</h3>\n${definitions(settings.map(({ name, value }) => [name, value]))}\n</div>`;
}

function chartFigure({ svg }: { svg: string }): string {
  return `<figure>${svg.replace(' xmlns="http://www.w3.org/2000/svg"', '')}</figure>`;
}

function gateMapSection(maps: { map: GateMap; png: Buffer }[]): string {
  const bar = `<svg viewBox="0 0 56 240" width="56" height="240" role="img" aria-label="color scale of P, 0 to 1" fill="currentColor" font-size="14"><g transform="translate(0,12)">${colorBar(18, 216)}</g></svg>`;
  const figures = maps.map(({ map, png }) => {
    const axes = map.axes ? `; down: ${map.axes.rows}, across: ${map.axes.columns}` : '';
    const about = (describeGateMap(map) + axes).replaceAll(' %', '\u00a0%');
    const name = escapeHtml(map.layer);
    const source = `data:image/png;base64,${png.toString('base64')}`;
    return `<figure><img src="${source}" alt="P of ${name}"><figcaption><strong>${name}</strong><br><span class="soft">${escapeHtml(about)}</span></figcaption></figure>`;
  });
  return `<div class="maps">${bar}<div class="grid">${figures.join('\n')}</div></div>`;
}
