// `compact`: writes the smaller network that is left when everything is taken out that zeros cut off, after a check that it gives the same logits.
import { existsSync } from 'node:fs';
import { DeviceData, firstImages, type ImageSet } from '../../data/index.ts';
import { AstroError, type Gpu } from '../../gpu/index.ts';
import { networkCost, networkParameters } from '../../models/index.ts';
import { type Compacted, USUAL_MULTIPLE } from '../../prune/index.ts';
import {
  formatCount,
  formatFlops,
  formatNumber,
  formatRange,
  formatRatio,
  isNoDifference,
  renderText,
  type Spread,
} from '../../report/index.ts';
import { JOB_OPTIONS, option, optionAs, read, timeNetworks, writeNetwork } from '../../train/index.ts';
import { answer, say } from '../common/command.ts';
import { change } from '../common/cost-lines.ts';
import { logitsOf, noise } from '../common/forward.ts';
import { adapterLine, gpuOnDemand } from '../common/gpu.ts';
import { helpPage } from '../common/help.ts';
import { compacted, cutNetwork, moreToRemove, PARTS } from '../common/more-to-remove.ts';
import { NETWORK_OPTIONS, networkUsage, type OpenedNetwork, onGpu, onlyFile, openNetwork } from '../common/network.ts';
import { HELP, parseTable, UsageError } from '../common/options.ts';
import { checkOutput } from '../common/outputs.ts';
import { areNear, CHOICE_OPTIONS, DATA_OPTIONS, openTestImages } from '../common/test-images.ts';

const table = {
  out: option({
    value: 'FILE',
    read: read.text,
    help: 'where the smaller network goes; replaces what is there',
    defaultText: 'FILE-compact.safetensors, as a run writes it, or with --keep or --threshold FILE-cut.safetensors',
  }),
  keep: optionAs(JOB_OPTIONS.keep, {
    help: 'cut the gates down to this part of them first; of a network without gates the channels, by the size of their weights',
  }),
  threshold: optionAs(JOB_OPTIONS.threshold, { help: 'cut the gates below this first' }),
  multiple: option({
    value: 'N',
    read: read.whole(1, 1024),
    help: 'let channels that could go stay until each layer has a multiple of N, which kernels read at a time; 1 takes out all that can go',
    default: USUAL_MULTIPLE,
  }),
  data: optionAs(DATA_OPTIONS.data, {
    help: `images for the check: ${DATA_OPTIONS.data.help}`,
    defaultText: 'those that the network was trained on where they are at hand, else noise',
  }),
  ...CHOICE_OPTIONS,
  ...NETWORK_OPTIONS,
  help: HELP,
};

/** Images that both networks are compared on. */
const CHECKED = 64;
/** What is promised for the check. */
const TOLERANCE = 1e-4;
const ENDING = /\.safetensors$/;

const helpText = (command: string): string =>
  helpPage({
    about: [
      'Takes everything out of a network that gates or weights of zero cut off. Its outputs stay what they were; with --keep or --threshold it is cut first, and they are not.',
    ],
    usage: networkUsage(command, '[options]'),
    options: table,
  });

