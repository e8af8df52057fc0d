// Other people's names: public checkpoints of the same networks, from torchvision and timm to the common CIFAR repositories, call the same layers otherwise.
// Only names are told apart here, so what lays channels out in another order (kuangliu's DenseNet puts new channels first) has no rule and stays a stranger.
import { classifierOf } from '../graph/graph.ts';
import type { Network } from '../network.ts';
import { CNN_RULES } from './cnn.ts';
import { partOf } from './parts.ts';
import { ruled } from './rule.ts';
import { isRepresentation, VIT_RULES } from './vit.ts';

/** Wrappers put these before every name: data parallelism, torch.compile, and trainers that keep the network in a field. */
const WRAPPER = /^(?:module|_orig_mod|model|net)\./;
/** What the linear layer that gives the logits is called. A number after it is its place in a sequence. */
const CLASSIFIER = /^(?:fc|linear|classifier|last_linear|head(?:\.fc)?|heads\.head)\.(?:\d+\.)?(?=\w+$)/;

const RULES = [...CNN_RULES, ...VIT_RULES];

function unwrapped(name: string): string {
  let bare = name;
  while (WRAPPER.test(bare)) bare = bare.replace(WRAPPER, '');
  return bare;
}

/** Whether a name, the network's own or a stranger's, is of the head: the classifier's weight or bias, or what some transformers have before it. */
export const isClassifier = (name: string): boolean => CLASSIFIER.test(unwrapped(name)) || isRepresentation(name);

/** How many first parts of their names all of a checkpoint's tensors share: `backbone.` before everything. */
function sharedParts(names: readonly string[]): number {
  const [first = [], ...others] = names.map((name) => name.split('.').slice(0, -1));
  const differs = first.findIndex((part, i) => others.some((parts) => parts[i] !== part));
  return differs < 0 ? first.length : differs;
}

/**
 * The network's name for each name of a checkpoint, where one is known, or the name of a part of one of its tensors; any other name stays as it is. Names that are the network's own come first: no second
 * name gets to stand for the same tensor. What all names share at their beginning is left out where more of them are known without it.
 */
export function adaptNames(network: Network, names: Iterable<string>): Map<string, string> {
  const own = new Set([...network.namedParameters(), ...network.namedBuffers()].map(([name]) => name));
  const classifier = classifierOf(network.graph)?.layer;
  const all = [...names];
  const known = (adapted: ReadonlyMap<string, string>): number =>
    [...adapted.values()].filter((name) => own.has(name) || isPart(name, own)).length;
  const counted = all.filter((name) => name.includes('.'));
  let best = adapt(all, 0, own, classifier);
  for (let parts = 1; parts <= sharedParts(counted); parts++) {
    const shorter = adapt(all, parts, own, classifier);
    if (known(shorter) > known(best)) best = shorter;
  }
  return best;
}

/** Is it a part of a tensor that the network has whole? joinParts() puts them together. */
const isPart = (name: string, own: ReadonlySet<string>): boolean => own.has(partOf(name)?.whole ?? '');

function adapt(
  all: readonly string[],
  parts: number,
  own: ReadonlySet<string>,
  classifier: string | undefined,
): Map<string, string> {
  const taken = new Set(all.filter((name) => own.has(name)));
  const adapted = new Map<string, string>();
  for (const name of all) {
    let found = unwrapped(
      name
        .split('.')
        .slice(name.includes('.') ? parts : 0)
        .join('.'),
    );
    found = ruled(found, RULES);
    if (classifier) found = found.replace(CLASSIFIER, `${classifier}.`);
    const known = !own.has(name) && (own.has(found) || isPart(found, own)) && !taken.has(found);
    if (known) taken.add(found);
    adapted.set(name, known ? found : name);
  }
  return adapted;
}
