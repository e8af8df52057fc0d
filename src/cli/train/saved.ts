// What config.json of a run holds, and what a resumed run is held to.
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { areImagesAt, type ChannelStats, type ClassName, readClassList, type SourceChoice } from '../../data/index.ts';
import { checked } from '../../gpu/index.ts';
import { type DataSource, isJobConfig, JOB_CONFIG, type JobConfig, openRunFolder } from '../../train/index.ts';
import { type OpenedData, STAND_IN } from '../common/data.ts';
import { flagOf } from '../common/flags.ts';
import { refuseChanges, UsageError } from '../common/options.ts';
import type { TrainOptions } from './options.ts';

export interface Saved {
  config: JobConfig;
  command: string;
  adapter: string;
  standIn: boolean;
  /** Where the images were found, as an absolute path. */
  found?: string;
  /** What was found in a folder of one's own. */
  folder?: {
    size: number;
    classes: readonly string[];
    /** The class folders by label, where a list of classes named them. */
    folders?: readonly string[];
    train: number;
    test: number;
    /** A digest of the names of all images and of the parts that they are in. */
    listing?: string;
  };
  /** Of a run that starts from weights: how their images were normalized, and so its own. */
  normalization?: ChannelStats;
  date: string;
  /** As it was given. */
  logEvery?: number;
}

const count = v.pipe(v.number(), v.safeInteger('a whole number'), v.minValue(0, 'a whole number from 0 on'));

/** As a file has it; what it holds besides is let be. */
const SAVED = v.looseObject({
  config: JOB_CONFIG,
  command: v.string(),
  adapter: v.string(),
  standIn: v.boolean(),
  found: v.optional(v.string()),
  folder: v.optional(
    v.looseObject({
      size: count,
      classes: v.array(v.string()),
      folders: v.optional(v.array(v.string())),
      train: count,
      test: count,
      listing: v.optional(v.string()),
    }),
  ),
  normalization: v.optional(v.looseObject({ mean: v.array(v.number()), std: v.array(v.number()) })),
  date: v.string(),
  logEvery: v.optional(count),
});

/** Options that name what a run reads, kept as absolute paths: it may be gone on with from anywhere. */
export const absolutePaths = (options: TrainOptions): TrainOptions => ({
  ...options,
  ...(options.data !== undefined && options.data !== STAND_IN && { data: resolve(options.data) }),
  ...(options.astrocyte !== undefined && { astrocyte: resolve(options.astrocyte) }),
  ...(options.weights !== undefined && { weights: resolve(options.weights) }),
  ...(options.classes !== undefined && { classes: resolve(options.classes) }),
  ...(options.valData !== undefined && { valData: resolve(options.valData) }),
  ...(options.valLabels !== undefined && { valLabels: resolve(options.valLabels) }),
});

/** Options that a resumed run may be given anew; everything else comes from its folder. */
const RESUMABLE: ReadonlySet<string> = new Set([
  'resume',
  'epochs',
  'data',
  'valData',
  'valLabels',
  'checkpointEvery',
  'logEvery',
  'memory',
  'workers',
  'tensorboard',
]);

/** What the folder of `--resume` holds. Throws UsageError for options that cannot be changed and for other programs' folders. */
export function readSaved(options: TrainOptions): Saved {
  refuseChanges(options, RESUMABLE);
  const found = openRunFolder(options.resume!);
  if (typeof found.config !== 'object' || found.config === null)
    throw new UsageError(`--resume ${options.resume}: its config.json is not of a run of this command`);
  if (!isJobConfig(found.config)) {
    // Of what no recipe was named for, the defaults were the paper's once.
    const more = 'recipe' in found.config && found.config.recipe === 'astrogpu' ? '' : ' and --recipe paper';
    throw new UsageError(
      `--resume ${options.resume}: another version of astrogpu made that run, whose configuration has other names; go on with that version, or start anew with the command in its config.json${more}`,
    );
  }
  checked(
    SAVED,
    found,
    (reason) =>
      new UsageError(`${join(options.resume!, 'config.json')}: ${reason}; put back what it was, or start a new run`),
  );
  return found as unknown as Saved;
}

