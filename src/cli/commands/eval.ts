// `eval`: what a network is worth, and what it costs.
import { DeviceData, takeImages } from '../../data/index.ts';
import { classesOf, networkCost } from '../../models/index.ts';
import { formatCount, formatPercent, renderText } from '../../report/index.ts';
import { JOB_OPTIONS, millisecondsPerImage, optionAs } from '../../train/index.ts';
import { answer, say } from '../common/command.ts';
import { costLine, timeLine } from '../common/cost-lines.ts';
import { logitsOf } from '../common/forward.ts';
import { adapterLine, gpuOnDemand } from '../common/gpu.ts';
import { helpPage } from '../common/help.ts';
import {
  NETWORK_OPTIONS,
  naming,
  networkUsage,
  onGpu,
  onlyFile,
  openNetwork,
  withoutGates,
} from '../common/network.ts';
import { HELP, parseTable } from '../common/options.ts';
import { assess } from '../common/score.ts';
import { DATA_OPTIONS, openTestImages } from '../common/test-images.ts';

const table = {
  ...DATA_OPTIONS,
  batch: optionAs(JOB_OPTIONS.batch, {
    help: 'images at a time',
    defaultText: '100; 16 for images of 128 pixels and more',
  }),
  ...NETWORK_OPTIONS,
  help: HELP,
};

/** Classes that are listed where there are many. */
const LISTED = 10;

const defaultBatch = (size: number): number => (size >= 128 ? 16 : 100);

const helpText = (command: string): string =>
  helpPage({
    about: ['Accuracy, loss, parameters, FLOPs and time of a network, its gates folded into its weights.'],
    usage: networkUsage(command, '[options]'),
    options: table,
  });

export async function evaluate(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  const file = onlyFile(words, values);
  const { open, close } = gpuOnDemand();
  const network = await openNetwork(file, values, open);
  const { graph, normalization, classes } = network;
  const cost = networkCost(graph);
  const { set: images, names, all, source, standIn } = await openTestImages(network, values, say);
  const gpu = await open();
  const onDevice = onGpu(gpu, withoutGates(network));
  const batch = Math.min(values.batch ?? defaultBatch(graph.size), images.count);
  const logits = await logitsOf(onDevice, gpu, images, normalization, batch);
  const { accuracy, loss, perClass } = naming(network.file, () => assess(logits, images.labels, classesOf(graph)));
  const data = new DeviceData(gpu, takeImages(images, batch), normalization);
  const [milliseconds] = await millisecondsPerImage([onDevice], data, batch);

  say(`${network.file}: ${graph.model}, ${classes.length} classes, images of ${graph.size}×${graph.size}`);
  say(adapterLine(gpu));
  if (standIn) say('STAND-IN DATA, NOT CIFAR-10: the accuracy cannot be compared with any published figure.');
  say(
    `images: ${images.count < all ? `${formatCount(images.count)} of ${formatCount(all)} test images` : 'all test images'} of ${source}`,
  );
  say(`accuracy: ${formatPercent(accuracy)}, loss ${loss.toFixed(4)}`);
  say(costLine(cost));
  say(timeLine(milliseconds, batch));
  const worst = perClass.filter(({ images }) => images > 0).sort((a, b) => a.accuracy - b.accuracy);
  const untested = perClass.length - worst.length;
  say('');
  say(
    renderText({
      columns: [
        { title: worst.length > LISTED ? `worst ${LISTED} of ${worst.length} classes` : 'class, worst first' },
        { title: 'accuracy', align: 'right' },
        { title: 'images', align: 'right' },
        { title: 'most often taken for' },
      ],
      rows: worst
        .slice(0, LISTED)
        .map(({ label, accuracy, images, takenFor }) => [
          names[label],
          formatPercent(accuracy, 1),
          String(images),
          takenFor === undefined ? '' : names[takenFor],
        ]),
    }),
  );
  if (untested > 0) say(`${untested} of the classes had no image here`);
  await close();
  return 0;
}
