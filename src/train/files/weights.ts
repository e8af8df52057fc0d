// Weights from a checkpoint that need not be ours: other names for the same layers, other element types, another set of classes. What does not fit is
// listed before anything is changed.
import type { StoredTensor } from '../../io/index.ts';
import {
  adaptNames,
  classifierOf,
  isClassifier,
  isDistilled,
  isRepresentation,
  joinParts,
  type Network,
  placesOf,
  resizePositions,
} from '../../models/index.ts';
import type { StateTensor, Stored } from '../../nn/index.ts';
import {
  floatsOf,
  isIgnored,
  loadStateDict,
  mismatchText,
  StateDictError,
  stateDictMismatches,
} from '../../nn/index.ts';
import { count } from '../../tensor/index.ts';

/** Weights that fit but for the head: `field` is the option that leaves it out. */
export class ClassifierError extends StateDictError {
  /** The option that leaves the head out. */
  readonly field = 'classifier';
  /** What does not fit, without the way out. */
  readonly reason: string;
  /** Whether the number of classes may be all that is wrong. */
  readonly byCount: boolean;
  constructor(reason: string, byCount = true) {
    super(`${reason}; classifier: 'skip' loads all but the classifier`);
    this.reason = reason;
    this.byCount = byCount;
  }
}

/** Whole numbers, such as counters of steps: no network here has any. */
const COUNTS = /^[IU]\d+$/;

/** A tensor that is missing beside one of the file's that may be it, of the same shape if there is one: what tells a person how the names differ. */
function pairText(
  own: ReadonlyMap<string, Stored>,
  given: ReadonlyMap<string, StoredTensor>,
  names: ReadonlyMap<string, string>,
): string {
  const missing = [...own.keys()].filter((name) => !given.has(name));
  const left = [...given.keys()].filter((name) => !own.has(name));
  if (missing.length === 0 || left.length === 0) return '';
  const alike = (a: string, b: string): number => {
    const [x, y] = [a.split('.').reverse(), b.split('.').reverse()];
    const same = x.findIndex((part, i) => part !== y[i]);
    return (same < 0 ? x.length : same) + (count(given.get(b)!.shape) === count(own.get(a)!.shape) ? 0.5 : 0);
  };
  const pairs = missing.map((name) => {
    const theirs = left.reduce((best, other) => (alike(name, other) > alike(name, best) ? other : best));
    return { name, theirs, score: alike(name, theirs) };
  });
  const { name, theirs, score } = pairs.reduce((best, pair) => (pair.score > best.score ? pair : best));
  if (score === 0) return '';
  const typed = [...names].find(([, adapted]) => adapted === theirs)?.[0] ?? theirs;
  return `; a pair of names: "${name}" of the network, "${typed}" of the file`;
}

/** What is loaded of a file. */
export interface LoadOptions {
  /** `skip` leaves the layer that gives the logits as it is, if there is one, and the file's aside: for training on other classes. Default: load. */
  classifier?: 'load' | 'skip';
}

/** What was done with a file. */
export interface LoadedWeights {
  /** The file's names of what was left out with the head. */
  skipped: string[];
  /** Places of tokens that were for images of another size. */
  resized: { name: string; from: readonly number[]; to: readonly number[] }[];
}

/** A file's tensors as a network's state dict; names in `kept` are left as the network has them. */
export interface FittedWeights extends LoadedWeights {
  dict: Map<string, StateTensor>;
  kept: ReadonlySet<string>;
}

/**
 * Fills a network from a file's tensors in torch layout, by its own names or those that adaptNames knows, F32, F64, F16 or BF16. Queries, keys and values that are apart
 * are put together, and places of tokens are interpolated where the images are of another size. Throws StateDictError that lists what is missing, left over, of another shape or no
 * floating-point numbers, a ClassifierError if that is only the head; the network is then as it was.
 */
export function loadNetworkWeights(
  network: Network,
  tensors: ReadonlyMap<string, StoredTensor>,
  options: LoadOptions = {},
): LoadedWeights {
  const { dict, kept, skipped, resized } = fitWeights(network, tensors, options);
  loadStateDict(network, dict, kept);
  return { skipped, resized };
}

/** What loadNetworkWeights() would fill a network with, which needs no memory for it. Throws as that does. */
export function fitWeights(
  network: Network,
  tensors: ReadonlyMap<string, StoredTensor>,
  { classifier = 'load' }: LoadOptions = {},
): FittedWeights {
  const wanted = new Map([...network.namedParameters(), ...network.namedBuffers()]);
  const names = adaptNames(network, tensors.keys());
  const own = classifierOf(network.graph);
  const skips = classifier === 'skip';
  refuseOtherKinds(
    [...names.values()].filter((name) => !wanted.has(name)),
    skips,
  );
  const kept = new Set(skips && own ? [`${own.layer}.weight`, `${own.layer}.bias`] : []);
  const skipped: string[] = [];
  const found = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors)
    if (kept.has(names.get(name)!) || (skips && isClassifier(name))) skipped.push(name);
    else if (!isIgnored(name) && (wanted.has(names.get(name)!) || !COUNTS.test(tensor.dtype)))
      found.set(names.get(name)!, tensor);
  const given = joinParts(found, wanted);
  const resized = fitPlaces(network, wanted, given);
  const wrong = stateDictMismatches(wanted, given, kept);
  const dict = new Map<string, StateTensor>();
  for (const [name, tensor] of given) {
    const data = floatsOf(tensor);
    if (data) dict.set(name, { shape: tensor.shape, data });
    else if (wanted.has(name)) wrong.push(`${name} is ${tensor.dtype}, weights are F32, F64, F16 or BF16`);
  }
  if (wrong.length > 0) {
    const others = wrong.filter((phrase) => !isClassifier(phrase.slice(0, phrase.indexOf(' '))));
    throw others.length > 0
      ? StateDictError.of(wrong, pairText(wanted, given, names))
      : new ClassifierError(mismatchText(wrong));
  }
  return { dict, kept, skipped, resized };
}

/** Throws for what has a sentence of its own: other networks whose tensors mostly fit. */
function refuseOtherKinds(strangers: readonly string[], skips: boolean): void {
  const distilled = strangers.find(isDistilled);
  if (distilled !== undefined)
    throw new StateDictError(
      `${distilled}: this is a distilled transformer, with a second token for its teacher, which no network here has; take weights of the plain one of the same size`,
    );
  const representation = skips ? undefined : strangers.find(isRepresentation);
  if (representation !== undefined)
    throw new ClassifierError(
      `${representation}: this transformer has a representation layer before its head, which no network here has`,
      false,
    );
}

/** Puts places for the network's grid where the file's are for another one. */
function fitPlaces(
  network: Network,
  wanted: ReadonlyMap<string, Stored>,
  given: Map<string, StoredTensor>,
): LoadedWeights['resized'] {
  const resized: LoadedWeights['resized'] = [];
  for (const places of placesOf(network.graph)) {
    const { name, front, grid } = places;
    const stored = given.get(name);
    const data = stored && floatsOf(stored);
    const own = wanted.get(name)!.shape;
    // Of another width the file is another network's, and listed as such.
    if (
      !data ||
      stored.shape.length !== 3 ||
      stored.shape[2] !== own[2] ||
      stored.shape[1] === front + grid[0] * grid[1]
    )
      continue;
    const fitted = resizePositions({ shape: stored.shape, data }, places);
    given.set(name, { dtype: 'F32', shape: [...fitted.shape], data: fitted.data });
    resized.push({ name, from: fitted.from, to: grid });
  }
  return resized;
}
