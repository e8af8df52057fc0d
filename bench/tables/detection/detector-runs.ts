// The detectors of Table 5: one on each backbone that was pretrained, in a folder of its own beside that run's. A finished one is never trained again, and one that was stopped goes on.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { programMemory } from 'astrogpu/cli';
import {
  configureDetector,
  type DetectorConfig,
  type DetectorGiven,
  openDetectorRun,
  QUICK,
  SCORES,
  type Scores,
} from 'astrogpu/detect';
import { checked, OutOfMemoryError } from 'astrogpu/gpu';
import { makeFolder, readJsonFile, writeFileAtomic } from 'astrogpu/io';
import { formatDuration, formatPercent } from 'astrogpu/report';
import { armFile, armName, holdRunFolder, InterruptedError, NonFiniteLossError } from 'astrogpu/train';
import * as v from 'valibot';
import { Clock } from '../../common/runs/clock.ts';
import { claimFolder, type Failed, isUnderWay, letCheckpointsGo, TableError } from '../../common/runs/outcome.ts';
import type { Run } from '../../common/runs/plan.ts';
import { type Bench, RunProgress } from '../../common/runs/run-list.ts';

/** What one detector came to, after its last iteration. */
export interface Detected {
  /** COCO's twelve numbers, of boxes and of masks. */
  box: Scores;
  mask: Scores;
  /** The share of pixels where masks differ from their filled boxes. */
  unlikeBoxes: number;
  /** What it was trained on and measured on; `sameImages` says that these are the same. */
  data: { source: string; trainImages: number; testImages: number; sameImages: boolean };
  iterations: number;
  seconds: number;
  date: string;
}

export type Detection = Detected | Failed;

export const isDetected = (detection: Detection | undefined): detection is Detected =>
  detection !== undefined && !('failed' in detection);

const RESULT = 'result.json';
const DETECTED = v.looseObject({
  box: SCORES,
  mask: SCORES,
  unlikeBoxes: v.nullable(v.number()),
  data: v.object({ source: v.string(), trainImages: v.number(), testImages: v.number(), sameImages: v.boolean() }),
  iterations: v.number(),
  seconds: v.number(),
  date: v.string(),
});
const FAILED = v.looseObject({ failed: v.string() });

/** Of the detector's folder. */
export const detectorId = ({ id }: Run): string => `boxinst-${id}`;

function readDetection(folder: string): Detection | undefined {
  const file = join(folder, RESULT);
  if (!existsSync(file)) return undefined;
  const refuse = (reason: string): TableError =>
    new TableError(`${file}: ${reason}; remove that folder to run it again`);
  const found = readJsonFile(file, v.looseObject({}), refuse);
  if ('failed' in found) return checked(FAILED, found, refuse);
  const { unlikeBoxes, ...rest } = checked(DETECTED, found, refuse);
  return { ...rest, unlikeBoxes: unlikeBoxes ?? Number.NaN };
}

/** How far a detector is, as `--list` says it. */
export function detectorState(out: string, run: Run): string {
  const folder = join(out, detectorId(run));
  const detection = readDetection(folder);
  if (detection) return isDetected(detection) ? 'finished' : 'failed';
  return isUnderWay(folder) ? 'under way' : 'waiting';
}

/** The small version: for a minute or two on two cores, of images so few that something is found on them by then. */
const SMALL: DetectorGiven = { ...QUICK, images: 8, iterations: 150 };

/** What a table may change of the detectors. */
export interface DetectorChoice {
  /** COCO's folder. */
  coco: string;
  quick: boolean;
  iterations?: number;
  precision?: DetectorConfig['precision'];
}

/** The network that a finished run pretrained, gates folded in. */
const backboneOf = (out: string, { id, config }: Run): string =>
  join(out, id, armFile('.', armName(config.arms[0], config) + (config.arms[0] === 'plain' ? '' : ' folded')));

