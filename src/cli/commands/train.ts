// `train`: AstroNet with its controls on CIFAR-10 or on one's own images. It leaves a folder with the networks, the table and the report, and goes on where it was stopped.
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isOnDisk, sampleImages } from '../../data/index.ts';
import { Gpu } from '../../gpu/index.ts';
import { describeModel, networkCost } from '../../models/index.ts';
import { type RunReport, renderSummary, writeReport } from '../../report/index.ts';
import {
  checkJob,
  checkOfMemory,
  checkRunFolder,
  configure,
  createRunFolder,
  diskOptions,
  gateCosts,
  type HeldFolder,
  holdRunFolder,
  InterruptedError,
  JOB_OPTIONS,
  Job,
  type JobResult,
  keepAstrocyte,
  keepWeights,
  Progress,
  settingsOf,
  sourceChoice,
  tensorboardPath,
  tuningPath,
  writeConfig,
} from '../../train/index.ts';
import { answer, say, version } from '../common/command.ts';
import { loadingBySize, openData } from '../common/data.ts';
import { flagOf } from '../common/flags.ts';
import { TUNING } from '../common/gpu.ts';
import { interruption } from '../common/interruption.ts';
import { commandLine, refuseEarly } from '../common/options.ts';
import { sayAnyhow } from '../common/output.ts';
import { checkOutput, checkOutputFolder, fromHere } from '../common/outputs.ts';
import { gatesLine } from '../train/gates-line.ts';
import { checkBudget, estimatedMemory, neededMemory, plannedMemory } from '../train/memory.ts';
import { extensionNotes, limitedLines, notes, settingGroups } from '../train/notes.ts';
import { helpText, parseOptions, RUN_OPTIONS, type TrainOptions } from '../train/options.ts';
import { profileStep } from '../train/profile.ts';
import { fullCommand, versions } from '../train/reproduction.ts';
import {
  absolutePaths,
  checkNoTestPath,
  checkSameData,
  classList,
  dataOf,
  dataSource,
  describeFolder,
  readSaved,
  type Saved,
} from '../train/saved.ts';
import { normalizedAs, startFrom, startOf } from '../train/start.ts';
import { tuneKernels } from '../train/tune.ts';

/** `command` is how it was called: what a stopped run says that it goes on with. */
export async function train(args: string[], command: string): Promise<number> {
  const given = parseOptions(args, command);
  if (given.help) return answer(helpText(command));
  if (given.version) return answer(version());
  const { resume } = given;
  // What a run may not write is known before any work.
  checkOutput('trace', given.trace, [given.astrocyte, given.classes, given.weights]);
  if (given.tune) checkOutputFolder('tune', dirname(TUNING));
  if (resume === undefined && !given.profile) refuseEarly(() => checkRunFolder(given));
  const held = resume === undefined ? undefined : holdRunFolder(resume);
  try {
    return await run(given, args, command, held);
  } finally {
    held?.release();
  }
}

