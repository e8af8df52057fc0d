// Weights from a checkpoint that need not be ours: other names for the same layers, other element types, another set of classes. What does not fit is
// listed before anything is changed.
import type { StoredTensor } from '../../io/index.ts';
import { adaptNames, classifierOf, isClassifier, type Network } from '../../models/index.ts';
import type { StateTensor } from '../../nn/index.ts';
import {
  floatsOf,
  isIgnored,
  loadStateDict,
  mismatchText,
  StateDictError,
  stateDictMismatches,
} from '../../nn/index.ts';

/** Weights that fit but for the classifier: `field` is the option that leaves it out. */
export class ClassifierError extends StateDictError {
  readonly field = 'classifier';
  /** What does not fit, without the way out. */
  readonly reason: string;
  constructor(reason: string) {
    super(`${reason}; classifier: 'skip' loads all but the classifier`);
    this.reason = reason;
  }
}

/** Whole numbers, such as counters of steps: no network here has any. */
const COUNTS = /^[IU]\d+$/;

/** A tensor that is missing beside one of the file's that may be it, of the same shape if there is one: what tells a person how the names differ. */
function pairText(
  network: Network,
  given: ReadonlyMap<string, StoredTensor>,
  names: ReadonlyMap<string, string>,
): string {
  const own = new Map([...network.arena.tensors, ...(network.bufferArena?.tensors ?? [])]);
  const missing = [...own.keys()].filter((name) => !given.has(name));
  const left = [...given.keys()].filter((name) => !own.has(name));
  if (missing.length === 0 || left.length === 0) return '';
  const alike = (a: string, b: string): number => {
    const [x, y] = [a.split('.').reverse(), b.split('.').reverse()];
    const same = x.findIndex((part, i) => part !== y[i]);
    return (
      (same < 0 ? x.length : same) + (given.get(b)!.shape.reduce((n, d) => n * d, 1) === own.get(a)!.size ? 0.5 : 0)
    );
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

/**
 * Fills a network from a file's tensors in torch layout, by its own names or those that adaptNames knows, F32, F64, F16 or BF16. Returns the file's
 * names that were skipped. Throws StateDictError that lists what is missing, left over, of another shape or no floating-point numbers, a
 * ClassifierError if that is only the classifier; the network is then as it was.
 */
export function loadNetworkWeights(
  network: Network,
  tensors: ReadonlyMap<string, StoredTensor>,
  { classifier = 'load' }: LoadOptions = {},
): { skipped: string[] } {
  const wanted = new Set([...network.namedParameters(), ...network.namedBuffers()].map(([name]) => name));
  const names = adaptNames(network, tensors.keys());
  const own = classifierOf(network.graph);
  const skips = classifier === 'skip';
  const kept = new Set(skips && own ? [`${own.layer}.weight`, `${own.layer}.bias`] : []);
  const skipped: string[] = [];
  const given = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors)
    if (kept.has(names.get(name)!) || (skips && isClassifier(name))) skipped.push(name);
    else if (!isIgnored(name) && (wanted.has(names.get(name)!) || !COUNTS.test(tensor.dtype)))
      given.set(names.get(name)!, tensor);
  const wrong = stateDictMismatches(network, given, kept);
  const dict = new Map<string, StateTensor>();
  for (const [name, tensor] of given) {
    const data = floatsOf(tensor);
    if (data) dict.set(name, { shape: tensor.shape, data });
    else if (wanted.has(name)) wrong.push(`${name} is ${tensor.dtype}, weights are F32, F64, F16 or BF16`);
  }
  if (wrong.length > 0) {
    const others = wrong.filter((phrase) => !isClassifier(phrase.slice(0, phrase.indexOf(' '))));
    throw others.length > 0
      ? new StateDictError(`${mismatchText(wrong)}${pairText(network, given, names)}`)
      : new ClassifierError(mismatchText(wrong));
  }
  loadStateDict(network, dict, kept);
  return { skipped };
}
