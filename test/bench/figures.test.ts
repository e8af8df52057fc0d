// The paper's figures: what Figure 4 draws and concludes, that Figures 2 and 5 show the tables' runs, and a whole Grad-CAM figure from tiny networks.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../bench/common/runs/facts.ts';
import type { Outcome } from '../../bench/common/runs/outcome.ts';
import { table1, table3 } from '../../bench/common/runs/paper.ts';
import { configOf, planRuns } from '../../bench/common/runs/plan.ts';
import { plainRow, type Row, unetRow } from '../../bench/common/runs/row.ts';
import { runAll } from '../../bench/common/runs/run-list.ts';
import { heatFigure, writeHeat } from '../../bench/figures/heat.ts';
import { cocoPictures, distinct } from '../../bench/figures/pictures.ts';
import {
  curvesOf,
  regulationBase,
  regulationRows,
  stepsOf,
  verdictOf,
  writeRegulation,
} from '../../bench/figures/regulation.ts';
import { cifar10Classes } from '../../src/data/cifar10/records.ts';
import { drawStandIn } from '../../src/data/synthetic/stand-in.ts';
import { summarize } from '../../src/report/tables/statistics.ts';
import { readNetwork, writeNetwork } from '../../src/train/files/network-file.ts';
import { armFile } from '../../src/train/run/arm-result.ts';
import { gpu } from '../support/gpu.ts';
import { config, newFolder, removeFolders } from '../support/jobs.ts';

afterAll(removeFolders);

const MODEL = 'resnet-small';
const base = config({ images: 16, testImages: 10 });
const facts: Facts = {
  command: 'node bench/figures.js 4 --quick',
  date: '2026-01-02T03:04:05.000Z',
  adapter: { description: 'an adapter', software: true },
  data: { source: 'drawn', standIn: true, train: 16, test: 10 },
  quick: true,
  seeds: 2,
  base,
};

describe('figure 4', () => {
  const rows = regulationRows(MODEL);

  it('searches with T = 10 for each λ, and once without learning', () => {
    const configs = rows.map((row) => configOf(row, 1, base));
    expect(configs.map(({ lambda, anLr }) => [lambda, anLr])).toEqual([
      ...[0, 1e-4, 1e-3, 1e-2, 1e-1].map((lambda) => [lambda, 1e-3]),
      [1e-3, 0],
    ]);
    for (const { phase, T } of configs) expect([phase, T]).toEqual([['search'], 10]);
    expect(regulationBase(base)).toMatchObject({ phase: ['search'], T: 10 });
  });

  it('takes |eᵗ − eᵗ⁻¹| from t = 2 on, and its mean over seeds', () => {
    expect(stepsOf([0.5, 0.2, 0.25])).toEqual([0.3, expect.closeTo(0.05, 12)]);
    const done = (e: number[]): Outcome => ({ config: base, e: { search: e }, date: '' });
    const outcomes = new Map<string, Outcome>([
      [`${rows[0].id}-seed1`, done([1, 0.5, 0.4])],
      [`${rows[0].id}-seed2`, done([1, 0.3, 0.2])],
      [`${rows[1].id}-seed1`, { failed: 'a reason' }],
    ]);
    const [first, second, third] = curvesOf(rows, outcomes, 2);
    expect(first.steps.map(({ mean }) => mean)).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.1, 12)]);
    expect(first.steps[0].std).toBeCloseTo(Math.SQRT1_2 * 0.2, 12);
    expect(second).toMatchObject({ steps: [], failures: ['λ = 1e-4, seed 1: a reason'] });
    expect(third).toMatchObject({ steps: [], failures: [] });
  });

  it.each([
    [[1, 0.5, 0.05], 'yes: to 0.05000 of the first step'],
    [[1, 0.04, 0.05], 'yes: to 0.05000 of the first step, not at every t'],
    [[1, 0.5, 0.4], 'not near 0: to 0.4000 of the first step'],
    [[1, 0.5, 1.2], 'no: to 1.200 of the first step'],
    [[], 'not run'],
  ])('of %j says "%s"', (means, expected) => {
    expect(verdictOf({ row: rows[0], steps: means.map((mean) => summarize([mean])), failures: [] })).toBe(expected);
  });

  it('is left whole: Markdown, picture, raw results', async () => {
    const out = newFolder();
    const e = [0.6, 0.3, 0.2, 0.16, 0.14, 0.13, 0.125, 0.124, 0.1238, 0.1237];
    const outcomes = new Map<string, Outcome>(
      rows.flatMap(({ id }, i) =>
        [1, 2].map((seed): [string, Outcome] => [
          `${id}-seed${seed}`,
          { config: base, e: { search: e.map((value) => value * (1 + 0.01 * i + 0.1 * seed)) }, date: '' },
        ]),
      ),
    );
    const text = await writeRegulation(out, { ...facts, base: regulationBase(base) }, curvesOf(rows, outcomes, 2));
    expect(readdirSync(out).sort()).toEqual(['figure-4.json', 'figure-4.md', 'figure-4.png', 'figure-4.svg']);
    expect(text).toMatch(/^\| λ = 1e-3 +\| +2 \|.*\| yes: to 3\.3e-4 of the first step +\|$/m);
    expect(text).toContain('AN never trained');
    expect(text).toContain('STAND-IN DATA');
    const svg = readFileSync(join(out, 'figure-4.svg'), 'utf8');
    for (const { label } of rows) expect(svg).toContain(`>${label}</text>`);
    expect(svg.match(/aria-label="rule"/g)).toHaveLength(rows.length);
    expect((await sharp(join(out, 'figure-4.png')).metadata()).width).toBe(1240);
  });
});