async function run(given: TrainOptions, args: string[], command: string, held?: HeldFolder): Promise<number> {
  const { options: asked, weights, size } = startOf(given);
  let options = asked;
  const saved = options.resume === undefined ? undefined : readSaved(options);
  // A resumed run goes on with the kernels that it began with: other kernels round differently.
  const tuning = options.resume === undefined ? TUNING : tuningPath(options.resume);
  const gpu = await Gpu.open({
    ...(options.memory !== undefined && { memoryBudget: options.memory * 2 ** 30 }),
    tuning: { file: tuning, shipped: options.resume === undefined },
  });
  await gpu.tuner.load();
  const { software } = gpu.adapter;
  say(`adapter: ${gpu.adapter.description}`);
  if (!saved) refuseEarly(() => checkBudget(gpu, options));
  const dir = options.data ?? (saved && dataOf(saved));
  const list = await classList(saved, options.classes);
  const settings = saved?.config ?? settingsOf(JOB_OPTIONS, options, software);
  const side = saved?.folder?.size ?? options.size ?? size ?? describeModel(settings.model).size;
  const choice = sourceChoice({ ...settings, ...options });
  // A run goes on as it began: which way that was, its configuration says.
  if (!saved && options.loading === undefined)
    options = { ...options, loading: await loadingBySize({ data: dir, size: side, choice, log: say }) };
  const data = await openData({
    data: dir,
    classes: list,
    size: side,
    choice,
    loading: saved ? settings.loading : options.loading,
    disk: (part) => diskOptions(settings, part, { size: side, workers: options.workers }),
    sizeGiven: options.size !== undefined,
    drawn: saved
      ? { train: saved.config.images, test: saved.config.testImages }
      : { train: options.images, test: options.testImages },
    log: say,
  });
  const standIn = data.kind === 'stand-in';
  if (!saved && !isOnDisk(data.train)) refuseEarly(() => checkOfMemory(options));
  if (saved) {
    checkSameData(options.resume!, saved, data, list);
    if (!isOnDisk(data.train)) checkNoTestPath(options);
  }
  const available = { train: data.train.count, test: data.test.count };
  let config = saved?.config ?? configure(absolutePaths(options), { software, available });
  const start = weights && refuseEarly(() => startFrom(gpu, weights, config, data.train));
  const normalization = start?.normalization ?? saved?.normalization;
  const train = normalizedAs(sampleImages(data.train, config.images, config.seed), normalization);
  const test = normalizedAs(sampleImages(data.test, config.testImages, config.seed), normalization);
  if (software && !saved)
    say(`no GPU: ${config.model} on ${train.count} of ${data.train.count} images; the paper's configuration needs one`);
  if (!saved) for (const line of limitedLines(options, config, available)) say(line);
  for (const line of start?.lines ?? []) say(line);
  refuseEarly(() => networkCost(describeModel(config.model, { width: config.width, size: train.height })));
  if (!saved && !options.profile)
    refuseEarly(() => checkJob({ gpu, config, classes: train.classes.length, size: train.height }));
  // The weights that a resumed run began with may be gone by now.
  const ofGates = saved ? { ...config, weights: undefined } : config;
  const costs = options.profile ? [] : gateCosts(gpu, ofGates, train.classes.length);
  if (!saved) for (const cost of costs) say(gatesLine(cost));
  // What a run takes is measured where it is asked about, which takes seconds, else estimated.
  if (!saved && (options.microBatch !== undefined || options.memory !== undefined)) {
    const planned = await plannedMemory({ gpu, config, train, test }).catch((error) =>
      refuseEarly(() => {
        throw error;
      }),
    );
    config = planned.config;
    for (const line of planned.lines) say(line);
  } else if (saved) say(neededMemory(config, train, costs).line);
  else if (!options.profile) for (const line of estimatedMemory(gpu, config, train, costs)) say(line);
  if (options.tune) await tuneKernels({ gpu, config, train, test, say });
  if (options.profile) {
    await profileStep({ gpu, config, train, test, say }, options.trace);
    return 0;
  }

  const now: Saved = saved ?? {
    config,
    command: commandLine(command, args),
    adapter: gpu.adapter.description,
    standIn,
    found: data.dir && resolve(data.dir),
    folder: describeFolder(data, list),
    normalization,
    date: new Date().toISOString(),
    logEvery: options.logEvery,
  };
  const kept = { ...options, logEvery: options.logEvery ?? saved?.logEvery };
  const { checkpointEvery, logEvery } = settingsOf(RUN_OPTIONS, kept, software);
  const signal = interruption();
  const folder = held ?? createRunFolder({ out: options.out, model: config.model, name: config.gate });
  const { path } = folder;
  const progress = new Progress();
  let job: Job | undefined;
  let result: JobResult;
  try {
    if (!saved) {
      // The configuration comes last: a folder that has one is gone on with by --resume, one without is taken up by the same command.
      if (config.astrocyte !== undefined) keepAstrocyte(path, config.astrocyte);
      if (config.weights !== undefined) keepWeights(path, config.weights);
      if (gpu.tuner.tuned) await gpu.tuner.save(tuningPath(path));
      writeConfig(path, { ...now });
    }
    say(`run folder: ${path}`);
    job = new Job({
      gpu,
      config,
      train,
      test,
      standIn,
      source: dataSource(data, dir, list, choice),
      folder: path,
      progress,
      signal,
      checkpointEvery,
      logEvery,
      // A run that has event files goes on with them.
      tensorboard: options.tensorboard || existsSync(tensorboardPath(path)),
    });
    result = await job.run({ resume: saved !== undefined, epochs: saved && options.epochs });
  } catch (error) {
    if (error instanceof InterruptedError)
      sayAnyhow(`${error.message}; go on with: ${commandLine(command, resuming(path, options))}`);
    else if (!saved && !job?.begun) folder.discard();
    throw error;
  } finally {
    progress.close();
  }
  const report: RunReport = {
    title: `AstroNet on ${standIn ? 'the drawn stand-in' : data.kind === 'folder' ? basename(resolve(data.name)) : data.name}: ${config.model}, ${config.gate} gates`,
    command: now.command,
    fullCommand: fullCommand(command, { ...config, data: config.data ?? (data.dir && resolve(data.dir)) }),
    date: now.date,
    seed: config.seed,
    adapter: { description: gpu.adapter.description, software },
    data: {
      name: data.kind === 'CIFAR-10' ? data.name : data.source,
      standIn,
      trainImages: train.count,
      testImages: test.count - result.leftOut,
      source: data.source,
    },
    versions: versions(gpu.adapter),
    config: settingGroups({ ...config, epochs: result.epochs }),
    ...result,
    notes: [...notes(config), ...extensionNotes(config, result.epochs)],
  };
  const files = await writeReport(path, report);
  say(renderSummary(report));
  const page = files.find((file) => file.endsWith('report.html'));
  if (page) say(`report: ${fromHere(page)}`);
  folder.release();
  await gpu.close();
  return 0;
}

/** How a run is gone on with: its images are named anew where they were. */
const resuming = (path: string, { resume, data, valData, valLabels }: TrainOptions): string[] => [
  '--resume',
  path,
  ...(resume !== undefined
    ? Object.entries({ data, valData, valLabels }).flatMap(([name, path]) =>
        path === undefined ? [] : [flagOf(name), path],
      )
    : []),
];
