// Public weights: a checkpoint under torch's names, in one file or several, as a network that commands work on.
import { type ChannelStats, type ClassName, readClassList } from '../../data/index.ts';
import { AstroError, ConfigError } from '../../gpu/index.ts';
import { readWeights } from '../../io/index.ts';
import { classesOf, createModel } from '../../models/index.ts';
import {
  fitWeights,
  JOB_OPTIONS,
  type LoadedWeights,
  option,
  optionAs,
  type Reader,
  read,
  type StartingWeights,
} from '../../train/index.ts';
import { naming } from './naming.ts';
import type { OpenedNetwork } from './network.ts';
import { UsageError } from './options.ts';
import { inWords, preprocessing, statsText } from './preprocessing.ts';

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
    help: "a public checkpoint in safetensors under torch's names, or the folder or index of its parts, in place of a network's file",
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

/** How the images of weights to start from were normalized, and a line that says so. Throws AstroError for a normalization that cannot be read. */
export function waysOfWeights(
  { files: [file], metadata, tensors }: StartingWeights,
  model: string,
): { normalization: ChannelStats; text: string } {
  const { normalization, by } = preprocessing({ model }, { file, metadata, names: [...tensors.keys()] });
  return { normalization, text: `weights: ${statsText(normalization)} (${by})` };
}

/** A line for the places of tokens that were interpolated. */
export const resizedLines = ({ resized }: LoadedWeights): string[] =>
  resized.map(
    ({ name, from, to }) => `weights: ${name} interpolated from ${from.join('×')} to ${to.join('×')} patches (bicubic)`,
  );

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};

/** The classes that the file names, if it is one of astrogpu's. */
function classesIn(metadata: Record<string, string>): ClassName[] | undefined {
  const names = parsed(metadata.classes);
  const areNames = Array.isArray(names) && names.length > 1 && names.every((name) => typeof name === 'string');
  return areNames ? names.map((name) => ({ folder: name, name })) : undefined;
}

/** Most classes that --classes N takes: as many as labels can hold. */
const MOST_CLASSES = 65_536;

/** Opens `--weights`, and says how their images come to them. Throws AstroError that names the file and what does not fit, UsageError for options that cannot be. */
export async function openWeights(options: NetworkOptions, log: (line: string) => void): Promise<OpenedNetwork> {
  const { classes } = options;
  const [file, name] = [options.weights!, options.model!];
  const { tensors, metadata, files } = readWeights(file);
  const number = classes !== undefined && /^\d+$/.test(classes) ? Number(classes) : undefined;
  if (number !== undefined && !(number >= 2 && number <= MOST_CLASSES))
    throw new UsageError(`--classes ${classes}: takes two classes or more, up to ${MOST_CLASSES}`);
  const labels =
    classes === undefined ? classesIn(metadata) : number === undefined ? await readClassList(classes) : undefined;
  const way = preprocessing(options, { file: files[0], metadata, names: [...tensors.keys()] });
  if ([...tensors.keys()].some((tensor) => tensor.startsWith('gate.')))
    throw new AstroError(`${file} has gates, so it is a network of astrogpu; name it without --weights and --model`);
  const network = createModel(name, { classes: number ?? labels?.length, size: way.size });
  const there = classesOf(network.graph);
  const fitted = naming(file, () => fitWeights(network, tensors), `--model ${name} with ${there} classes`);
  log(inWords(way));
  for (const line of resizedLines(fitted)) log(line);
  return {
    file,
    isPublic: true,
    graph: network.graph,
    dict: fitted.dict,
    classes: labels?.map((label) => label.name) ?? Array.from({ length: there }, (_, i) => `class ${i}`),
    labels,
    normalization: way.normalization,
    ...(way.resize !== way.size && { resize: way.resize }),
    ...(way.interpolation && { interpolation: way.interpolation }),
  };
}
