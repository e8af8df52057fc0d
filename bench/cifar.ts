// The main job: `node bench/cifar.js` trains AstroNet on CIFAR-10, with its controls, and leaves a folder with the table and the report.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { takeImages } from 'astrogpu/data';
import { AstroError, Gpu } from 'astrogpu/gpu';
import { type RunReport, renderSummary, writeReport } from 'astrogpu/report';
import {
  checkJob,
  createRunFolder,
  InterruptedError,
  Job,
  type JobConfig,
  openRunFolder,
  Progress,
  writeConfig,
} from 'astrogpu/train';
import { configure } from './cifar/config.ts';
import { loadImages } from './cifar/images.ts';
import { helpText, type Options, parseOptions, UsageError } from './cifar/options.ts';
import { profileStep } from './cifar/profile.ts';
import { TUNING, tuneKernels } from './cifar/tune.ts';

const say = (line: string): void => console.log(line);
const version = (): string => JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

/** What config.json holds. */
interface Saved {
  config: JobConfig;
  command: string;
  adapter: string;
  data?: string;
  standIn: boolean;
  astrocyte?: string;
  date: string;
}

/** The command as typed, without quotes where none are needed. */
const commandLine = (args: string[]): string =>
  ['node bench/cifar.js', ...args.map((arg) => (/^[\w./,:=-]+$/.test(arg) ? arg : JSON.stringify(arg)))].join(' ');

async function run(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) return say(helpText());
  if (options.version) return say(version());
  const saved = options.resume === undefined ? undefined : resumed(options);
  // A resumed run goes on with the kernels that it began with: other kernels round differently.
  const tuning = options.resume === undefined ? TUNING : join(options.resume, 'tuning.json');
  const gpu = await Gpu.open({ tuning: { file: tuning, shipped: options.resume === undefined } });
  await gpu.tuner.load();
  say(`adapter: ${gpu.adapter.description}`);
  const sizes = saved
    ? { train: saved.config.images, test: saved.config.testImages }
    : { train: options.images, test: options['test-images'] };
  const data = await loadImages(options.data ?? saved?.data, sizes, say);
  if (saved && data.standIn !== saved.standIn)
    throw new UsageError(
      `--resume ${options.resume}: that run had ${saved.standIn ? 'the drawn stand-in (--data stand-in)' : 'CIFAR-10 (--data DIR)'}, and this is other data`,
    );
  const config =
    saved?.config ?? configure(options, gpu.adapter.software, { train: data.train.count, test: data.test.count });
  const train = takeImages(data.train, config.images);
  const test = takeImages(data.test, config.testImages);
  if (gpu.adapter.software && !saved)
    say(`no GPU: ${config.model} on ${train.count} of ${data.train.count} images; the paper's configuration needs one`);
  if (options.tune) await tuneKernels({ gpu, config, train, test, say });
  if (options.profile) return profileStep({ gpu, config, train, test, say }, options.trace);

  const now: Saved = saved ?? {
    config,
    command: commandLine(args),
    adapter: gpu.adapter.description,
    data: options.data,
    standIn: data.standIn,
    astrocyte: options.astrocyte,
    date: new Date().toISOString(),
  };
  if (!saved) refuseEarly(() => checkJob({ gpu, config, astrocyte: now.astrocyte }));
  const folder = options.resume ?? createRunFolder({ out: options.out, model: config.model, name: config.gate.kind });
  if (!saved) {
    writeConfig(folder, { ...now });
    if (gpu.tuner.tuned) await gpu.tuner.save(join(folder, 'tuning.json'));
  }
  say(`run folder: ${folder}`);

  const progress = new Progress();
  const job = new Job({
    gpu,
    config,
    train,
    test,
    folder,
    astrocyte: now.astrocyte,
    progress,
    signal: interruption(),
    checkpointEvery: options['checkpoint-every'] ?? 60,
  });
  const result = await job.run({ resume: saved !== undefined }).catch((error) => {
    if (error instanceof InterruptedError) say(`${error.message}; go on with: node bench/cifar.js --resume ${folder}`);
    throw error;
  });
  progress.close();
  const report: RunReport = {
    title: `AstroNet on ${data.standIn ? 'the drawn stand-in' : 'CIFAR-10'}: ${config.model}, ${config.gate.kind} gates`,
    command: now.command,
    date: now.date,
    seed: config.seed,
    adapter: { description: gpu.adapter.description, software: gpu.adapter.software },
    data: {
      name: data.standIn ? data.source : 'CIFAR-10',
      standIn: data.standIn,
      trainImages: train.count,
      testImages: test.count,
    },
    config: { ...config },
    ...result,
    notes: notes(config),
  };
  const files = await writeReport(folder, report);
  say(renderSummary(report));
  const page = files.find((file) => file.endsWith('report.html'));
  if (page) say(`report: ${relative('.', page)}`);
  await gpu.close();
}

/** What a configuration is refused for is a matter of the options, and comes before a folder is made. */
function refuseEarly(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof AstroError ? new UsageError(error.message) : error;
  }
}

function notes({ precision, search, guide, gate, phases, arms }: JobConfig): string[] {
  const list: string[] = [];
  if (precision === 'f16')
    list.push('Mixed precision: the task network computes in f16 with sums in f32; parameters and updates are f32.');
  if (arms.length > 1)
    list.push('All arms have the same number of NN updates, the same data, augmentation, seed and initial weights.');
  if (arms.includes('random') && arms.includes('trained'))
    list.push('The random AN is the trained one before its training.');
  if (phases.includes('search'))
    list.push(
      `The search (${search.epochs} epoch${search.epochs === 1 ? '' : 's'}, T = ${gate.T}) trained another network beside the astrocyte; its updates are not in the table.`,
    );
  if (guide.keep !== undefined || gate.shift !== 0)
    list.push('Beyond the paper: a kept fraction or a shifted start of the gates was asked for.');
  return list;
}

/** Options that a resumed run may be given anew; everything else comes from its folder. */
const RESUMABLE: ReadonlySet<string> = new Set(['resume', 'data', 'checkpoint-every']);

function resumed(options: Options): Saved {
  for (const name of Object.keys(options))
    if (!RESUMABLE.has(name))
      throw new UsageError(`--${name} cannot be changed by --resume: the run goes on as its folder says`);
  const saved = openRunFolder(options.resume!) as unknown as Saved;
  if (!saved.config?.recipe)
    throw new UsageError(`--resume ${options.resume}: its config.json is not of a run of this command`);
  return saved;
}

/** Ctrl-C once saves and stops; twice stops at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\nstopping after this step, and saving (Ctrl-C again: at once, without saving)\n');
    controller.abort();
  });
  return controller.signal;
}

run(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    if (error instanceof InterruptedError) process.exit(130);
    process.stderr.write(`${error instanceof AstroError ? error.message : error.stack}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
