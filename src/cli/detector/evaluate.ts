// `eval` of a detector: COCO's numbers of its boxes and masks, and how far its masks are from mere boxes.
import { type CocoSet, cocoNotes, loadCoco, writeCocoResults } from '../../data/index.ts';
import {
  type CategoryScores,
  COCO_NUMBERS,
  type DetectionScores,
  type Measurement,
  measureDetector,
  type Scores,
  SHOWN_SCORE,
} from '../../detect/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { formatCount, formatNumber, formatPercent, renderText, type Table } from '../../report/index.ts';
import { count } from '../../tensor/index.ts';
import { say, warn } from '../common/command.ts';
import { adapterLine, openGpu } from '../common/gpu.ts';
import { UsageError } from '../common/options.ts';
import { checkOutput } from '../common/outputs.ts';
import { detectorOnGpu, type OpenedDetector, openDetector, sidesText } from './opened.ts';

/** What `eval` takes for a detector. */
export interface DetectorEvaluation {
  data?: string;
  images?: number;
  short?: number;
  long?: number;
  results?: string;
  perClass?: boolean;
  json?: boolean;
}

const NUMBERS = Object.entries(COCO_NUMBERS) as [keyof Scores, string][];

/** What was found out. */
interface Evaluated {
  detector: OpenedDetector;
  data: CocoSet;
  measured: Measurement;
  /** A picture, from its file to its run lengths. */
  milliseconds: number;
  gpu: Gpu;
}

/** Measures a detector's file and says what came out. Throws UsageError for options that it does not take. */
export async function evaluateDetector(file: string, options: DetectorEvaluation): Promise<number> {
  const { data: dir, images, results, json, perClass } = options;
  if (dir === undefined)
    throw new UsageError(`--data is missing: ${file} is a detector, so it is measured on a folder of COCO's form`);
  checkOutput('results', results, [file]);
  const detector = openDetector(file, options);
  const log = json ? warn : say;
  const data = await loadCoco(dir);
  for (const note of cocoNotes(data)) log(`data: ${note}`);
  const gpu = await openGpu();
  const finder = detectorOnGpu(gpu, detector);
  const begin = performance.now();
  const measured = await measureDetector(finder, { ...data, images: data.images.slice(0, images) });
  const milliseconds = (performance.now() - begin) / measured.images;
  for (const { message } of measured.skipped) warn(message);
  const evaluated: Evaluated = { detector, data, measured, milliseconds, gpu };
  if (json) say(JSON.stringify(inJson(evaluated), null, 2));
  else report(evaluated, perClass === true);
  if (results !== undefined) {
    writeCocoResults(results, measured.results);
    log(`COCO's results: ${results}`);
  }
  await gpu.close();
  return measured.skipped.length > 0 ? 1 : 0;
}

const parametersOf = ({ detector }: OpenedDetector): number =>
  [...detector.namedParameters()].reduce((sum, [, { shape }]) => sum + count(shape), 0);

function report({ detector, data, measured, milliseconds, gpu }: Evaluated, perClass: boolean): void {
  const { box, mask, unlikeBoxes, images } = measured;
  say(`${detector.file}: BoxInst, ${detector.categories.length} classes, ${sidesText(detector)}`);
  say(adapterLine(gpu));
  say(`images: ${images < data.images.length ? `${formatCount(images)} of ` : ''}${data.source}`);
  say(`cost: ${formatCount(parametersOf(detector))} parameters`);
  say(`time: ${formatNumber(milliseconds)} ms a picture, from its file to its run lengths`);
  say('');
  say(renderText(numbersTable(measured)));
  say("in percent; AP over IoU .50 to .95, s m l: objects up to 32², up to 96², and larger ones; '-': there are none");
  if (!mask) say('the objects have boxes alone, so masks were not measured');
  say(unlikeText(unlikeBoxes));
  if (!perClass) return;
  say('');
  say(renderText(categoriesTable(box, mask)));
}

const unlikeText = (share: number): string =>
  Number.isNaN(share)
    ? `no detection has a score of ${SHOWN_SCORE} or more, so nothing is said of how masks differ from filled boxes`
    : `masks differ from their filled boxes in ${formatPercent(share, 1)} of the pixels of either (scores from ${SHOWN_SCORE}): a box that passes for a mask would have 0`;

/** In percent; what is undefined is a dash. */
const inPercent = (value: number): string => (value < 0 ? '-' : (100 * value).toFixed(1));

function numbersTable({ box, mask, filledBoxes }: Measurement): Table {
  return {
    columns: [{ title: '' }, ...NUMBERS.map(([, title]) => ({ title, align: 'right' as const }))],
    rows: [
      ['box', ...NUMBERS.map(([name]) => inPercent(box[name]))],
      ...(mask ? [['mask', ...NUMBERS.map(([name]) => inPercent(mask[name]))]] : []),
      ...(filledBoxes ? [['filled boxes', ...NUMBERS.map(([name]) => inPercent(filledBoxes[name]))]] : []),
    ],
  };
}

/** Categories that there are objects of, the worst first. */
function categoriesTable(box: DetectionScores, mask: DetectionScores | undefined): Table {
  const rows = box.categories
    .map((scores, i) => ({ scores, mask: mask?.categories[i] }))
    .filter(({ scores }) => scores.ap >= 0)
    .sort((a, b) => (a.mask ?? a.scores).ap - (b.mask ?? b.scores).ap);
  const title = (title: string) => ({ title, align: 'right' as const });
  return {
    columns: [
      { title: 'category, worst first' },
      ...['box AP', 'AP50'].map(title),
      ...(mask ? ['mask AP', 'AP50'].map(title) : []),
    ],
    rows: rows.map(({ scores, mask }) => [
      scores.category.name,
      ...[scores, ...(mask ? [mask] : [])].flatMap(({ ap, ap50 }) => [inPercent(ap), inPercent(ap50)]),
    ]),
  };
}

/** What is undefined is null. */
function inJson({ detector, data, measured, milliseconds, gpu }: Evaluated): object {
  const { box, mask, filledBoxes, unlikeBoxes, images, skipped } = measured;
  const { description, software } = gpu.adapter;
  const numbers = (scores: Scores): object =>
    Object.fromEntries(NUMBERS.map(([name, title]) => [title, scores[name] < 0 ? null : scores[name]]));
  const byCategory = ({ category, ...scores }: CategoryScores, i: number): object => ({
    ...category,
    box: numbers(scores),
    mask: mask ? numbers(mask.categories[i]) : null,
  });
  return {
    network: detector.file,
    kind: 'BoxInst',
    classes: detector.categories,
    preprocessing: detector.preprocessing,
    adapter: { description, software },
    data: {
      source: data.source,
      images,
      of: data.images.length,
      missing: data.missing,
      skipped: skipped.map(({ message }) => message),
    },
    parameters: parametersOf(detector),
    millisecondsPerImage: milliseconds,
    box: numbers(box),
    mask: mask ? numbers(mask) : null,
    filledBoxes: filledBoxes ? numbers(filledBoxes) : null,
    unlikeBoxes: Number.isNaN(unlikeBoxes) ? null : unlikeBoxes,
    categories: box.categories.map(byCategory),
  };
}
