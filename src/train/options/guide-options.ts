// The options of the main job about the guide. Rows of the table of options (table.ts).
import type { GateRanking, GateValues } from '../../astro/index.ts';
import { option, toggle } from './option.ts';
import * as read from './read.ts';

/** A budget: what stays, as a part of what the whole network has of it. */
const target = (what: string, help: string) =>
  option({
    group: 'guide',
    value: 'X',
    read: read.number(0, 1, { without: 'low' }),
    help,
    beyond: (part) => `a budget of ${part} of the ${what}`,
  });

/** How the networks of the arms are trained, and what stays of them. */
export const GUIDE_OPTIONS = {
  epochs: option({
    usual: true,
    group: 'guide',
    value: 'N',
    read: read.whole(),
    help: 'epochs of the guide, which trains the network of each arm anew',
    default: 60,
    softwareDefault: 8,
  }),
  ema: option({
    group: 'guide',
    value: 'X',
    read: read.number(0, 1, { without: 'both' }),
    help: "each arm's network is the average of its weights over the updates, which forgets by this factor in each (less in the first ones)",
  }),
  best: toggle({ group: 'guide', help: "each arm's network of its best epoch too, in ARM-best.safetensors" }),
  patience: option({
    group: 'guide',
    value: 'N',
    read: read.whole(),
    help: 'an arm ends after N epochs without a better one; of arms with gates only epochs under the final gates count',
  }),
  validation: option({
    group: 'guide',
    value: 'X',
    read: read.number(0, 0.99),
    help: 'part of the training images that nothing is trained on, and by which the best epoch is chosen; with 0 the test images choose it',
    defaultText: '0, or 0.1 where a best epoch is chosen',
  }),
  evaluateEvery: option({
    group: 'guide',
    value: 'N',
    read: read.whole(),
    help: 'epochs between two evaluations on the test images; after the last epoch there is always one. What is trained does not depend on it, but the best epoch is one of those that are evaluated, and an arm ends early after such a one',
    default: 1,
    softwareDefault: 4,
    defaultText: '1; on a software adapter 4, but 1 where the best epoch is chosen',
  }),
  guideEvery: option({
    group: 'guide',
    value: 'N',
    read: read.whole(),
    help: 'steps between two regulations',
    default: 1,
    softwareDefault: 10,
  }),
  settle: option({
    group: 'guide',
    value: 'X',
    read: read.number(0, 1),
    help: 'part of the steps, at the end, under the final gates',
    default: 0.3,
  }),
  threshold: option({
    group: 'guide',
    value: 'X',
    read: read.number(0, 1e9),
    help: 'final gates below it are cut: up to 1, which is the largest that gates of a U but relu can be',
    defaultText: '0.5, for compound 0.5 to the power of T',
  }),
  keep: option({
    group: 'guide',
    value: 'X',
    read: read.number(0, 1, { without: 'low' }),
    help: 'the part of all gates that stays, in place of a threshold',
    beyond: (part) => `a kept fraction of ${part}`,
  }),
  targetParams: target(
    'parameters',
    "what stays, as a part of the whole network's parameters, in place of a threshold: those kept, for connection gates; for filter and channel gates those of the network without channels that nothing feeds",
  ),
  targetFlops: target('operations', "the same as a part of the whole network's operations for an image"),
  targetTime: target(
    'time',
    'the same as a part of the time that the whole network takes for an image, which is measured on the compacted one when the fall begins and when gates become final; for filter and channel gates',
  ),
  fall: option({
    group: 'guide',
    value: 'X',
    read: read.number(0, 1, { without: 'high' }),
    help: 'part of the steps after which what stays begins to fall from all to the part that is kept, fast at first and then slower, until the gates are final; what was cut may return meanwhile',
    defaultText: 'one cut, where the gates become final',
    beyond: (part) => `a kept fraction that falls from ${part} of the guide on`,
  }),
  ranking: option<GateRanking>({
    group: 'guide',
    value: 'HOW',
    read: read.oneOf(['network', 'layer', 'strength']),
    help: 'which gates go first where a part is kept: the smallest of the network, of each layer the same part, or the smallest of the network times the mean |W| that they multiply',
    default: 'network',
    beyond: (ranking) =>
      ranking === 'network'
        ? undefined
        : ranking === 'layer'
          ? 'the same part of each layer kept'
          : 'gates ranked by P times mean |W|',
  }),
  gateValues: option<GateValues>({
    group: 'guide',
    value: 'WHICH',
    read: read.oneOf(['probability', 'binary']),
    help: 'what a gate that stays is once some are cut: P, or 1',
    default: 'probability',
    beyond: (values) => (values === 'binary' ? 'gates of 1 once some are cut' : undefined),
  }),
};
