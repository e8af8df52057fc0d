// Table 5: what its runs are, and output that says what it must, from detections made by hand.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Facts } from '../../bench/common/runs/facts.ts';
import type { Finished, Outcome } from '../../bench/common/runs/outcome.ts';
import { backboneRows } from '../../bench/common/runs/paper.ts';
import { planRuns, runId } from '../../bench/common/runs/plan.ts';
import type { Bench } from '../../bench/common/runs/run-list.ts';
import { baseConfig } from '../../bench/common/runs/size.ts';
import {
  type Detection,
  detectorConfig,
  detectorId,
  detectorState,
  runDetectors,
} from '../../bench/tables/detection/detector-runs.ts';
import { gatherRows, renderDetections, writeDetections } from '../../bench/tables/detection/output.ts';
import { gpu } from '../support/gpu.ts';
import { newFolder, removeFolders } from '../support/jobs.ts';

afterAll(removeFolders);

const available = { train: 1200, test: 300 };
const base = baseConfig({ quick: true }, available, 'backbone');
const rows = backboneRows(base.model);
const runs = planRuns(rows, base, 2);
const facts: Facts = {
  command: 'node bench/tables.js 5 --quick',
  date: '2026-01-02T03:04:05.000Z',
  adapter: { description: 'an adapter', software: true },
  data: { source: 'a part of ImageNet', standIn: false, ...available },
  quick: true,
  seeds: 2,
  base,
};
const choice = { coco: '/coco', quick: true };
const detector = { config: detectorConfig('/out', runs[0], choice), coco: '/coco' };

const pretrained = (accuracy: number, kept: number): Finished => ({
  config: base,
  arm: {
    arm: 'an arm',
    accuracy,
    parametersTotal: 1000,
    parametersKept: kept,
    parametersStructural: kept,
    updates: 36,
    seconds: 1,
  },
  e: {},
  date: '',
});
const DATA = { source: 'a part of COCO', trainImages: 8, testImages: 8, sameImages: true };
/** Twelve numbers, none of a large object. */
const found = (ap: number): Detection => {
  const numbers = {
    ...{ ap, ap50: ap + 0.001, ap75: ap + 0.002, apSmall: ap, apMedium: ap, apLarge: -1 },
    ...{ ar1: ap, ar10: ap, ar100: ap, arSmall: ap, arMedium: ap, arLarge: -1 },
  };
  return { mask: numbers, box: numbers, unlikeBoxes: 0.25, data: DATA, iterations: 150, seconds: 60, date: '' };
};
const outcomes = new Map<string, Outcome>();
const detections = new Map<string, Detection>();
for (const [i, { id }] of rows.entries())
  for (const seed of [1, 2]) {
    outcomes.set(runId(id, seed), pretrained(0.3 + i / 10, i === 0 ? 1000 : 700));
    detections.set(runId(id, seed), found(0.1 + i / 50 + seed / 100));
  }
detections.set(runId(rows[1].id, 2), { failed: 'the pairwise loss is not finite' });
const table = gatherRows(rows, outcomes, detections, 2);

it('has a backbone for each arm, under the detector with its gates in its weights', () => {
  expect(runs.map(({ id, config }) => [id, config.arms[0], config.phase.length])).toEqual([
    ['resnet18-imagenet-plain-seed1', 'plain', 1],
    ['resnet18-imagenet-random-seed1', 'random', 1],
    ['resnet18-imagenet-unet-seed1', 'trained', 2],
    ['resnet18-imagenet-plain-seed2', 'plain', 1],
    ['resnet18-imagenet-random-seed2', 'random', 1],
    ['resnet18-imagenet-unet-seed2', 'trained', 2],
  ]);
  expect(runs.slice(0, 3).map((run) => detectorConfig('/out', run, choice).backbone)).toEqual([
    join('/out', 'resnet18-imagenet-plain-seed1', 'plain-NN.safetensors'),
    join('/out', 'resnet18-imagenet-random-seed1', 'random-AN-folded.safetensors'),
    join('/out', 'resnet18-imagenet-unet-seed1', 'trained-AN-folded.safetensors'),
  ]);
  const { iterations, channels } = detectorConfig('/out', runs[0], { coco: '/coco', quick: false });
  expect([iterations, channels]).toEqual([90_000, 256]);
});

it('shows what each row came to, beside the figures of the paper, and that it is small', () => {
  const text = renderDetections(facts, detector, table);
  expect(text).toContain('**SMALL VERSION (--quick): resnet18-imagenet at 0.25 of its width in place of resnet50');
  expect(text).toContain("**SMALLER DETECTORS THAN THE PAPER'S");
  expect(text).toContain('**MEASURED ON THE TRAINING IMAGES');
  expect(text).toContain('- COCO: /coco; 8 training images, the same for testing');
  expect(text).toMatch(
    /^\| plain backbone +\| +2 \| +11\.50 ± 0\.71 \|.*\| +- \|.*\| +32\.1 \/ 15\.6 \/ 34\.3 \/ 43\.5 \|$/m,
  );
  expect(text).toMatch(
    /^\| backbone† .*\| +15\.50 ± 0\.71 \|.* 700 \(70\.0 %\) \|.* +33\.7 \/ 15\.9 \/ 34\.1 \/ 44\.2 \|$/m,
  );
  expect(text).toContain('to that of the plain backbone: +4.00 points [');
  expect(text).toContain('to that of the backbone under a random AN: +2.00 points (n = 1: no interval)');
  expect(text).toContain('FAILED: backbone under a random AN, seed 2: the pairwise loss is not finite');
});

it('is written with its picture and every run, and a damaged result is named', async () => {
  const out = newFolder();
  await writeDetections(out, facts, detector, table);
  for (const ending of ['md', 'svg', 'png', 'json']) expect(existsSync(join(out, `table-5.${ending}`))).toBe(true);
  const { rows: written } = JSON.parse(readFileSync(join(out, 'table-5.json'), 'utf8'));
  expect(written[0].detected['1'].mask.ap).toBeCloseTo(0.11, 9);

  const folder = join(out, 'boxinst-resnet18-imagenet-plain-seed1');
  expect(detectorState(out, runs[0])).toBe('waiting');
  mkdirSync(folder);
  writeFileSync(join(folder, 'result.json'), JSON.stringify(found(0.1)));
  expect(detectorState(out, runs[0])).toBe('finished');
  writeFileSync(join(folder, 'result.json'), '{"box": {"ap": 1}, "mask": {}, "unlikeBoxes": null}');
  expect(() => detectorState(out, runs[0])).toThrow(/boxinst-.*result\.json: .*remove that folder to run it again/);
});

it('takes a finished detector for what it is asked for only with the same settings', async () => {
  const out = newFolder();
  const said: string[] = [];
  const bench = { gpu, data: {} as Bench['data'], out, say: (line: string) => said.push(line), checkpointEvery: 60 };
  const folder = join(out, detectorId(runs[0]));
  mkdirSync(folder);
  writeFileSync(join(folder, 'result.json'), JSON.stringify(found(0.1)));
  const again = (other = {}) => runDetectors(bench, runs.slice(0, 1), { ...choice, ...other });
  expect((await again()).get(runs[0].id)).toEqual(found(0.1));
  expect(said[0]).toMatch(/mask AP 10\.0 %.*\(finished before\)/);
  await expect(again({ iterations: 7 })).rejects.toThrow(/config\.json has config\.iterations = 150, and this is 7/);
  await expect(again({ coco: '/other' })).rejects.toThrow(/config\.data = "\/coco"/);
});
