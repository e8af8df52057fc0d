// `eval`: what a network is worth, and what it costs.
import { DeviceData, firstImages } from '../../data/index.ts';
import { AstroError, type Gpu } from '../../gpu/index.ts';
import { writeFileAtomic } from '../../io/index.ts';
import { classesOf, fittingBatch, type NetworkCost, networkCost } from '../../models/index.ts';
import { confusionFigure, formatCount, formatPercent, renderText, type Spread } from '../../report/index.ts';
import { JOB_OPTIONS, option, optionAs, read, timeNetworks, toggle } from '../../train/index.ts';
import { answer, say, warn } from '../common/command.ts';
import { costLine, timeLine } from '../common/cost-lines.ts';
import { flagOf } from '../common/flags.ts';
import { answersOf, defaultBatch } from '../common/forward.ts';
import { adapterLine, gpuOnDemand } from '../common/gpu.ts';
import { helpPage } from '../common/help.ts';
import {
  NETWORK_OPTIONS,
  naming,
  networkUsage,
  type OpenedNetwork,
  onGpu,
  onlyFile,
  openNetwork,
  withoutGates,
} from '../common/network.ts';

import { HELP, parseTable, UsageError } from '../common/options.ts';
import { checkPicture } from '../common/outputs.ts';

import { type Score, Scorer } from '../common/score.ts';

import { DATA_OPTIONS, openTestImages, type TestImages } from '../common/test-images.ts';
import { evaluateDetector } from '../detector/evaluate.ts';
import { isDetector, SIDE_OPTIONS } from '../detector/opened.ts';

/** Classes that are listed where nothing was said. */
const LISTED = 10;
/** With no more classes than this, one of the first five is no feat. */
const FEW = 5;

const table = {
  ...DATA_OPTIONS,
  data: optionAs(DATA_OPTIONS.data, { help: `${DATA_OPTIONS.data.help}; of a detector a folder of COCO's form` }),
  batch: optionAs(JOB_OPTIONS.batch, {
    help: 'images at a time',
    defaultText: '100; 16 for images of 128 pixels and more',
  }),
  odd: optionAs(JOB_OPTIONS.odd, {
    help: 'what becomes of an image that cannot be decoded: it is an error that names it, or it is left out, counts nowhere and is said',
    default: 'refuse',
  }),
  perClass: toggle({ help: `all classes in the table, not only the ${LISTED} worst` }),
  confusion: option({
    value: 'FILE',
    read: read.text,
    help: 'a picture of the confusion matrix, NAME.png; replaces an earlier one',
  }),
  results: option({
    value: 'FILE',
    read: read.text,
    help: "of a detector: all detections as COCO's results, NAME.json",
  }),
  ...SIDE_OPTIONS,
  json: toggle({ help: 'JSON on standard output and nothing else there, with all classes and the confusion matrix' }),
  ...NETWORK_OPTIONS,
  help: HELP,
};

/** Options that one of the two kinds of networks takes alone. */
const OF_CLASSIFIERS = ['batch', 'confusion', 'odd', 'valSplit', 'valLabels', 'labelField'] as const;
const OF_DETECTORS = ['results', 'short', 'long'] as const;

/** Throws UsageError for the first of some options that was given. */
function refuseOptions(values: object, names: readonly string[], why: string): void {
  const given = names.find((name) => Object.hasOwn(values, name));
  if (given !== undefined) throw new UsageError(`${flagOf(given)}: ${why}, which does not take it`);
}

const helpText = (command: string): string =>
  helpPage({
    about: [
      "Accuracy, loss, parameters, FLOPs and time of a network, its gates folded into its weights. Of a detector COCO's twelve numbers of its boxes and of its masks.",
    ],
    usage: networkUsage(command, '[options]'),
    options: table,
  });

/** What was found out. */
interface Evaluation {
  network: OpenedNetwork;
  images: TestImages;
  score: Score;
  cost: NetworkCost;
  time: Spread;
  batch: number;
  gpu: Gpu;
}