/** Where a run's images were. Throws UsageError where they are not there anymore. */
export function dataOf({ config, found }: Saved): string | undefined {
  const { data } = config;
  if (data !== undefined && data !== STAND_IN && !areImagesAt(data))
    throw new UsageError(
      `the run's images were in ${data}, which is not there anymore; --data DIR says where they are now`,
    );
  // Of what was not named, the place may have changed with the machine.
  return data ?? (found !== undefined && areImagesAt(found) ? found : undefined);
}

export const describeFolder = (
  { kind, train, test, listing }: OpenedData,
  list?: readonly ClassName[],
): Saved['folder'] =>
  kind === 'folder'
    ? {
        size: train.height,
        classes: train.classes,
        ...(list && { folders: list.map(({ folder }) => folder) }),
        train: train.count,
        test: test.count,
        listing,
      }
    : undefined;

/** The list of classes that a run goes by, if there is one: its folder's, else the one that is asked for. Throws as readClassList() does. */
export async function classList(saved: Saved | undefined, file: string | undefined): Promise<ClassName[] | undefined> {
  if (saved) return saved.folder?.folders?.map((folder, label) => ({ folder, name: saved.folder!.classes[label] }));
  return file === undefined ? undefined : readClassList(file);
}

/** What the networks' files say of where the images lie. */
export function dataSource(
  { kind, folders: own, train }: OpenedData,
  dir: string | undefined,
  list?: readonly ClassName[],
  { test, labels, ...choice }: SourceChoice = {},
): DataSource | undefined {
  if (dir === undefined || kind === 'stand-in') return undefined;
  const folders = list?.map(({ folder }) => folder) ?? own;
  const named = folders?.some((folder, label) => folder !== train.classes[label]);
  const all = {
    ...choice,
    ...(test !== undefined && { test: resolve(test) }),
    ...(labels !== undefined && { labels: resolve(labels) }),
  };
  return {
    ...{ kind, path: resolve(dir) },
    ...(named && { folders }),
    ...(Object.keys(all).length > 0 && { choice: all }),
  };
}

/** Throws UsageError where a resumed run would go on with other images than it began with. */
export function checkSameData(
  resume: string,
  saved: Saved,
  data: OpenedData,
  list: readonly ClassName[] | undefined,
): void {
  const now = describeFolder(data, list);
  const refuse = (had: string, is: string): never => {
    throw new UsageError(`--resume ${resume}: that run had ${had}, and this is ${is}`);
  };
  if (saved.folder && now) {
    const { listing } = saved.folder;
    if (JSON.stringify(saved.folder) !== JSON.stringify(listing === undefined ? { ...now, listing } : now))
      refuse(inWords(saved.folder), `${inWords(now)}: files were added, removed or renamed, or this is another folder`);
  } else if (saved.standIn !== (data.kind === 'stand-in') || saved.folder || now)
    refuse(
      saved.standIn
        ? 'the drawn stand-in (--data stand-in)'
        : saved.folder
          ? `a folder of images (--data ${saved.config.data})`
          : 'CIFAR-10 (--data DIR)',
      'other data',
    );
}

/** Throws UsageError where a run whose images are in memory is told where test images of the disk are. */
export function checkNoTestPath({ resume, ...given }: TrainOptions): void {
  for (const name of ['valData', 'valLabels'] as const)
    if (given[name] !== undefined)
      throw new UsageError(
        `${flagOf(name)} ${given[name]}: that is for images read from the disk, and the run of ${resume} has its images in memory; leave it out, or say with ${flagOf('data')} where they are now`,
      );
}

const inWords = ({ classes, train, test }: NonNullable<Saved['folder']>): string =>
  `${train} training and ${test} test images of ${classes.length} classes`;
