// The report folder: all files there, marks where they belong, nothing fetched from outside, every text escaped.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reportMarks, writeReport } from '../../src/report/run-report.ts';
import { sampleReport } from './sample.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('a full report', () => {
  test('writes the page, the table, the curves and the maps, and says so', async () => {
    const written = await writeReport(folder, sampleReport());
    expect(written.map((path) => path.slice(folder.length + 1).replaceAll('\\', '/'))).toEqual([
      'report.html',
      'table.md',
      ...['loss-search', 'loss-guide', 'accuracy-guide', 'regulation'].flatMap((name) => [
        `curves/${name}.svg`,
        `curves/${name}.png`,
      ]),
      'p-maps/1-layer1-conv-1.png',
    ]);
    for (const path of written) expect(existsSync(path), path).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['curves', 'p-maps', 'report.html', 'table.md']);
  });

  test('needs nothing from outside: no scripts, and every source is inside the page', async () => {
    await writeReport(folder, sampleReport());
    const html = read('report.html');
    expect(html).not.toMatch(/https?:/);
    expect(html).not.toMatch(/@import|url\(/);
    const { document } = parseHTML(html);
    expect(document.querySelectorAll('script, link, iframe')).toHaveLength(0);
    const sources = [...document.querySelectorAll('[src], [href]')].map(
      (node) => node.getAttribute('src') ?? node.getAttribute('href'),
    );
    expect(sources).toHaveLength(1);
    for (const source of sources) expect(source).toMatch(/^data:image\/png;base64,/);
    expect(document.querySelectorAll('.charts svg')).toHaveLength(4);
  });

  test('escapes what people typed and shows the exact command and the settings by group', async () => {
    await writeReport(folder, sampleReport());
    const { document } = parseHTML(read('report.html'));
    expect(document.querySelector('h1')!.textContent).toBe('AstroNet & a <title>');
    expect(document.querySelector('pre')!.textContent).toBe(sampleReport().command);
    expect(document.body.textContent).toContain('A note with <angle> brackets.');
    const texts = (selector: string) => [...document.querySelectorAll(selector)].map((node) => node.textContent);
    expect(texts('h3').slice(-2)).toEqual(['network', 'run']);
    expect(texts('dt').slice(-3)).toEqual(['--model', '--phase', '--momentum']);
    expect(texts('dd').slice(-3)).toEqual(['tiny', 'search,guide', '0.9']);
  });
});

describe('marks', () => {
  test('say on the page and in the table that adapter and data are not the real ones', async () => {
    await writeReport(folder, sampleReport());
    for (const name of ['report.html', 'table.md']) {
      expect(read(name)).toContain('SOFTWARE ADAPTER');
      expect(read(name)).toContain('STAND-IN DATA, NOT CIFAR-10');
    }
  });

  test('are absent for a real adapter and the real set', async () => {
    const report = sampleReport({
      adapter: { description: 'a GPU', software: false },
      data: { name: 'CIFAR-10', standIn: false, trainImages: 50_000, testImages: 10_000 },
    });
    expect(reportMarks(report)).toEqual([]);
    await writeReport(folder, report);
    for (const name of ['report.html', 'table.md']) expect(read(name)).not.toMatch(/SOFTWARE|STAND-IN|NOT CIFAR/);
  });
});

test('a run without curves, maps and notes has no empty sections or folders', async () => {
  await writeReport(folder, sampleReport({ series: [], regulation: [], gateMaps: [], notes: [] }));
  const { document } = parseHTML(read('report.html'));
  expect([...document.querySelectorAll('h2')].map((heading) => heading.textContent)).toEqual([
    'Result',
    'Configuration',
    'How to reproduce',
  ]);
  expect(readdirSync(folder).sort()).toEqual(['report.html', 'table.md']);
});
