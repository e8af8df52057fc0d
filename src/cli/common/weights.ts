// Public weights: a checkpoint under torch's names, and how its images come to it. What the file says goes before what its zoo usually does, and what was
// typed before both; which it was is said, since weights under another normalization are worse without a word.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type ChannelStats,
  CIFAR10_NORMALIZATION,
  type ClassName,
  type Interpolation,
  NORMALIZATIONS,
  readClassList,
  resizeFor,
} from '../../data/index.ts';
import { AstroError, ConfigError, type Gpu } from '../../gpu/index.ts';
import { readSafetensors } from '../../io/index.ts';
import { classesOf, createModel, describeModel } from '../../models/index.ts';
import { stateDict } from '../../nn/index.ts';
import {
  JOB_OPTIONS,
  loadNetworkWeights,
  option,
  optionAs,
  type Reader,
  read,
  type StartingWeights,
} from '../../train/index.ts';
import { naming } from './naming.ts';
import type { OpenedNetwork } from './network.ts';
import { UsageError } from './options.ts';

/** Three numbers, for red, green and blue. */
const channels =
  (low: number, high: number, takes: string): Reader<number[]> =>
  (text, field) => {
    const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (values.length === 3 && values.every((value) => value >= low && value <= high)) return values;
    throw new ConfigError(
      field,
      (name) => `${name(field, text)}: takes three numbers ${takes}, with commas between them`,
    );
  };

/** The options of every command that takes a network. */
export const NETWORK_OPTIONS = {
  weights: option({
    value: 'FILE',
    read: read.text,
    help: "a public checkpoint in safetensors under torch's names, in place of a network's file",
  }),
  model: optionAs(JOB_OPTIONS.model, { help: 'which model --weights are of' }),
  classes: option({
    value: 'N|FILE',
    read: read.text,
    help: 'of --weights: how many, or a file that lists them, a line each: folder, name',
    defaultText: "the file's own, else the model's number",
  }),
  mean: option<number[]>({
    value: 'R,G,B',
    read: channels(0, 1, 'from 0 to 1 (of pixels from 0 to 1)'),
    help: 'of --weights: what is subtracted from pixels from 0 to 1',
    defaultText: "the file's own, else as its zoo has it",
  }),
  std: option<number[]>({
    value: 'R,G,B',
    read: channels(1e-6, 1, 'above 0 to 1 (of pixels from 0 to 1)'),
    help: 'of --weights: what they are divided by then',
    defaultText: 'as --mean',
  }),
  resize: option({
    value: 'N',
    read: read.whole(1, 4096),
    help: 'of --weights: pixels of the short side, before the middle is cut out',
    defaultText: 'as --mean',
  }),
  crop: option({
    value: 'N',
    read: read.whole(1, 4096),
    help: 'of --weights: side in pixels of what is cut out',
    defaultText: 'as --mean',
  }),
};

/** What was given of them. */
export interface NetworkOptions {
  weights?: string;
  model?: string;
  classes?: string;
  mean?: readonly number[];
  std?: readonly number[];
  resize?: number;
  crop?: number;
}

/** How images come to a network: the short side to `resize`, the middle `size` × `size` cut out, then normalized. */
interface Preprocessing {
  normalization: ChannelStats;
  size: number;
  resize: number;
  /** As Pillow's, where that is known. */
  interpolation?: Interpolation | undefined;
  /** Who says so. */
  by: string;
}

/** kuangliu's pytorch-cifar, and those after it: the deviations are means of each image's own. */
const PYTORCH_CIFAR: ChannelStats = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };
/** weiaicunzai's pytorch-cifar100. */
const PYTORCH_CIFAR100: ChannelStats = {
  mean: [0.5070751592371323, 0.48654887331495095, 0.4409178433670343],
  std: [0.2673342858792401, 0.2564384629170883, 0.27615047132568404],
};
/** torchvision's and timm's usual way to 224 pixels: 256 first. */
const IMAGENET_RESIZE = 256 / 224;
/** What part of the short side DeiT keeps. */
const DEIT_CROP = 0.9;

