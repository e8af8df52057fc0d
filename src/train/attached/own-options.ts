// What the owner of a module says to its astrocyte, looked through before anything is made: a name or a word that is none would count for nothing, and the default
// be taken without a word.
import { needFields, needOptions } from '../../gpu/index.ts';
import { JOB_OPTIONS } from '../options/table.ts';
import type { AttachOptions, FinishOptions } from './attached-astrocyte.ts';
import type { OwnGuide } from './guide-own.ts';
import type { OwnTraining } from './own-task.ts';
import type { OwnSearch } from './search-own.ts';

type Names<T> = Record<keyof T, true>;

const ATTACH = Object.keys({
  ...{ gates: true, gated: true, group: true, include: true, exclude: true, graph: true, sample: true, seed: true },
  ...{ network: true, activation: true, shift: true, temperature: true, logitSkipScale: true, zeroInit: true },
  ...{ T: true, mode: true, feature: true, absolute: true, input: true, norm: true, backpropThroughGates: true },
  anLr: true,
} satisfies Names<AttachOptions>);

/** Of search() and guide(), which often have one object of settings between them. */
const TRAINING = Object.keys({
  ...{ train: true, heldOut: true, loss: true, steps: true, epochs: true, every: true, onProgress: true },
  ...{ lr: true, warmup: true, momentum: true, weightDecay: true, optimizer: true },
  ...{ lambda: true, sparsityWeight: true, updates: true },
  ...{ fresh: true, guideEvery: true, settle: true, threshold: true, keep: true },
  ...{ targetParams: true, targetFlops: true, fall: true, ranking: true, gateValues: true },
} satisfies Names<OwnSearch<unknown> & OwnGuide<unknown>>);

const FINISH = Object.keys({
  ...{ keep: true, threshold: true, train: true, loss: true },
} satisfies Names<FinishOptions<unknown>>);

/** Options that take one of some words, with the main job's that says which. */
const WORDS = {
  gates: 'gate',
  gated: 'gated',
  mode: 'mode',
  feature: 'g',
  input: 'input',
  norm: 'norm',
  activation: 'u',
} as const satisfies Partial<Record<keyof AttachOptions, keyof typeof JOB_OPTIONS>>;

/** Throws ArgumentError for an option that there is not, ConfigError for a word that an option does not take. */
export function checkAttach(options: AttachOptions): void {
  needOptions('attachAstrocyte', options, ATTACH);
  for (const [field, row] of Object.entries(WORDS)) {
    const value = options[field as keyof typeof WORDS];
    if (value !== undefined) JOB_OPTIONS[row].read?.(String(value), field);
  }
}

/** Throws ArgumentError for an option that there is not, and where batches or a loss are missing. */
export function checkTraining<B>(of: 'search' | 'guide', options: OwnTraining<B>): void {
  needOptions(of, options, TRAINING);
  needFields(of, 'options', options, { train: 'an object', loss: 'a function' });
  if (of === 'search') needFields(of, 'options', options, { heldOut: 'an object' });
}

/** Throws ArgumentError for an option that there is not. */
export const checkFinish = <B>(options: FinishOptions<B>): void => needOptions('finish', options, FINISH);