export async function compactNetwork(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  const file = onlyFile(words, values);
  const cuts = values.keep !== undefined || values.threshold !== undefined;
  if (values.keep !== undefined && values.threshold !== undefined)
    throw new UsageError('--keep and --threshold: give one of them');
  const out = outFile(file ?? values.weights!, values.out, cuts ? 'cut' : 'compact');
  checkOutput('out', out, [file, values.weights, values.classes]);
  const { open, close } = gpuOnDemand();
  const network = await openNetwork(file, values);
  const whole = cutNetwork(network, values);
  const smaller = compacted(whole, values);
  const more = moreToRemove(network, values, networkParameters(smaller.graph));
  if (networkParameters(smaller.graph) >= networkParameters(network.graph)) {
    say(
      `${network.file}: nothing to remove: zeros cut no ${values.multiple === 1 ? 'channel' : `${values.multiple ?? USUAL_MULTIPLE} channels of a layer`} off; nothing was written`,
    );
    sayMore(more);
    if (more.length === 0)
      say(
        `nor would --multiple 1 or a --keep down to ${PARTS.at(-1)}: a channel goes when all of its connections are cut${network.gates?.kind === 'connection' ? ', and these gates cut single ones' : ''}`,
      );
    await close();
    return 0;
  }

  const gpu = await open();
  const { graph, normalization } = whole;
  const { images, what } = await imagesFor(network, values);
  const files = [whole, { ...whole, ...smaller, file: out }];
  const networks = files.map((file) => onGpu(gpu, file));
  const batch = Math.min(images.count, graph.size >= 128 ? 8 : CHECKED);
  const logits: Float32Array[] = [];
  for (const one of networks) logits.push(await logitsOf(one, gpu, images, normalization, batch));
  const error = maxRelativeError(logits[0], logits[1]);
  if (!(error <= TOLERANCE))
    throw new AstroError(
      `${network.file}: the smaller network's logits are off by ${formatNumber(error)} of the largest on ${what}, more than ${TOLERANCE}; nothing was written`,
    );
  const times = await timeNetworks(networks, new DeviceData(gpu, images, normalization), batch);
  const measured = files.map((file, i) => ({ ...networkCost(file.graph), ms: times.networks[i] }));
  const replaced = existsSync(out);
  writeNetwork(out, files[1]);
  report(measured, { time: times.ratios[1], processorTime: times.processorRatios[1] }, smaller, gpu);
  say(`check: logits differ by ${formatNumber(error)} of the largest at the most, on ${what}`);
  if (cuts)
    say(
      `these ${network.gates ? 'gates' : 'channels'} were cut just now${network.gates ? '' : ', by the size of their weights'}, and the network was not trained so: npx astrogpu eval says what it is worth`,
    );
  say(`written: ${out}${replaced ? ', in place of what was there' : ''}`);
  sayMore(more);
  await close();
  return 0;
}

function sayMore(lines: readonly string[]): void {
  if (lines.length === 0) return;
  say('what would remove more:');
  for (const line of lines) say(line);
}

function outFile(file: string, asked: string | undefined, kind: 'compact' | 'cut'): string {
  const out = asked ?? `${file.replace(ENDING, '')}-${kind}.safetensors`;
  if (!ENDING.test(out)) throw new UsageError(`--out ${out}: takes a name that ends in .safetensors`);
  return out;
}

/** Test images where they can be had without a download, else noise. */
async function imagesFor(
  network: OpenedNetwork,
  values: { data?: string; valSplit?: string; valLabels?: string; labelField?: string },
): Promise<{ images: ImageSet; what: string }> {
  if (values.data !== undefined || (await areNear(network, values))) {
    const { set, source } = await openTestImages(network, { ...values, images: CHECKED }, () => {});
    const images = await firstImages(set, set.count);
    return { images, what: `${images.count} images of ${source}` };
  }
  return { images: noise(CHECKED, network.graph.size), what: `${CHECKED} images of noise` };
}

/** The largest difference, in parts of the largest value. */
function maxRelativeError(wanted: Float32Array, found: Float32Array): number {
  let [difference, largest] = [0, 0];
  for (const [i, value] of wanted.entries()) {
    difference = Math.max(difference, Math.abs(found[i] - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return largest > 0 ? difference / largest : difference;
}

function report(
  [before, after]: { parameters: number; macs: number; flops: number; ms: Spread }[],
  { time, processorTime }: Record<'time' | 'processorTime', Spread>,
  { removed: { layers } }: Compacted,
  gpu: Gpu,
): void {
  say(adapterLine(gpu));
  const row = (name: string, of: 'parameters' | 'macs' | 'flops', text: (value: number) => string): string[] => [
    name,
    text(before[of]),
    text(after[of]),
    change(before[of], after[of]),
  ];
  say(
    renderText({
      columns: ['', 'before', 'after', 'change'].map((title, i) => ({ title, align: i > 0 ? 'right' : 'left' })),
      rows: [
        row('parameters', 'parameters', formatCount),
        row('FLOPs an image', 'flops', (flops) => formatFlops(flops)),
        row('multiply-adds, 2 FLOPs each', 'macs', (macs) => formatFlops(macs, 'MACs')),
        [
          'ms an image',
          ...[before, after].map(({ ms }) => formatRange(ms)),
          isNoDifference(time) ? 'no difference' : change(1, time.median),
        ],
      ],
    }),
  );
  say(`time: ${formatRatio(time)} of the whole network's, both measured in turns`);
  if (gpu.adapter.software) say(`by processor time, the work of this adapter: ${formatRatio(processorTime)}`);
  if (layers.length > 0) say(`layers that are gone: ${layers.join(', ')}`);
}