export function detectorConfig(
  out: string,
  run: Run,
  { coco, quick, iterations, precision }: DetectorChoice,
): DetectorConfig {
  return configureDetector({
    ...(quick && SMALL),
    ...(iterations !== undefined && { iterations }),
    ...(precision !== undefined && { precision }),
    data: coco,
    backbone: backboneOf(out, run),
    seed: run.seed,
  });
}

/** Detections by the id of the run whose backbone they stand on. Throws as DetectorJob.run() and claimFolder() do, InterruptedError after saving. */
export async function runDetectors(
  bench: Bench,
  runs: readonly Run[],
  choice: DetectorChoice,
): Promise<Map<string, Detection>> {
  const { out, say, signal } = bench;
  const found = new Map<string, Detection>();
  const wanted = runs.filter((run) => run.wanted);
  // Whatever its backbone took, a detector is as much work as another.
  const clock = new Clock(wanted.map(() => ({ work: 1 })));
  for (const run of runs) {
    const line = (text: string): void =>
      say(`[${wanted.indexOf(run) + 1}/${wanted.length}] BoxInst on ${run.row.label}, seed ${run.seed}: ${text}`);
    const folder = join(out, detectorId(run));
    const earlier = readDetection(folder);
    if (!earlier && !run.wanted) continue;
    if (!earlier && signal?.aborted) throw new InterruptedError('interrupted between two runs');
    makeFolder(folder);
    const held = holdRunFolder(folder, 'out');
    try {
      const config = detectorConfig(out, run, choice);
      claimFolder(folder, { config, adapter: bench.gpu.adapter.description, standIn: false });
      const detection = earlier ?? (await trainOne(bench, folder, config));
      found.set(run.id, detection);
      if (!run.wanted) continue;
      clock.note({ work: 1 }, isDetected(detection) ? detection.seconds : undefined);
      line(`${describe(detection)}${earlier ? ' (finished before)' : `; ${clock.describe()}`}`);
    } finally {
      held.release();
    }
  }
  return found;
}

async function trainOne(bench: Bench, folder: string, config: DetectorConfig): Promise<Detection> {
  const { gpu, signal, checkpointEvery } = bench;
  const progress = new RunProgress({ every: 60 });
  const detector = await openDetectorRun({
    gpu,
    config,
    data: config.data!,
    programBudget: programMemory(gpu),
    log: (text) => progress.print(text),
  });
  const job = detector.job({ folder, progress, signal, checkpointEvery });
  let detection: Detection;
  try {
    const { evaluations, seconds } = await job.run({ resume: true });
    await detector.save(join(folder, 'detector.safetensors'));
    const { step: iterations, box, mask, unlikeBoxes } = evaluations.at(-1)!;
    if (!mask) throw new TableError(`${config.data}: its objects have no masks, which this table is measured by`);
    const { data } = detector;
    // What there is by categories stays in the detector's own metrics.
    const [twelve, ofMasks] = [v.parse(SCORES, box), v.parse(SCORES, mask)];
    const date = new Date().toISOString();
    detection = { box: twelve, mask: ofMasks, unlikeBoxes, data, iterations, seconds, date };
  } catch (error) {
    if (error instanceof OutOfMemoryError)
      throw new TableError(
        `${error.reason}: a detector takes ${config.microBatch} images at once; say with --memory GIB how much there is`,
      );
    if (!(error instanceof NonFiniteLossError)) throw error;
    detection = { failed: error.message };
  } finally {
    progress.close();
    job.release();
    detector.release();
  }
  writeFileAtomic(join(folder, RESULT), `${JSON.stringify(detection, null, 2)}\n`);
  letCheckpointsGo(folder);
  return detection;
}

function describe(detection: Detection): string {
  if (!isDetected(detection)) return `FAILED: ${detection.failed}`;
  const { mask, box, seconds } = detection;
  return `mask AP ${formatPercent(mask.ap, 1)}, box AP ${formatPercent(box.ap, 1)}, ${formatDuration(seconds)}`;
}