/** What the zoos do whose names these are. */
function ofZoo(model: string, names: readonly string[], own: number): Preprocessing {
  const has = (part: string): boolean => names.some((name) => name.includes(part));
  const normalization = NORMALIZATIONS.imagenet;
  if (/^vit-.*-16$/.test(model) && !has('encoder_layer_'))
    return { normalization, size: own, resize: resizeFor(own, DEIT_CROP), interpolation: 'bicubic', by: 'DeiT' };
  if (model.endsWith('-imagenet') || has('encoder_layer_'))
    return {
      normalization,
      size: own,
      resize: Math.round(own * IMAGENET_RESIZE),
      interpolation: 'bilinear',
      by: 'torchvision and timm',
    };
  const [stats, by] = has('.residual_function.')
    ? [PYTORCH_CIFAR100, 'pytorch-cifar100']
    : has('.shortcut.')
      ? [PYTORCH_CIFAR, 'pytorch-cifar']
      : [CIFAR10_NORMALIZATION, "CIFAR-10's own mean and deviation"];
  return { normalization: stats, size: own, resize: own, by };
}

const areThree = (values: unknown): values is number[] =>
  Array.isArray(values) && values.length === 3 && values.every((value) => typeof value === 'number' && value >= 0);
const areStats = (stats: unknown): stats is ChannelStats => {
  const { mean, std } = (stats ?? {}) as Partial<Record<keyof ChannelStats, unknown>>;
  return areThree(mean) && areThree(std) && std.every((value) => value > 0);
};
const isInterpolation = (value: unknown): value is Interpolation => value === 'bilinear' || value === 'bicubic';
const isSide = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the file carries in its metadata, as files of astrogpu do; a normalization that cannot be read is no normalization that may be passed over. */
function ofMetadata(file: string, metadata: Readonly<Record<string, string>>): Partial<Preprocessing> | undefined {
  const text = metadata.normalization ?? metadata.normalisation;
  if (text === undefined) return undefined;
  const normalization = parsed(text);
  if (!areStats(normalization))
    throw new AstroError(
      `${file}: its "normalization" is not three means and three deviations; give --mean and --std, or mend it`,
    );
  const size = (parsed(metadata.graph ?? '') as { size?: unknown } | undefined)?.size;
  const resize = parsed(metadata.resize ?? '');
  return {
    normalization,
    ...(isSide(size) && { size, resize: isSide(resize) ? resize : size }),
    interpolation: isInterpolation(metadata.interpolation) ? metadata.interpolation : undefined,
    by: 'the file says so',
  };
}

/** What timm's config.json beside the weights says. */
function ofTimm(file: string): Partial<Preprocessing> | undefined {
  const path = join(dirname(file), 'config.json');
  if (!existsSync(path)) return undefined;
  const config = parsed(readFileSync(path, 'utf8')) as { pretrained_cfg?: object } | undefined;
  const { mean, std, input_size, crop_pct, interpolation } = (config?.pretrained_cfg ?? config ?? {}) as Record<
    string,
    unknown
  >;
  if (!areStats({ mean, std })) return undefined;
  const size = Array.isArray(input_size) ? input_size.at(-1) : undefined;
  const part = typeof crop_pct === 'number' && crop_pct > 0 && crop_pct <= 1 ? crop_pct : 1;
  return {
    normalization: { mean, std } as ChannelStats,
    ...(isSide(size) && { size, resize: resizeFor(size, part) }),
    ...(isInterpolation(interpolation) && { interpolation }),
    by: `${path} says so`,
  };
}

