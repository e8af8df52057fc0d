// `explain`: for each image a picture of where the network looked, as Grad-CAM has it, and on standard output what it took the image for.
import { join } from 'node:path';
import { decodeFile, ImageDecodeError, pictureOf } from '../../data/index.ts';
import { explanationPicture, findLayer, gradCam, heatOverlay, maximumOf, upsample } from '../../explain/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { makeFolder, markFolder, writeFileAtomic } from '../../io/index.ts';
import type { Network } from '../../models/index.ts';
import { formatPercent } from '../../report/index.ts';
import { option, read } from '../../train/index.ts';
import { answer, say, warn } from '../common/command.ts';
import { flagOf } from '../common/flags.ts';
import { type Pixels, upload } from '../common/forward.ts';
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
import { checkOutputFolder, freePicture, namesAfter } from '../common/outputs.ts';
import { argmax, probabilities } from '../common/score.ts';
import { DATA_OPTIONS, openTestImages } from '../common/test-images.ts';

const table = {
  image: option<string[]>({
    value: 'FILE',
    many: true,
    help: 'a picture; may be given more than once, and further files may follow',
  }),
  ...DATA_OPTIONS,
  images: option({
    value: 'N',
    read: read.whole(1, 10_000),
    help: 'without pictures: how many test images',
    default: 8,
  }),
  layer: option({
    value: 'NAME',
    read: read.text,
    help: 'whose map',
    defaultText: 'the last one with more than one position; of a transformer what its last attention reads',
  }),
  class: option({ value: 'NAME|N', read: read.text, help: 'which class to explain', defaultText: 'the one predicted' }),
  out: option({ value: 'DIR', read: read.text, help: 'where the pictures go', default: 'explained' }),
  ...NETWORK_OPTIONS,
  help: HELP,
};

const helpText = (command: string): string =>
  helpPage({
    about: ['Draws where a network looked for a class: the image, the map over it, and what the colors mean.'],
    usage: [
      ...networkUsage(command, '--image PICTURE ... [options]'),
      ...networkUsage(command, '[--data DIR] [options]'),
    ],
    options: table,
  });

/** An image to explain. */
interface Subject {
  name: string;
  pixels: Pixels;
  /** Its class, where that is known. */
  truth?: { label: number; name: string };
}

export async function explain(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  const [file, more] = takeFile(words, values);
  const pictures = [...(values.image ?? []), ...more];
  const ofTests = (Object.keys(DATA_OPTIONS) as (keyof typeof DATA_OPTIONS)[]).find(
    (name) => values[name] !== undefined,
  );
  if (pictures.length > 0 && ofTests !== undefined)
    throw new UsageError(`${flagOf(ofTests)} goes without pictures of one's own`);
  const out = values.out ?? table.out.default;
  checkOutputFolder('out', out);
  /** What no picture may take the place of: inputs, and pictures of this run. */
  const kept = [file, values.weights, values.classes, ...pictures];
  const { open, close } = gpuOnDemand();
  const network = await openNetwork(file, values);
  const asked = values.class === undefined ? undefined : classNamed(network, values.class);
  const { size } = network.graph;
  findLayer(network.graph, { height: size, width: size }, values.layer);
  const gpu = await open();
  const onDevice = onGpu(gpu, withoutGates(network));
  let failed = 0;
  let made = 0;
  for await (const subject of subjects(network, pictures, values)) {
    if (subject instanceof ImageDecodeError) {
      warn(subject.message);
      failed++;
      continue;
    }
    const { lines, png } = await explainOne(gpu, onDevice, network, subject, { layer: values.layer, asked });
    const target = await freePicture(join(out, subject.name), kept, 'explained');
    if (makeFolder(out)) markFolder(out);
    writeFileAtomic(target, png);
    kept.push(target);
    say(`${lines[0]}; ${target}`);
    made++;
  }
  if (failed > 0) warn(`${made} explained, ${failed} could not be decoded`);
  await close();
  return failed > 0 ? 1 : 0;
}

async function* subjects(
  network: OpenedNetwork,
  pictures: readonly string[],
  values: Parameters<typeof openTestImages>[1],
): AsyncGenerator<Subject | ImageDecodeError> {
  const { size } = network.graph;
  const called = namesAfter(pictures);
  for (const [i, path] of pictures.entries())
    try {
      const pixels = await decodeFile(path, { ...network, size });
      yield { name: called[i], pixels: { images: pixels, count: 1, height: size, width: size } };
    } catch (error) {
      if (!(error instanceof ImageDecodeError)) throw error;
      yield error;
    }
  if (pictures.length > 0) return;
  const { set, names, source } = await openTestImages(
    network,
    { ...values, images: values.images ?? table.images.default },
    say,
  );
  say(`images: ${set.count} test images of ${source}`);
  const { height, width } = set;
  for (let i = 0; i < set.count; i++)
    try {
      const { pixels, label } = await pictureOf(set, i);
      yield {
        name: `test-${String(i).padStart(4, '0')}`,
        pixels: { images: pixels, count: 1, height, width },
        truth: { label, name: names[label] },
      };
    } catch (error) {
      if (!(error instanceof ImageDecodeError)) throw error;
      yield error;
    }
}

/** A class by name, or by number where no name is that number. Throws UsageError that lists them. */
function classNamed({ file, classes, labels }: OpenedNetwork, asked: string): number {
  const label = classes.indexOf(asked);
  if (label >= 0) return label;
  const folder = labels?.findIndex((class_) => class_.folder === asked) ?? -1;
  if (folder >= 0) return folder;
  if (/^\d+$/.test(asked) && Number(asked) < classes.length) return Number(asked);
  const list = classes.length > 20 ? `${classes.slice(0, 20).join(', ')} ...` : classes.join(', ');
  throw new UsageError(`--class ${asked}: ${file} has ${classes.length} classes, 0 to ${classes.length - 1}: ${list}`);
}

async function explainOne(
  gpu: Gpu,
  onDevice: Network,
  { file, classes, normalization }: OpenedNetwork,
  { name, pixels, truth }: Subject,
  { layer, asked }: { layer?: string; asked?: number },
): Promise<{ lines: string[]; png: Uint8Array }> {
  const x = upload(gpu, pixels, normalization, 0, 1);
  const found = await gradCam(onDevice, x, { layer, classes: asked === undefined ? undefined : [asked] });
  x.release();
  const { height, width } = pixels;
  const image = { data: pixels.images, height, width };
  const heat = upsample(found.maps[0], found, { height, width });
  const chances = probabilities(found.logits);
  const predicted = naming(file, () => argmax(found.logits));
  const chance = (label: number): string => `${classes[label]} ${formatPercent(chances[label], 1)}`;
  const lines = [
    `${name}: ${chance(predicted)}${truth === undefined ? '' : truth.label === predicted ? ' (right)' : ` (it is ${truth.name})`}`,
    `Grad-CAM of ${found.classes[0] === predicted ? classes[predicted] : chance(found.classes[0])} at ${found.layer} (${found.height}×${found.width})`,
  ];
  const png = await explanationPicture({
    input: image,
    overlay: heatOverlay(image, heat),
    maximum: maximumOf(heat),
    title: lines,
  });
  return { lines, png };
}
