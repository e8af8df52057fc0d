// `predict`: what a network takes pictures for, a line each. Pictures are decoded a batch at a time, so that a folder may hold any number of them.
import type { ImageSet } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import type { Network } from '../../models/index.ts';
import { formatPercent } from '../../report/index.ts';
import { JOB_OPTIONS, option, optionAs, read, toggle } from '../../train/index.ts';
import { answer, say, warn } from '../common/command.ts';
import { defaultBatch, logitsOf } from '../common/forward.ts';
import { gpuOnDemand } from '../common/gpu.ts';
import { helpPage } from '../common/help.ts';
import {
  NETWORK_OPTIONS,
  naming,
  networkUsage,
  type OpenedNetwork,
  onGpu,
  openNetwork,
  takeFile,
  withoutGates,
} from '../common/network.ts';
import { HELP, parseTable, UsageError } from '../common/options.ts';
import { type Decoded, decodePictures, namedPictures } from '../common/pictures.ts';
import { highest, probabilities } from '../common/score.ts';

const table = {
  image: option<string[]>({
    value: 'FILE|DIR',
    many: true,
    help: 'a picture, an archive (tar) of pictures, or a folder for all below it; may be given more than once, and further ones may follow',
  }),
  top: option({
    value: 'N',
    read: read.whole(1, 1000),
    help: 'how many classes to list, the likeliest first',
    default: 5,
  }),
  json: toggle({ help: 'JSON on standard output and nothing else there' }),
  batch: optionAs(JOB_OPTIONS.batch, {
    help: 'images at a time',
    defaultText: '100; 16 for images of 128 pixels and more',
  }),
  ...NETWORK_OPTIONS,
  help: HELP,
};

const helpText = (command: string): string =>
  helpPage({
    about: ['Says what a network takes pictures for: the likeliest classes and their probabilities, a line each.'],
    usage: networkUsage(command, '--image PICTURE|DIR ... [options]'),
    options: table,
  });

/** A class and how likely it is. */
interface Chance {
  class: string;
  label: number;
  probability: number;
}

/** A picture and what it was taken for. */
interface Prediction {
  image: string;
  top: Chance[];
}

export async function predict(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  const [file, more] = takeFile(words, values);
  const paths = [...(values.image ?? []), ...more];
  if (paths.length === 0) throw new UsageError('--image is missing: name a picture, or a folder of them');
  const { open, close } = gpuOnDemand();
  const network = await openNetwork(file, values, values.json ? warn : say);
  const { pictures, skipped: unread } = await namedPictures(paths);
  const gpu = await open();
  const onDevice = onGpu(gpu, withoutGates(network));
  const { graph, classes } = network;
  const top = Math.min(values.top ?? table.top.default, classes.length);
  const batch = values.batch ?? defaultBatch(graph.size);

  const skipped = [...unread];
  let predicted = 0;
  const predictions: Prediction[] = [];
  for (let from = 0; from < pictures.length; from += batch) {
    const some = pictures.slice(from, from + batch);
    const { decoded, skipped: odd } = await decodePictures(some, { ...network, size: graph.size });
    skipped.push(...odd);
    predicted += decoded.length;
    for (const prediction of await predictSome(gpu, onDevice, network, decoded, top)) {
      if (!values.json) say(lineOf(prediction));
      else predictions.push(prediction);
    }
  }
  for (const { file, reason } of skipped) warn(`${file}: ${reason}`);
  if (skipped.length > 0) warn(`${predicted} predicted, ${skipped.length} skipped`);
  if (values.json)
    say(JSON.stringify({ network: network.file, model: graph.model, classes, predictions, skipped }, null, 2));
  await close();
  return skipped.length > 0 ? 1 : 0;
}

async function predictSome(
  gpu: Gpu,
  onDevice: Network,
  { file, graph, classes, normalization }: OpenedNetwork,
  pictures: readonly Decoded[],
  top: number,
): Promise<Prediction[]> {
  const { size } = graph;
  const images = new Uint8Array(pictures.length * size * size * 3);
  for (const [i, { pixels }] of pictures.entries()) images.set(pixels, i * size * size * 3);
  const set: Pick<ImageSet, 'images' | 'count' | 'height' | 'width'> = {
    images,
    count: pictures.length,
    height: size,
    width: size,
  };
  const logits = await logitsOf(onDevice, gpu, set, normalization, Math.max(1, pictures.length));
  return pictures.map(({ name }, i) => {
    const row = logits.subarray(i * classes.length, (i + 1) * classes.length);
    const chances = probabilities(row);
    const labels = naming(file, () => highest(row, top));
    return { image: name, top: labels.map((label) => ({ class: classes[label], label, probability: chances[label] })) };
  });
}

const lineOf = ({ image, top }: Prediction): string =>
  `${image}: ${top.map(({ class: name, probability }) => `${name} ${formatPercent(probability, 1)}`).join(', ')}`;
