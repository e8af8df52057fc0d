// What comes out of a table's runs: means, paired differences, verdicts, and output that says what it must.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../bench/common/runs/facts.ts';
import type { Outcome } from '../../bench/common/runs/outcome.ts';
import { narrowRow, plainRow, type Row, randomRow, type TablePlan, unetRow } from '../../bench/common/runs/row.ts';
import { renderTable, writeTable } from '../../bench/tables/output.ts';
import { summarizeRows } from '../../bench/tables/summary.ts';
import { config, newFolder, removeFolders } from '../support/jobs.ts';

afterAll(removeFolders);

const MODEL = 'resnet-small';
const base = config({ images: 16, testImages: 10 });
const four: Row[] = [plainRow(MODEL), randomRow(MODEL), unetRow(MODEL, 'AN-UNet'), narrowRow(MODEL)];
const plan: TablePlan = { name: 'table-1', title: 'Table 1: a trial', published: true, rows: four, notes: ['A note.'] };

const facts: Facts = {
  command: 'node bench/tables.js 1 --quick',
  date: '2026-01-02T03:04:05.000Z',
  adapter: { description: 'an adapter', software: true },
  data: { source: 'drawn', standIn: true, train: 16, test: 10 },
  quick: true,
  seeds: 1,
  base,
};

/** Outcomes made by hand: accuracies by row and seed. */
const made = (accuracies: Record<string, number[]>): Map<string, Outcome> =>
  new Map(
    Object.entries(accuracies).flatMap(([id, list]) =>
      list.map((accuracy, i): [string, Outcome] => [
        `${MODEL}-${id}-seed${i + 1}`,
        Number.isNaN(accuracy)
          ? { failed: 'the loss | is not finite' }
          : {
              config: base,
              arm: {
                arm: id,
                accuracy,
                parametersTotal: 1000,
                parametersKept: id === 'plain' ? 1000 : 600 + 10 * i,
                parametersStructural: 900,
                updates: 80,
                seconds: 1,
              },
              e: {},
              date: '',
            },
      ]),
    ),
  );