describe('figures 2, 3 and 5', () => {
  it('show runs of the tables', () => {
    const models = { model: MODEL, dense: 'densenet-small' };
    const tables = [...table1(MODEL).rows, ...table3(MODEL).rows, ...table1('densenet-small').rows];
    const labels = (number: number): string[] =>
      heatFigure(number, models).rows.map((row) => {
        expect(tables).toContainEqual(row);
        return row.label;
      });
    expect(labels(2)).toEqual(['plain NN', 'AN-CNN', 'AN-FCN', 'AN-UNet']);
    expect(labels(3)).toEqual(labels(2));
    expect(labels(5)).toEqual(['plain NN', 'G average', 'G largest', 'G mixture']);
    expect(heatFigure(3, models).rows[0].model).toBe('densenet-small');
  });

  it('draw the maps of trained networks, and say what is missing and what the numbers mean', async () => {
    const out = newFolder();
    const data = { ...drawStandIn({ train: 16, test: 10, seed: 9 }), source: 'drawn', standIn: true };
    const bench = { gpu, data, out, say: () => {}, checkpointEvery: 1e6 };
    const rows: Row[] = [plainRow(MODEL), unetRow(MODEL, 'AN-UNet')];
    const outcomes = await runAll(bench, planRuns(rows, base, 1));
    const before = gpu.memory.stats().current;
    const figure = { name: 'figure-2', title: 'Figure 2', rows: [...rows, table1(MODEL).rows[2]] };
    const text = await writeHeat(bench, facts, figure, outcomes, distinct(data.test, 1));
    expect(gpu.memory.stats().current).toBe(before);
    expect(text).toMatch(/^\| Image +\| plain NN +\| AN-UNet +\|$/m);
    expect(
      text.match(/^\| \w+ +\| (\d+ %|no evidence), says \w+ +\| (\d+ %|no evidence), says \w+ +\|$/gm),
    ).toHaveLength(6);
    expect(text).toContain('- AN-CNN: not run');
    expect(text).toContain('this is a center prior, no truth');
    const { columns } = JSON.parse(readFileSync(join(out, 'figure-2.json'), 'utf8'));
    expect(columns.map(({ label, images }: { label: string; images: unknown[] }) => [label, images.length])).toEqual([
      ['plain NN', 6],
      ['AN-UNet', 6],
    ]);
    const { width = 0, height = 0 } = await sharp(join(out, 'figure-2.png')).metadata();
    expect(width).toBeGreaterThan(600);
    expect(height).toBeGreaterThan(1200);

    // A network that every activation speaks against each class: its maps are empty, which is said and not left out.
    const file = armFile(join(out, `${rows[0].id}-seed1`), 'plain NN');
    const network = readNetwork(file);
    network.dict.get('fc.weight')!.data.fill(-1);
    writeNetwork(file, network);
    const empty = await writeHeat(
      bench,
      facts,
      { ...figure, rows: rows.slice(0, 1) },
      outcomes,
      distinct(data.test, 1),
    );
    expect(empty.match(/no evidence, says/g)).toHaveLength(6);
    const [column] = JSON.parse(readFileSync(join(out, 'figure-2.json'), 'utf8')).columns;
    expect(column.images.map(({ share }: { share: unknown }) => share)).toEqual(Array(6).fill(null));
  });

  it('take pictures of COCO with their outlines, where the classes are those of CIFAR-10', async () => {
    const dir = newFolder();
    mkdirSync(join(dir, 'images'));
    const picture = (name: string, side = 64) =>
      sharp({ create: { width: side, height: side, channels: 3, background: '#204060' } }).toFile(
        join(dir, 'images', name),
      );
    await Promise.all([picture('small.png'), picture('large.png'), picture('resized.png', 32)]);
    const square = (id: number, image: number, category: number, side: number) => ({
      ...{ id, image_id: image, category_id: category, iscrowd: 0, bbox: [0, 0, side, side], area: side * side },
      segmentation: [[0, 0, side, 0, side, side, 0, side]],
    });
    const instances = {
      images: ['small.png', 'large.png', 'resized.png'].map((file_name, id) => ({
        id,
        file_name,
        width: 64,
        height: 64,
      })),
      categories: [
        { id: 1, name: 'car' },
        { id: 2, name: 'pizza' },
      ],
      annotations: [square(1, 0, 1, 24), square(2, 1, 1, 32), square(3, 1, 2, 60), square(4, 2, 1, 26)],
    };
    writeFileSync(join(dir, 'instances.json'), JSON.stringify(instances));
    const { test } = drawStandIn({ train: 10, test: 10 });
    const { set, masks } = await cocoPictures(dir, { ...test, classes: cifar10Classes });
    expect([set.count, set.width, set.classes[set.labels[0]]]).toEqual([1, 32, 'automobile']);
    // Of the two cars the larger: a quarter of the picture. The third is in a picture whose outlines do not fit any more.
    expect(masks![0].reduce((sum, inside) => sum + inside, 0)).toBe(256);
    expect([masks![0][0], masks![0][31]]).toEqual([1, 0]);
    await expect(cocoPictures(dir, test)).rejects.toThrow("--coco: the networks must know CIFAR-10's classes");
  });
});
