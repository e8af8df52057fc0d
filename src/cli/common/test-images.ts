// The test images for a network: those of the data that it was trained on, or of a folder with the same classes.
import { existsSync } from 'node:fs';
import {
  areImagesAt,
  cifar10Classes,
  cifar10Folder,
  findCifar10,
  sampleImages,
  type TaskImages,
} from '../../data/index.ts';
import { classesOf } from '../../models/index.ts';
import { formatCount } from '../../report/index.ts';
import { JOB_OPTIONS, optionAs, sourceChoice } from '../../train/index.ts';
import { openTestData, STAND_IN } from './data.ts';
import type { OpenedNetwork } from './network.ts';
import { UsageError } from './options.ts';

/** What a set does not say itself of its test images. */
export const CHOICE_OPTIONS = {
  valSplit: optionAs(JOB_OPTIONS.valSplit, {
    help: JOB_OPTIONS.valSplit.help,
    defaultText: JOB_OPTIONS.valSplit.defaultText,
  }),
  valLabels: optionAs(JOB_OPTIONS.valLabels, {
    help: "the list of labels of an archive of test images: of a tar of images alone, or of ImageNet's",
    defaultText: JOB_OPTIONS.valLabels.defaultText,
  }),
  labelField: optionAs(JOB_OPTIONS.labelField, {
    help: "the field of WebDataset's .json files that has the label",
    defaultText: JOB_OPTIONS.labelField.defaultText,
  }),
};

export const DATA_OPTIONS = {
  data: optionAs(JOB_OPTIONS.data, {
    help: JOB_OPTIONS.data.help,
    defaultText: 'what the network was trained on, as far as it can be had',
  }),
  ...CHOICE_OPTIONS,
  images: optionAs(JOB_OPTIONS.testImages, { help: 'test images to use', defaultText: 'all' }),
};

export interface TestImages {
  set: TaskImages;
  /** Of the classes by label: the network's, or where it has none, those of the data. */
  names: readonly string[];
  /** How many there are in all. */
  all: number;
  /** How many of them are looked at: all, or those that were asked for; some may turn out to be no images. */
  asked: number;
  source: string;
  standIn: boolean;
}

/** What was given of DATA_OPTIONS. */
interface TestImagesOptions {
  data?: string;
  images?: number;
  valSplit?: string;
  valLabels?: string;
  labelField?: string;
  /** Whether an image that cannot be decoded is an error, and not left out. */
  refuseOdd?: boolean;
}

/** Of the choice, where not all are used: the same ones each time. */
const SAMPLE_SEED = 1;
/** Images that the stand-in draws where no number is asked for. */
const DRAWN = 1000;

/** Throws as openTestData() does, and UsageError for data of other classes than the network's. */
export async function openTestImages(
  network: OpenedNetwork,
  { data: given, images, refuseOdd, ...choice }: TestImagesOptions,
  log: (line: string) => void,
): Promise<TestImages> {
  const { file, graph, classes, labels, standIn, heldOut } = network;
  const there = classesOf(graph);
  const data = given ?? trainedOn(network);
  if (data === undefined && !standIn && !tellsCifar(network))
    throw new UsageError(`${file} tells ${some(classes)} apart: give images of them with --data DIR`);
  const opened = await openTestData({
    data: data ?? (standIn ? STAND_IN : undefined),
    size: graph.size,
    resize: network.resize,
    interpolation: network.interpolation,
    choice: { ...(given === undefined && network.source?.choice), ...sourceChoice(choice) },
    drawn: { train: 0, test: images ?? DRAWN },
    classes: labels,
    trainedBy: heldOut,
    mostTests: images,
    refuseOdd,
    log,
  });
  const { test, kind } = opened;
  if (kind === 'folder' && !heldOut && !opened.apart && !network.isPublic && !tellsCifar(network))
    log(
      `data: ${file} does not say which images it was trained on, so all are taken; if those are among them, the accuracy is too good`,
    );
  // Folders were matched by name; what the network does not name is matched by number alone.
  const named = labels !== undefined && kind !== 'folder';
  const fits = named ? sameNames(classes, test.classes) : test.classes.length === there;
  const instead = kind === 'stand-in' && data === undefined && !standIn;
  if (!fits || instead)
    throw new UsageError(
      `${file} tells ${some(classes)} apart, and ${data === undefined ? `what was found, ${opened.name}, has` : given === undefined ? `${data}, which it was trained on, has now` : `--data ${data} has`} ${some(test.classes)}; give images of its own classes with --data DIR`,
    );
  if (images !== undefined && images > opened.tests)
    log(`data: ${formatCount(images)} test images were asked for, and there are ${formatCount(opened.tests)}`);
  const set = sampleImages(test, images ?? test.count, SAMPLE_SEED);
  return {
    set,
    names: labels === undefined ? test.classes : classes,
    all: opened.tests,
    asked: Math.min(images ?? opened.tests, opened.tests),
    source: opened.source,
    standIn: kind === 'stand-in',
  };
}

/**
 * The folder that a network was trained on, where its file names one. Throws UsageError where that is gone, unless it was CIFAR-10, which may be found elsewhere.
 */
function trainedOn({ file, source }: OpenedNetwork): string | undefined {
  if (!source || areImagesAt(source.path)) return source?.path;
  if (source.kind === 'CIFAR-10') return undefined;
  throw new UsageError(
    `${file} was trained on the images of ${source.path}, where there is no folder now; say where they are with --data DIR`,
  );
}

/** Can they be had without being named, or downloaded? `valLabels` is a list that is named. */
export async function areNear(
  network: OpenedNetwork,
  { valLabels }: Pick<TestImagesOptions, 'valLabels'> = {},
): Promise<boolean> {
  const { standIn, source } = network;
  if (standIn) return true;
  if (source && (source.kind !== 'CIFAR-10' || areImagesAt(source.path))) {
    const { test = source.path, labels } = source.choice ?? {};
    const labelled = valLabels !== undefined || labels === undefined || existsSync(labels);
    return [source.path, test].every(areImagesAt) && labelled;
  }
  return tellsCifar(network) && (!!process.env.CIFAR10_DIR || (await findCifar10(cifar10Folder)) !== undefined);
}

const tellsCifar = ({ graph, classes, labels }: Pick<OpenedNetwork, 'graph' | 'classes' | 'labels'>): boolean =>
  labels === undefined ? classesOf(graph) === cifar10Classes.length : sameNames(classes, cifar10Classes);

const sameNames = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n');

const some = (names: readonly string[]): string =>
  `${names.length} classes (${names.length > 4 ? `${names.slice(0, 3).join(', ')} ...` : names.join(', ')})`;