describe('a table', () => {
  const outcomes = made({
    plain: [0.4, 0.41, 0.42],
    random: [0.38, 0.39, 0.4],
    unet: [0.45, 0.46, 0.471],
    narrow: [0.43, 0.44, Number.NaN],
  });
  const rows = summarizeRows(four, outcomes, 3);
  const unet = rows[2];

  it('has means, paired differences and a verdict', () => {
    expect(unet.accuracy.mean).toBeCloseTo(46.0333, 4);
    expect(unet.means).toEqual({ total: 1000, kept: 610, structural: 900, updates: 80 });
    // 5, 5, 5.1: std 0.057735, so the interval is ± 4.30265 · 0.057735 / √3 = 0.14342.
    expect(unet.differences.plain!.mean).toBeCloseTo(5.03333, 4);
    expect(unet.differences.plain!.low).toBeCloseTo(5.03333 - 0.14342, 4);
    expect(unet.differences.narrow).toMatchObject({ n: 2 });
    expect(unet.differences.narrow!.mean).toBeCloseTo(2, 9);
    expect(unet.wins).toBe(true);
    expect(rows[1].differences.plain!.mean).toBeCloseTo(-2, 9);
    expect(rows[1].wins).toBeUndefined();
  });

  it('wins only against all three, and one seed shows nothing', () => {
    const verdict = (narrow: number[], random = [0.38, 0.39]): boolean | undefined =>
      summarizeRows(four, made({ plain: [0.4, 0.41], random, unet: [0.45, 0.46], narrow }), 2)[2].wins;
    expect(verdict([0.44, 0.45])).toBe(true);
    expect(verdict([0.45, 0.44])).toBe(false);
    expect(verdict([0.4])).toBeUndefined();
    // One control that it does not beat is enough, whatever is missing.
    expect(verdict([0.4], [0.47, 0.48])).toBe(false);
  });

  it('says where a row wins with more parameters than its narrower NN was narrowed to', () => {
    const larger: Row = { ...unetRow(MODEL, 'AN-CNN'), id: `${MODEL}-cnn` };
    const given = made({
      plain: [0.4, 0.41],
      random: [0.38, 0.39],
      unet: [0.45, 0.46],
      narrow: [0.43, 0.44],
      cnn: [0.46, 0.47],
    });
    for (const [id, outcome] of given) if (id.includes('cnn') && 'arm' in outcome) outcome.arm!.parametersKept = 700;
    const found = summarizeRows([...four, larger], given, 2);
    expect(found.map(({ keepsMore }) => keepsMore)).toEqual([undefined, undefined, false, undefined, true]);
    const text = renderTable({ ...facts, seeds: 2 }, { ...plan, rows: [...four, larger] }, found);
    expect(text).toMatch(/^\| AN-CNN .*\| yes, keeping more than the narrower NN +\|$/m);
    expect(text).toMatch(/^\| AN-UNet .*\| yes +\|$/m);
  });

  it('as Markdown says what it is, what failed, and whose figures are whose', () => {
    const text = renderTable({ ...facts, seeds: 3 }, plan, rows);
    expect(text).toContain('**SMALL VERSION (--quick): resnet-small in place of resnet18');
    expect(text).toContain('**STAND-IN DATA, NOT CIFAR-10');
    expect(text).toContain('SOFTWARE ADAPTER');
    expect(text).toMatch(/^\| AN-UNet +\| +3 \| +46\.03 ± 1\.05 \| +1,000 \| +610 \(61\.0 %\)/m);
    expect(text).toMatch(/^\| AN-UNet +\| \+5\.03 \[\+4\.89, \+5\.18\], n = 3 +\|.*\| yes +\|$/m);
    expect(text).toContain('- FAILED: narrower plain NN, seed 3: the loss | is not finite');
    expect(text).toContain("Paper's own: accuracy, %");
    expect(text).toContain('sizes differ');
    expect(text).toContain('- A note.');
    expect(text).toContain('```sh\nnode bench/tables.js 1 --quick\n```');
    const one = renderTable(facts, plan, summarizeRows(four, outcomes, 1));
    expect(one).toContain('One seed: no spread and no interval');
    expect(one).toContain('+5.00 (n = 1: no interval)');
    expect(renderTable(facts, plan, summarizeRows(four, new Map(), 3))).toContain('not run');
  });

  it('says whether seeds share their images', () => {
    const of = (data: Partial<Facts['data']>): string =>
      renderTable({ ...facts, seeds: 3, data: { ...facts.data, ...data } }, plan, rows);
    expect(of({})).toContain('16 training and 10 test images, the same for all seeds');
    const drawn = of({ test: 20 });
    expect(drawn).toContain(
      '10 of 20 test images, the same for all rows of a seed; each seed draws test images of its own',
    );
    expect(drawn).toContain('Seeds: 1 to 3, of which test images are used, initialization');
    expect(drawn).toContain('each draws its test images');
  });

  it('is left whole: Markdown, picture, raw results', async () => {
    const out = newFolder();
    const markdown = await writeTable(out, { ...facts, seeds: 3 }, plan, rows);
    expect(readdirSync(out).sort()).toEqual(['table-1.json', 'table-1.md', 'table-1.png', 'table-1.svg']);
    expect(readFileSync(join(out, 'table-1.md'), 'utf8')).toBe(markdown);
    expect((await sharp(join(out, 'table-1.png')).metadata()).width).toBe(1520);
    const raw = JSON.parse(readFileSync(join(out, 'table-1.json'), 'utf8'));
    expect(raw.rows[2].runs['2'].arm.accuracy).toBe(0.46);
    expect(raw.rows[3].failures['3']).toBe('the loss | is not finite');
  });
});
