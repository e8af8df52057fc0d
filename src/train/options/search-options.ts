// The options of the main job about the search. Rows of the table of options (table.ts).
import { option, toggle } from './option.ts';
import * as read from './read.ts';

/** How an astrocyte is searched for. */
export const SEARCH_OPTIONS = {
  searchEpochs: option({
    group: 'search',
    value: 'N',
    read: read.whole(),
    help: 'epochs of the search, which trains the astrocyte beside a task network',
    default: 15,
    softwareDefault: 1,
  }),
  heldOut: option({
    group: 'search',
    value: 'X',
    read: read.number(0, 1, { without: 'both' }),
    help: 'part of the training images that the astrocyte learns on, and the network does not',
    default: 0.2,
  }),
  anLr: option({
    group: 'search',
    value: 'X',
    read: read.number(0, 100, { without: 'low' }),
    help: "learning rate of the astrocyte's Adam",
    default: 1e-3,
  }),
  lambda: option({
    group: 'search',
    value: 'X',
    read: read.number(0, 1e6),
    help: "weight of |eᵗ − eᵗ⁻¹| in the astrocyte's loss",
    default: 1e-3,
  }),
  sparsityWeight: option({
    group: 'search',
    value: 'X',
    read: read.number(-1e6, 1e6),
    help: "weight of the mean of P in the astrocyte's loss",
    default: 0,
    was: 'budget',
    beyond: (weight) => (weight === 0 ? undefined : `a weight of ${weight} on the mean of P`),
  }),
  alternate: option({
    group: 'search',
    value: 'HOW',
    read: read.oneOf(['iteration', 'epoch']),
    help: 'network and astrocyte are updated in turn by',
    default: 'iteration',
  }),
  updates: option({
    group: 'search',
    value: 'WHICH',
    read: read.oneOf(['each', 'last']),
    help: 'iterations of the regulation that update: each of 1 to T, or T alone',
    default: 'each',
  }),
  backpropThroughGates: toggle({
    group: 'search',
    help: 'updates of the network follow the path from W through G, the astrocyte and P to the loss, too',
    was: 'through',
  }),

  searchStructure: toggle({
    group: 'search',
    help: "gates are cut in the search as they will be in the guide: by the same budget, which falls over the search's steps",
    beyond: (cuts) => (cuts ? 'gates that are cut in the search, too' : undefined),
  }),
};
