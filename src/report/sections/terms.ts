// What the words of a report mean, a line each, and only those that it uses.
import type { RunReport } from '../types.ts';

const ARMS: Record<string, string> = {
  'plain NN': 'The task network alone, trained as usual.',
  'random AN':
    'The task network under the gates of an astrocyte that was never trained: what gates do without learning.',
  'untrained AN':
    'The task network under the gates of the trained AN before its training. Its last layer is zero then, so that nothing of it is random: each gate is as its feature has it.',
  'trained AN': 'The task network under the gates of the astrocyte that the search trained: the method itself.',
  'largest weights':
    'The task network without an astrocyte: the connections of the smallest weights are cut, by the same schedule and to the same part. The rule that an astrocyte has to beat.',
  'paper AN':
    "The same as the paper has it: its readings in place of this project's own, and an astrocyte from a search of its own.",
  'narrower NN':
    'A plain network made uniformly narrower, to about as many parameters as the arm with gates before it has left (kept ones; under gates of filters or channels structural ones): the simple way to be as small.',
};

/** Terms with their meaning, in the order in which a reader meets them. */
export function terms({ arms, series, gateMaps, regulation }: RunReport): [string, string][] {
  const gated = gateMaps.length > 0 || arms.some(({ compact }) => compact);
  const phases = new Set(series.map(({ phase }) => phase));
  const when = (holds: boolean, name: string, meaning: string): [string, string][] => (holds ? [[name, meaning]] : []);
  return [
    ...arms.flatMap(({ arm }) => when(Object.hasOwn(ARMS, arm), arm, ARMS[arm]!)),
    ...when(
      arms.length > 0,
      'test accuracy',
      'The share of test images, none of which was trained on, whose class the network names first.',
    ),
    ...when(
      gated,
      'AN, astrocyte',
      'The small network that looks at the weights of the task network (NN) and gives each gate its probability P.',
    ),
    ...when(gated, 'gate', 'A number by which connections, filters or channels are multiplied; at 0 they are cut off.'),
    ...when(arms.length > 0, 'parameters kept', 'Weights whose gate is not 0, and all parameters that have no gate.'),
    ...when(
      arms.length > 0,
      'structural',
      'Parameters left once channels that nothing feeds or reads are taken out: what a dense network has to store.',
    ),
    ...when(
      arms.some(({ compact }) => compact),
      'compacted',
      'The smaller dense network that is left then. It computes the same as the network under its gates.',
    ),
    ...when(
      arms.length > 0,
      'NN updates',
      "Steps of the task network's optimizer, of one mini-batch each; all arms have the same number.",
    ),
    ...when(
      phases.has('search'),
      'search',
      'The phase that trains the astrocyte: network and astrocyte learn in turn, the astrocyte on held-out images.',
    ),
    ...when(
      phases.has('guide'),
      'guide',
      'The phase that trains the network of each arm anew, under a frozen astrocyte or under none; in its last part the gates are cut and stay.',
    ),
    ...when(
      series.length > 0,
      'loss',
      'What training makes small: how wrong the predicted probabilities are. Giving all of n classes the same has ln n: 2.30 for ten.',
    ),
    ...when(
      regulation.length > 0,
      'iteration t, e',
      'The gates are refined in T iterations, each from the weights as gated so far; eᵗ is how far they moved in iteration t.',
    ),
    ...when(gated, 'sparsity', 'The share of gates that are cut, or would be if they were cut now.'),
    ...when(
      arms.some(({ compact }) => compact),
      'FLOP',
      'A floating-point operation. A multiplication with its addition counts as two (one MAC).',
    ),
  ];
}
