// Table 5 from beginning to end: backbones are pretrained on ImageNet by the main job, under each arm; a BoxInst is trained on each on COCO; and what came out is written down.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { say, UsageError } from 'astrogpu/cli';
import type { DiskSet } from 'astrogpu/data';
import { openImageNet } from '../../common/runs/images.ts';
import { type Options, outFolder } from '../../common/runs/options.ts';
import { isFinished } from '../../common/runs/outcome.ts';
import { backboneRows } from '../../common/runs/paper.ts';
import { planRuns } from '../../common/runs/plan.ts';
import { factsFor, listRuns, openBench, runBench } from '../../common/runs/session.ts';
import { baseConfig, SEEDS, SETS } from '../../common/runs/size.ts';
import { detectorConfig, detectorId, detectorState, runDetectors } from './detector-runs.ts';
import { gatherRows, NAME, writeDetections } from './output.ts';

const USUAL = 'datasets/coco/data';

/** What the command takes for this table besides. */
export interface DetectionOptions extends Options {
  coco?: string;
  iterations?: number;
}

/** Throws UsageError where no images of COCO are named. */
function cocoFolder({ coco }: DetectionOptions): string {
  const dir = coco ?? process.env.COCO_DIR ?? (existsSync(USUAL) ? USUAL : undefined);
  if (dir === undefined)
    throw new UsageError("this table's detectors are trained on COCO: say where it is with --coco DIR or $COCO_DIR");
  return resolve(dir);
}

export async function table5(options: DetectionOptions, typed: string): Promise<void> {
  const { quick = false, only, iterations, precision } = options;
  // Three detectors are what minutes are enough for.
  const { seeds = quick ? 1 : SEEDS } = options;
  const out = outFolder(options);
  const plan = (available: { train: number; test: number }) => {
    const base = baseConfig(options, available, 'backbone');
    const rows = backboneRows(base.model);
    return { base, rows, runs: planRuns(rows, base, seeds, only) };
  };
  const ahead = plan(SETS.backbone);
  if (options.list) {
    listRuns(out, ahead.runs);
    for (const run of ahead.runs)
      if (run.wanted) say(`${detectorState(out, run).padEnd(10)}${detectorId(run)}  BoxInst on ${run.row.label}`);
    return;
  }
  const coco = cocoFolder(options);
  const bench = await openBench<DiskSet>(options, ahead.runs, () => openImageNet(options.data, ahead.base));
  const { base, rows, runs } = plan({ train: bench.data.train.count, test: bench.data.test.count });
  // What is said of the time is of classification alone.
  const outcomes = await runBench(bench, runs, false);
  const choice = { coco, quick, iterations, precision };
  const pretrained = runs.filter(({ id }) => isFinished(outcomes.get(id)));
  const detections = await runDetectors(bench, pretrained, choice);
  const facts = factsFor(bench, typed, { quick, seeds, base });
  const detector = { config: detectorConfig(out, runs[0], choice), coco };
  say(await writeDetections(out, facts, detector, gatherRows(rows, outcomes, detections, seeds)));
  say(`${join(out, NAME)}.md, .png, .svg and .json`);
  await bench.gpu.close();
}