/** As typed, else as the file has it, else as its zoo. Throws UsageError for a cut that is larger than what it is cut from. */
function preprocessing(
  { weights, model, mean, std, resize, crop }: NetworkOptions,
  { metadata, names }: { metadata: Readonly<Record<string, string>>; names: readonly string[] },
): Preprocessing {
  const zoo = ofZoo(model!, names, describeModel(model!).size);
  const own = ofMetadata(weights!, metadata) ?? ofTimm(weights!);
  const found = { ...zoo, ...own };
  const size = crop ?? found.size;
  // Another cut goes with a resize in proportion, as torchvision and timm choose theirs.
  const scaled = Math.round((size * found.resize) / found.size);
  const all = {
    size,
    resize: resize ?? Math.max(size, scaled),
    interpolation: found.interpolation,
    normalization: { mean: mean ?? found.normalization.mean, std: std ?? found.normalization.std },
  };
  if (all.resize < all.size)
    throw new UsageError(
      `--resize ${all.resize}: images of ${all.size}×${all.size} cannot be cut out of that; give a smaller --crop`,
    );
  const typed = [mean && '--mean', std && '--std', resize && '--resize', crop && '--crop'].filter(Boolean);
  return { ...all, by: [...typed, ...(typed.length < 4 ? [own ? found.by : `as ${found.by}`] : [])].join(', ') };
}

const statsText = ({ mean, std }: ChannelStats): string => {
  const three = (values: readonly number[]): string => values.map((value) => Number(value.toFixed(4))).join(', ');
  return `mean ${three(mean)}, std ${three(std)}`;
};

const inWords = ({ normalization, size, resize, interpolation, by }: Preprocessing): string => {
  const cut = resize === size ? `${size}×${size}` : `the short side to ${resize}, the middle ${size}×${size}`;
  const how = interpolation ? `, ${interpolation}` : '';
  return `weights: images of ${cut}${how}, ${statsText(normalization)} (${by})`;
};

/** How the images of weights to start from were normalized, and a line that says so. Throws AstroError for a normalization that cannot be read. */
export function waysOfWeights(
  { file, metadata, tensors }: StartingWeights,
  model: string,
): { normalization: ChannelStats; text: string } {
  const { normalization, by } = preprocessing({ weights: file, model }, { metadata, names: [...tensors.keys()] });
  return { normalization, text: `weights: ${statsText(normalization)} (${by})` };
}

/** The classes that the file names, if it is one of astrogpu's. */
function classesIn(metadata: Record<string, string>): ClassName[] | undefined {
  const names = parsed(metadata.classes ?? '');
  const areNames = Array.isArray(names) && names.length > 1 && names.every((name) => typeof name === 'string');
  return areNames ? names.map((name) => ({ folder: name, name })) : undefined;
}

/** Most classes that --classes N takes: as many as labels can hold. */
const MOST_CLASSES = 65_536;

/** Opens `--weights`, and says how their images come to them. Throws AstroError that names the file and what does not fit, UsageError for options that cannot be. */
export async function openWeights(
  options: NetworkOptions,
  gpu: () => Promise<Gpu>,
  log: (line: string) => void,
): Promise<OpenedNetwork> {
  const { classes } = options;
  const [file, name] = [options.weights!, options.model!];
  const { tensors, metadata } = readSafetensors(file);
  const number = classes !== undefined && /^\d+$/.test(classes) ? Number(classes) : undefined;
  if (number !== undefined && !(number >= 2 && number <= MOST_CLASSES))
    throw new UsageError(`--classes ${classes}: takes two classes or more, up to ${MOST_CLASSES}`);
  const labels =
    classes === undefined ? classesIn(metadata) : number === undefined ? await readClassList(classes) : undefined;
  const way = preprocessing(options, { metadata, names: [...tensors.keys()] });
  if ([...tensors.keys()].some((tensor) => tensor.startsWith('gate.')))
    throw new AstroError(`${file} has gates, so it is a network of astrogpu; name it without --weights and --model`);
  const network = createModel(name, { classes: number ?? labels?.length, size: way.size }).to(await gpu(), 0);
  const there = classesOf(network.graph);
  naming(file, () => loadNetworkWeights(network, tensors), `--model ${name} with ${there} classes`);
  const dict = await stateDict(network);
  network.release();
  log(inWords(way));
  return {
    file,
    isPublic: true,
    graph: network.graph,
    dict,
    classes: labels?.map((label) => label.name) ?? Array.from({ length: there }, (_, i) => `class ${i}`),
    labels,
    normalization: way.normalization,
    ...(way.resize !== way.size && { resize: way.resize }),
    ...(way.interpolation && { interpolation: way.interpolation }),
  };
}
