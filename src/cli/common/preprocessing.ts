// How images come to public weights: pixels, cut and normalization. What the file says, or one that its makers put beside it, goes before what its zoo usually
// does, and what was typed before both; which it was is said, since weights under another normalization are worse without a word.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type ChannelStats,
  CIFAR10_NORMALIZATION,
  type Interpolation,
  NORMALIZATIONS,
  resizeFor,
} from '../../data/index.ts';
import { AstroError, isRecord } from '../../gpu/index.ts';
import { describeModel } from '../../models/index.ts';
import { UsageError } from './options.ts';

/** Of a command line: what the weights are of, and what was typed of how their images come to them. */
interface Typed {
  model?: string;
  mean?: readonly number[];
  std?: readonly number[];
  resize?: number;
  crop?: number;
}

/** What is known of a file of weights. */
export interface WeightFacts {
  /** One of the files, beside which their makers may have put another. */
  file: string;
  metadata: Readonly<Record<string, string>>;
  names: readonly string[];
}

/** How images come to a network: the short side to `resize`, the middle `size` × `size` cut out, then normalized. */
export interface Preprocessing {
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
function ofZoo(model: string, names: readonly string[]): Preprocessing {
  const own = describeModel(model).size;
  const has = (part: string): boolean => names.some((name) => name.includes(part));
  const normalization = NORMALIZATIONS.imagenet;
  // Google's vision transformers, as Inception before them.
  if (has('embeddings.patch_embeddings.'))
    return {
      normalization: NORMALIZATIONS.inception,
      size: own,
      resize: own,
      interpolation: 'bilinear',
      by: "Hugging Face's ViT",
    };
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

/** The content of a JSON file beside the weights, if there is one. */
function beside(file: string, name: string): { path: string; fields: Record<string, unknown> } | undefined {
  const path = join(dirname(file), name);
  const fields = existsSync(path) ? parsed(readFileSync(path, 'utf8')) : undefined;
  return isRecord(fields) ? { path, fields } : undefined;
}

/** What timm's config.json beside the weights says. */
function ofTimm(file: string): Partial<Preprocessing> | undefined {
  const config = beside(file, 'config.json');
  if (!config) return undefined;
  const { pretrained_cfg: own } = config.fields;
  const { mean, std, input_size, crop_pct, interpolation } = isRecord(own) ? own : config.fields;
  if (!areStats({ mean, std })) return undefined;
  const size = Array.isArray(input_size) ? input_size.at(-1) : undefined;
  const part = typeof crop_pct === 'number' && crop_pct > 0 && crop_pct <= 1 ? crop_pct : 1;
  return {
    normalization: { mean, std } as ChannelStats,
    ...(isSide(size) && { size, resize: resizeFor(size, part) }),
    ...(isInterpolation(interpolation) && { interpolation }),
    by: `${config.path} says so`,
  };
}

/** Pillow's numbers of its filters. */
const PILLOW: Readonly<Record<number, Interpolation>> = { 2: 'bilinear', 3: 'bicubic' };

/** What Hugging Face's preprocessor_config.json beside the weights says. */
function ofHuggingFace(file: string): Partial<Preprocessing> | undefined {
  const config = beside(file, 'preprocessor_config.json');
  if (!config) return undefined;
  const { image_mean: mean, image_std: std, size: whole, crop_size: cut, resample } = config.fields;
  const interpolation = PILLOW[Number(resample)];
  if (!areStats({ mean, std })) return undefined;
  const side = (value: unknown): unknown => (isRecord(value) ? (value.height ?? value.shortest_edge) : value);
  const size = isSide(side(cut)) ? side(cut) : side(whole);
  const resize = side(whole);
  return {
    normalization: { mean, std } as ChannelStats,
    ...(isSide(size) && { size, resize: isSide(resize) && resize > size ? resize : size }),
    ...(interpolation && { interpolation }),
    by: `${config.path} says so`,
  };
}

/** As typed, else as the file has it, or one beside it, else as its zoo. Throws UsageError for a cut that is larger than what it is cut from, AstroError for what cannot be read. */
export function preprocessing(
  { model, mean, std, resize, crop }: Typed,
  { file, metadata, names }: WeightFacts,
): Preprocessing {
  const zoo = ofZoo(model!, names);
  const own = ofMetadata(file, metadata) ?? ofTimm(file) ?? ofHuggingFace(file);
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

/** A normalization in words. */
export const statsText = ({ mean, std }: ChannelStats): string => {
  const three = (values: readonly number[]): string => values.map((value) => Number(value.toFixed(4))).join(', ');
  return `mean ${three(mean)}, std ${three(std)}`;
};

/** The line that says it. */
export const inWords = ({ normalization, size, resize, interpolation, by }: Preprocessing): string => {
  const cut = resize === size ? `${size}×${size}` : `the short side to ${resize}, the middle ${size}×${size}`;
  const how = interpolation ? `, ${interpolation}` : '';
  return `weights: images of ${cut}${how}, ${statsText(normalization)} (${by})`;
};
