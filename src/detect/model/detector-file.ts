// A detector in a file: values by its names, and in the metadata what it is made of, what it finds, and how images come to it, so that a file is all that its use takes.
import * as v from 'valibot';
import type { ChannelStats, CocoId } from '../../data/index.ts';
import { AstroError, checked, parseJson } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from '../../io/index.ts';
import type { StateTensor } from '../../nn/index.ts';
import { type StateDict, StateDictError, stateDict, stateDictMismatches } from '../../nn/index.ts';
import { DetectError } from '../errors.ts';
import { BoxInst } from './box-inst.ts';

/** What a class is called, and by what number a data set knows it: COCO's have gaps. */
export interface Category {
  id: CocoId;
  name: string;
}

/** How images come to a detector. */
export interface DetectorPreprocessing {
  /** Of pixels from 0 to 1. */
  normalization: ChannelStats;
  /** What the short side becomes, in pixels, unless the long one would then be longer than `longSide`. */
  shortSide: number;
  longSide: number;
  /** Padded sides are multiples of it, itself a multiple of 32. Default 32. */
  padTo?: number | undefined;
}

/** What a detector finds, and in what. */
export interface DetectorUse {
  /** In the order of its logits. */
  categories: readonly Category[];
  preprocessing: DetectorPreprocessing;
}

/** A detector as its file has it. */
export interface LoadedDetector extends DetectorUse {
  /** Without memory yet: `detector.to(gpu)`, then `detector.loadStateDict(dict)`. */
  detector: BoxInst;
  /** In torch layout. */
  dict: Map<string, StateTensor>;
}

/** The kind of detector, as metadata has it. */
const KIND = 'BoxInst';

/**
 * Writes a detector, which has memory, or the state dict of one (an average of its weights, say), whole or not at all. Throws CheckpointError, and DetectError for other
 * categories than it has classes.
 */
export async function saveDetector(
  path: string,
  detector: BoxInst,
  { categories, preprocessing, dict }: DetectorUse & { dict?: StateDict },
): Promise<void> {
  const { classes } = detector.config;
  if (categories.length !== classes)
    throw new DetectError(`${categories.length} categories were given for a detector of ${classes} classes`);
  const values = dict ?? (await stateDict(detector));
  const entries = values instanceof Map ? [...(values as ReadonlyMap<string, StateTensor>)] : Object.entries(values);
  writeSafetensors(
    path,
    new Map(entries.map(([name, { shape, data }]): [string, StoredTensor] => [name, { dtype: 'F32', shape, data }])),
    {
      detector: KIND,
      configuration: JSON.stringify(detector.describe()),
      categories: JSON.stringify(categories),
      preprocessing: JSON.stringify(preprocessing),
    },
  );
}

const finite = v.pipe(v.number(), v.finite('a finite number'));
const positive = v.pipe(
  finite,
  v.check((value) => value > 0, 'a number above 0'),
);
const three = <S extends v.GenericSchema>(number: S) => v.pipe(v.array(number), v.length(3, 'a list of three numbers'));
const side = v.pipe(
  v.number(),
  v.check((value) => Number.isInteger(value) && value >= 1, 'a whole number from 1'),
);

const CATEGORIES = v.array(
  v.object({
    id: v.union([v.pipe(v.number(), v.safeInteger()), v.string()], 'a whole number or a text'),
    name: v.string(),
  }),
);
const PREPROCESSING = v.object({
  normalization: v.object({ mean: three(finite), std: three(positive) }),
  shortSide: side,
  longSide: side,
  padTo: v.optional(side),
});

/**
 * Reads a detector that saveDetector() wrote, without memory on a GPU. Throws CheckpointError for another kind of file, and names the place in its metadata that is of another type,
 * or the tensors that do not fit.
 */
export function loadDetector(path: string): LoadedDetector {
  const { tensors, metadata } = readSafetensors(path);
  if (metadata.detector === undefined) throw new CheckpointError(path, otherKind(metadata));
  if (metadata.detector !== KIND)
    throw new CheckpointError(path, `this is a detector of the kind "${metadata.detector}"; ${KIND} is known here`);
  const refuse = (key: string) => (reason: string) =>
    new CheckpointError(path, `its "${key}" is no detector's (${reason})`);
  const value = <S extends v.GenericSchema>(key: string, schema: S): v.InferOutput<S> =>
    checked(schema, parseJson(metadata[key] ?? '', refuse(key)), refuse(key));
  const detector = detectorOf(value('configuration', v.looseObject({})), refuse('configuration'));
  const categories = value('categories', CATEGORIES);
  if (categories.length !== detector.config.classes)
    throw refuse('categories')(
      `there are ${categories.length}, and the detector has ${detector.config.classes} classes`,
    );
  const dict = new Map<string, StateTensor>();
  for (const [name, { dtype, shape, data }] of tensors) {
    if (dtype !== 'F32') throw new CheckpointError(path, `tensor "${name}" is ${dtype}, a detector's are F32`);
    dict.set(name, { shape, data: data as Float32Array });
  }
  const wrong = stateDictMismatches(new Map([...detector.namedParameters(), ...detector.namedBuffers()]), dict);
  if (wrong.length > 0) {
    const { message, details } = StateDictError.of(wrong);
    throw new CheckpointError(path, message).listing(details);
  }
  return { detector, dict, categories, preprocessing: value('preprocessing', PREPROCESSING) };
}

function detectorOf(description: unknown, refuse: (reason: string) => Error): BoxInst {
  try {
    return BoxInst.of(description);
  } catch (error) {
    throw error instanceof AstroError ? refuse(error.message) : error;
  }
}

function otherKind(metadata: Readonly<Record<string, string>>): string {
  if (metadata.format?.startsWith('astrogpu checkpoint'))
    return "this is a run's checkpoint; name a detector beside it";
  if (metadata.graph !== undefined)
    return `this is a network that tells classes apart (${metadata.model}), no detector; one can be trained on it as its backbone`;
  return 'this is no detector of astrogpu; published weights go by publishedWeights()';
}
