// Other people's names: public checkpoints of the same networks, from torchvision and timm to the common CIFAR repositories, call the same layers otherwise.
// Only names are told apart here, so what lays channels out in another order (kuangliu's DenseNet puts new channels first) has no rule and stays a stranger.
import { classifierOf } from './graph/graph.ts';
import type { Network } from './network.ts';

/** Wrappers put these before every name: data parallelism, torch.compile, and trainers that keep the network in a field. */
const WRAPPER = /^(?:module|_orig_mod|model|net)\./;
/** What the linear layer that gives the logits is called. A number after it is its place in a sequence. */
const CLASSIFIER = /^(?:fc|linear|classifier|last_linear|head(?:\.fc)?)\.(?:\d+\.)?(?=\w+$)/;

const RULES: readonly [pattern: RegExp, name: string | ((...groups: string[]) => string)][] = [
  // pytorch-cifar's blocks and many after it.
  [/\.shortcut\.(?=\d)/, '.downsample.'],
  // torchvision's DenseNets before names could have no dots.
  [/(\.denselayer\d+\.(?:norm|conv))\.(?=\d)/, '$1'],
  // efficient_densenet_pytorch.
  [/^features\.norm_final\./, 'features.norm5.'],
  // pytorch-cifar100's ResNets: sequences in place of names.
  [/^conv1\.0\./, 'conv1.'],
  [/^conv1\.1\./, 'bn1.'],
  [/^conv([2-5])_x\./, (_, stage) => `layer${Number(stage) - 1}.`],
  [
    /\.residual_function\.(\d)\./,
    (_, place) => `.${Number(place) % 3 === 0 ? 'conv' : 'bn'}${Math.floor(Number(place) / 3) + 1}.`,
  ],
];

function unwrapped(name: string): string {
  let bare = name;
  while (WRAPPER.test(bare)) bare = bare.replace(WRAPPER, '');
  return bare;
}

/** Whether a name, the network's own or a stranger's, is that of a classifier's weight or bias. */
export const isClassifier = (name: string): boolean => CLASSIFIER.test(unwrapped(name));

/** How many first parts of their names all of a checkpoint's tensors share: `backbone.` before everything. */
function sharedParts(names: readonly string[]): number {
  const [first = [], ...others] = names.map((name) => name.split('.').slice(0, -1));
  const differs = first.findIndex((part, i) => others.some((parts) => parts[i] !== part));
  return differs < 0 ? first.length : differs;
}

/**
 * The network's name for each name of a checkpoint, where one is known; any other name stays as it is. Names that are the network's own come first: no second
 * name gets to stand for the same tensor. What all names share at their beginning is left out where more of them are known without it.
 */
export function adaptNames(network: Network, names: Iterable<string>): Map<string, string> {
  const own = new Set([...network.namedParameters(), ...network.namedBuffers()].map(([name]) => name));
  const classifier = classifierOf(network.graph)?.layer;
  const all = [...names];
  const known = (adapted: ReadonlyMap<string, string>): number =>
    [...adapted.values()].filter((name) => own.has(name)).length;
  const counted = all.filter((name) => name.includes('.'));
  let best = adapt(all, 0, own, classifier);
  for (let parts = 1; parts <= sharedParts(counted); parts++) {
    const shorter = adapt(all, parts, own, classifier);
    if (known(shorter) > known(best)) best = shorter;
  }
  return best;
}

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
    for (const [pattern, replacement] of RULES) found = found.replace(pattern, replacement as string);
    if (classifier) found = found.replace(CLASSIFIER, `${classifier}.`);
    const known = !own.has(name) && own.has(found) && !taken.has(found);
    if (known) taken.add(found);
    adapted.set(name, known ? found : name);
  }
  return adapted;
}