export async function evaluate(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  const file = onlyFile(words, values);
  if (file !== undefined && isDetector(file)) {
    refuseOptions(values, OF_CLASSIFIERS, `${file} is a detector`);
    return evaluateDetector(file, values);
  }
  refuseOptions(values, OF_DETECTORS, `${file ?? values.weights} is no detector`);
  const picture = values.confusion;
  await checkPicture('confusion', picture, [file, values.weights, values.classes]);
  const { open, close } = gpuOnDemand();
  const network = await openNetwork(file, values, values.json ? warn : say);
  const { graph, normalization } = network;
  const images = await openTestImages(
    network,
    { ...values, refuseOdd: values.odd !== 'skip' },
    values.json ? warn : say,
  );
  const { set } = images;
  const gpu = await open();
  const onDevice = onGpu(gpu, withoutGates(network));
  const fitting = fittingBatch(gpu, graph, values.batch ?? defaultBatch(graph.size));
  const batch = Math.min(fitting, set.count);
  if (values.batch !== undefined && values.batch > batch)
    (values.json ? warn : say)(
      `--batch ${values.batch}: ${batch} are taken, since ${batch === set.count ? `there are ${set.count} images` : 'more at once do not fit the memory'}`,
    );
  const scorer = new Scorer(classesOf(graph));
  for await (const { logits, labels } of answersOf(onDevice, gpu, set, normalization, batch))
    naming(network.file, () => scorer.add(logits, labels));
  const score = scorer.score();
  if (score.images === 0) throw new AstroError(`none of the ${set.count} images of ${images.source} can be decoded`);
  const first = await firstImages(set, batch);
  const data = new DeviceData(gpu, first, normalization);
  const [time] = (await timeNetworks([onDevice], data, first.count)).networks;
  const result: Evaluation = { network, images, score, cost: networkCost(graph), time, batch, gpu };
  if (values.json) say(JSON.stringify(inJson(result), null, 2));
  else report(result, values.perClass ? score.perClass.length : LISTED);
  if (picture !== undefined) {
    const png = await confusionFigure({ classes: images.names, counts: score.confusion });
    save(picture, png);
    (values.json ? warn : say)(`confusion matrix: ${picture}`);
  }
  await close();
  return 0;
}

function save(file: string, png: Uint8Array): void {
  try {
    writeFileAtomic(file, png);
  } catch (error) {
    throw new AstroError(`--confusion ${file} cannot be written (${(error as Error).message})`);
  }
}

/** What a class without images has no value for is null. */
function inJson({ network, images, score, cost, time, batch, gpu }: Evaluation): object {
  const { file, graph } = network;
  const { asked, names, all, source, standIn } = images;
  const { description, software } = gpu.adapter;
  return {
    network: file,
    model: graph.model,
    size: graph.size,
    adapter: { description, software },
    data: { source, standIn, images: score.images, of: all, leftOut: asked - score.images },
    accuracy: score.accuracy,
    top5: score.top5,
    loss: score.loss,
    parameters: cost.parameters,
    flops: cost.flops,
    macs: cost.macs,
    millisecondsPerImage: time.median,
    millisecondsFromTo: [time.low, time.high],
    batch,
    classes: names,
    perClass: score.perClass.map(({ label, takenFor, ...rest }) => ({
      class: names[label],
      ...rest,
      takenFor: takenFor === undefined ? null : names[takenFor],
    })),
    confusion: score.confusion.map((row) => [...row]),
  };
}

function report({ network, images, score, cost, time, batch, gpu }: Evaluation, listed: number): void {
  const { file, graph, classes } = network;
  const { asked, names, all, source, standIn } = images;
  const { images: counted, accuracy, top5, loss, perClass } = score;
  const many = classes.length > FEW;
  say(`${file}: ${graph.model}, ${classes.length} classes, images of ${graph.size}×${graph.size}`);
  say(adapterLine(gpu));
  if (standIn) say('STAND-IN DATA, NOT CIFAR-10: the accuracy cannot be compared with any published figure.');
  say(
    `images: ${asked < all ? `${formatCount(asked)} of ${formatCount(all)} test images` : 'all test images'} of ${source}${counted < asked ? `, but for ${formatCount(asked - counted)} that cannot be decoded and ${asked - counted === 1 ? 'counts' : 'count'} nowhere` : ''}`,
  );
  say(
    `accuracy: ${formatPercent(accuracy)} of ${formatCount(counted)} images, ${many ? `top-5 ${formatPercent(top5)}, ` : ''}loss ${loss.toFixed(4)}`,
  );
  say(costLine(cost));
  say(timeLine(time, batch));
  const worst = perClass.filter(({ images }) => images > 0).sort((a, b) => a.accuracy - b.accuracy);
  const untested = perClass.length - worst.length;
  say('');
  say(
    renderText({
      columns: [
        { title: worst.length > listed ? `worst ${listed} of ${worst.length} classes` : 'class, worst first' },
        { title: 'accuracy', align: 'right' },
        ...(many ? [{ title: 'top-5', align: 'right' as const }] : []),
        { title: 'precision', align: 'right' },
        { title: 'images', align: 'right' },
        { title: 'most often taken for' },
      ],
      rows: worst
        .slice(0, listed)
        .map(({ label, accuracy, top5, precision, images, takenFor }) => [
          names[label],
          formatPercent(accuracy, 1),
          ...(many ? [formatPercent(top5, 1)] : []),
          Number.isNaN(precision) ? '' : formatPercent(precision, 1),
          String(images),
          takenFor === undefined ? '' : names[takenFor],
        ]),
    }),
  );
  if (worst.length > listed) say('--per-class lists them all');
  if (untested > 0) say(`${untested} of the classes had no image here`);
}
