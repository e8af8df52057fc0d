// The report folder: all files there, marks where they belong, nothing fetched from outside, every text escaped.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reportMarks, writeReport } from '../../src/report/run-report.ts';
import { SAMPLE_CHARTS, sampleReport } from './sample.ts';

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
      ...SAMPLE_CHARTS.flatMap((name) => [`curves/${name}.svg`, `curves/${name}.png`]),
      'p-maps/1-layer1-conv-1.png',
    ]);
    for (const path of written) expect(existsSync(path), path).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['curves', 'p-maps', 'report.html', 'table.md']);
  });

  test('needs nothing from outside: its script is in the page, and so is every source', async () => {
    await writeReport(folder, sampleReport());
    const html = read('report.html');
    expect(html).not.toMatch(/https?:/);
    expect(html).not.toMatch(/@import|url\(/);
    const { document } = parseHTML(html);
    expect(document.querySelectorAll('script[src], link, iframe')).toHaveLength(0);
    expect(document.querySelectorAll('script')).toHaveLength(1);
    const sources = [...document.querySelectorAll('[src], [href]')].map(
      (node) => node.getAttribute('src') ?? node.getAttribute('href'),
    );
    expect(sources).toHaveLength(2);
    for (const source of sources) expect(source).toMatch(/^data:image\/png;base64,/);
    expect(document.querySelectorAll('.charts .wide svg')).toHaveLength(SAMPLE_CHARTS.length);
    expect(document.querySelectorAll('.charts .narrow svg')).toHaveLength(SAMPLE_CHARTS.length);
  });

  test('escapes what people typed and shows the exact command and the settings by group', async () => {
    await writeReport(folder, sampleReport());
    const { document } = parseHTML(read('report.html'));
    expect(document.querySelector('h1')!.textContent).toBe('AstroNet & a <title>');
    expect(document.querySelector('pre')!.textContent).toBe(sampleReport().command);
    expect(document.body.textContent).toContain('A note with <angle> brackets.');
    const texts = (selector: string) => [...document.querySelectorAll(selector)].map((node) => node.textContent);
    expect(texts('h3').slice(-2)).toEqual(['network', 'run']);
    expect(texts('.settings dt')).toEqual(['--model', '--phase', '--momentum']);
    expect(texts('.settings dd')).toEqual(['tiny', 'search,guide', '0.9']);
    expect(texts('pre')).toEqual([sampleReport().command, sampleReport().fullCommand]);
    expect(texts('dt').slice(-3)).toEqual(['Data', 'astrogpu', 'Driver']);
    expect(texts('dd').slice(-3)).toEqual(['drawn by seed 7', '0.1.0, commit 0123456789ab', 'Mesa 25 <llvm>']);
  });

  test('has its date as people write it', async () => {
    for (const [date, shown] of [
      ['2026-11-05T14:30:12.345Z', '2026-11-05 14:30 UTC'],
      ['some day', 'some day'],
    ]) {
      await writeReport(folder, sampleReport({ date }));
      expect(parseHTML(read('report.html')).document.querySelector('h1 + p')!.textContent).toBe(shown);
    }
  });

  test('shows test images with what each arm takes them for, right or wrong', async () => {
    await writeReport(folder, sampleReport());
    const { document } = parseHTML(read('report.html'));
    const cards = [...document.querySelectorAll('.examples figure')];
    expect(cards).toHaveLength(1);
    expect(cards[0].querySelector('strong')!.textContent).toBe('cat & <dog>');
    expect([...cards[0].querySelectorAll('tr')].map((row) => row.textContent)).toEqual([
      '✓ plain NNcat & <dog>75 %',
      '✗ trained ANfrog50 %',
    ]);
  });

  test('gives the values of a chart at each place that can be pointed at', async () => {
    await writeReport(folder, sampleReport());
    const { document } = parseHTML(read('report.html'));
    const [accuracy] = [...document.querySelectorAll('figure[data-hover]')];
    expect(JSON.parse(accuracy.getAttribute('data-hover')!)).toEqual([
      [
        expect.closeTo(0, 3),
        'NN updates 10\nplain NN: 50.00 %\ntrained AN: 55.00 %\nplain NN: training batches: 30.00 %\ntrained AN: training batches: 30.00 %',
      ],
      [
        expect.closeTo(1, 3),
        'NN updates 20\nplain NN: 60.00 %\ntrained AN: 65.00 %\nplain NN: training batches: 60.00 %\ntrained AN: training batches: 60.00 %',
      ],
    ]);
    for (const svg of accuracy.querySelectorAll('svg')) {
      const [left, right, top, bottom] = svg.getAttribute('data-plot')!.split(' ').map(Number);
      expect(right).toBeGreaterThan(left);
      expect(bottom).toBeGreaterThan(top);
      expect(svg.querySelectorAll('.cursor')).toHaveLength(1);
    }
  });

  test('says what its words mean, and only of those that it uses', async () => {
    await writeReport(folder, sampleReport());
    const { document } = parseHTML(read('report.html'));
    const heading = [...document.querySelectorAll('h2')].find(({ textContent }) => textContent === 'Terms')!;
    const words = [...heading.parentElement!.querySelectorAll('dt')].map(({ textContent }) => textContent);
    expect(words).toEqual(expect.arrayContaining(['plain NN', 'trained AN', 'gate', 'sparsity', 'search', 'guide']));
    for (const word of ['random AN', 'narrower NN', 'compacted']) expect(words).not.toContain(word);
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

test('a run without curves, maps, examples and notes has no empty sections or folders', async () => {
  await writeReport(
    folder,
    sampleReport({ series: [], regulation: [], gateMaps: [], histograms: [], examples: [], notes: [] }),
  );
  const { document } = parseHTML(read('report.html'));
  expect([...document.querySelectorAll('h2')].map((heading) => heading.textContent)).toEqual([
    'Result',
    'What these numbers can say',
    'Terms',
    'Configuration',
    'How to reproduce',
  ]);
  expect(readdirSync(folder).sort()).toEqual(['report.html', 'table.md']);
});
