// What `node bench/boxinst.js` does: BoxInst on COCO. It leaves a folder with the detector, COCO's numbers, curves and pictures, and goes on where it was stopped.
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { readRgbFile } from '../../data/index.ts';
import {
  DETECTOR_OPTIONS,
  type DetectorPicture,
  type DetectorRun,
  detectionPicture,
  detectorNotes,
  openDetectorRun,
  renderDetectorSummary,
  truthPicture,
  writeDetectorReport,
} from '../../detect/index.ts';
import { Gpu, OutOfMemoryError } from '../../gpu/index.ts';
import {
  checkRunFolder,
  createRunFolder,
  type HeldFolder,
  holdRunFolder,
  InterruptedError,
  Progress,
  settingsOf,
  tensorboardPath,
  tuningPath,
  writeConfig,
} from '../../train/index.ts';
import { answer, say, version } from '../common/command.ts';
import { TUNING } from '../common/gpu.ts';
import { interruption } from '../common/interruption.ts';
import { commandLine, refuseEarly } from '../common/options.ts';
import { sayAnyhow } from '../common/output.ts';
import { fromHere } from '../common/outputs.ts';
import {
  configOf,
  DETECTOR_RUN_OPTIONS,
  type DetectorOptions,
  detectorHelp,
  parseDetectorOptions,
} from '../detector/options.ts';
import { absoluteConfig, readSavedDetector, type SavedDetector } from '../detector/saved.ts';
import { programMemory } from '../train/memory.ts';
import { settingGroups } from '../train/notes.ts';
import { fullCommand, versions } from '../train/reproduction.ts';

/** The long side of the report's pictures, in pixels: two stand beside each other. */
const SIDE = 640;

/** `command` is how it was called: what a stopped run says that it goes on with. */
export async function trainDetector(args: string[], command: string): Promise<number> {
  const options = parseDetectorOptions(args, command);
  if (options.help) return answer(detectorHelp(command));
  if (options.version) return answer(version());
  const { resume } = options;
  if (resume === undefined) refuseEarly(() => checkRunFolder(options));
  const held = resume === undefined ? undefined : holdRunFolder(resume);
  try {
    return await run(options, args, command, held);
  } finally {
    held?.release();
  }
}

async function run(options: DetectorOptions, args: string[], command: string, held?: HeldFolder): Promise<number> {
  const saved = options.resume === undefined ? undefined : readSavedDetector(options);
  const config = { ...(saved?.config ?? absoluteConfig(configOf(options))) };
  // A resumed run goes on with the kernels that it began with: other kernels round differently.
  const tuning = saved ? tuningPath(options.resume!) : TUNING;
  const gpu = await Gpu.open({ tuning: { file: tuning, shipped: !saved } });
  await gpu.tuner.load();
  const { software } = gpu.adapter;
  say(`adapter: ${gpu.adapter.description}`);
  const budget = options.memory === undefined ? undefined : options.memory * 2 ** 30;
  const { checkpointEvery, logEvery } = settingsOf(
    DETECTOR_RUN_OPTIONS,
    { ...options, logEvery: options.logEvery ?? saved?.logEvery },
    software,
  );
  const progress = new Progress();
  const detector = await openDetectorRun({
    gpu,
    config,
    data: resolve(options.data ?? config.data!),
    workers: options.workers,
    programBudget: budget ?? programMemory(gpu),
    log: (line) => {
      progress.close();
      say(line);
    },
  });
  const now: SavedDetector = saved ?? {
    detector: true,
    config,
    command: commandLine(command, args),
    adapter: gpu.adapter.description,
    date: new Date().toISOString(),
    logEvery: options.logEvery,
  };
  const signal = interruption();
  const folder = held ?? createRunFolder({ out: options.out, model: 'boxinst', name: config.model });
  const { path } = folder;
  const job = detector.job({
    folder: path,
    progress,
    signal,
    checkpointEvery: checkpointEvery!,
    logEvery,
    tensorboard: options.tensorboard || existsSync(tensorboardPath(path)),
  });
  try {
    if (!saved) {
      // The configuration comes last: a folder that has one is gone on with by --resume, one without is taken up by the same command.
      if (gpu.tuner.tuned) await gpu.tuner.save(tuningPath(path));
      writeConfig(path, { ...now });
    }
    say(`run folder: ${path}`);
    const result = await job.run({ resume: saved !== undefined });
    const { count, files } = detector.feed.odd;
    if (count > 0) say(`data: ${count} images were left out of training, first ${files[0].file}: ${files[0].reason}`);
    await detector.save(join(path, 'detector.safetensors'));
    const report = {
      title: `BoxInst on ${basename(config.data!)}: ${config.model}, ${config.iterations} iterations`,
      command: now.command,
      fullCommand: fullCommand(command, config, DETECTOR_OPTIONS),
      date: now.date,
      seed: config.seed,
      adapter: { description: gpu.adapter.description, software },
      data: detector.data,
      versions: versions(gpu.adapter),
      config: settingGroups(config, DETECTOR_OPTIONS),
      ...result,
      pictures: await picturesOf(detector),
      notes: detectorNotes(config),
    };
    const page = await writeDetectorReport(path, report);
    say(renderDetectorSummary(report));
    say(`report: ${fromHere(page)}`);
  } catch (error) {
    if (error instanceof InterruptedError)
      sayAnyhow(`${error.message}; go on with: ${commandLine(command, resuming(path, options))}`);
    else if (!saved && !job.begun) folder.discard();
    throw error instanceof OutOfMemoryError ? error.advising('microBatch', 'memory') : error;
  } finally {
    progress.close();
    job.release();
    detector.release();
  }
  folder.release();
  await gpu.close();
  return 0;
}

/** The images that the last evaluation looked at first, with what is there and what was found. */
const picturesOf = async ({ shown, categories }: DetectorRun): Promise<DetectorPicture[]> =>
  Promise.all(
    (await shown()).map(async ({ image: { file, objects }, found }) => {
      const image = await readRgbFile(file);
      const classes = categories.map(({ name }) => name);
      return {
        name: basename(file),
        truth: await truthPicture(image, objects, categories, { side: SIDE }),
        found: await detectionPicture(image, found, classes, { side: SIDE }),
      };
    }),
  );

/** How a run is gone on with: its images are named anew where they were. */
const resuming = (path: string, { resume, data }: DetectorOptions): string[] => [
  '--resume',
  path,
  ...(resume !== undefined && data !== undefined ? ['--data', data] : []),
];
