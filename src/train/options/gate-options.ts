// The options of the main job about the astrocyte and its gates. Rows of the table of options (table.ts).
import { astrocyteNames } from '../../astro/index.ts';
import { option, toggle } from './option.ts';
import * as read from './read.ts';

/** What has gates, and which astrocyte makes them. */
export const GATE_OPTIONS = {
  an: option({
    group: 'astrocyte and gates',
    value: 'NAME',
    read: read.oneOf(astrocyteNames),
    help: 'structure of the astrocyte network',
    default: 'unet',
    beyond: (name) => (name === 'axial' ? 'an astrocyte that sees rows and columns of gates as sets' : undefined),
  }),
  gate: option({
    group: 'astrocyte and gates',
    value: 'KIND',
    read: read.oneOf(['connection', 'filter', 'channel']),
    help: 'what has a gate',
    default: 'connection',
    defaultText: 'connection; filter for vision transformers',
    beyond: (kind) => (kind === 'channel' ? 'gates of channels, behind the normalization' : undefined),
  }),
  gated: option({
    group: 'astrocyte and gates',
    value: 'WHICH',
    read: read.oneOf(['all', 'inner']),
    help: 'layers that have gates: all, or all but the stem, 1×1 shortcuts and the classifier',
    default: 'all',
    beyond: (which) => (which === 'all' ? undefined : 'stem, 1×1 shortcuts and classifier without gates'),
  }),
  noGate: option({
    group: 'astrocyte and gates',
    value: 'LIST',
    read: read.items,
    help: 'layers left ungated by name, e.g. layer1.0.conv1,fc',
    default: [],
  }),
  group: option({
    group: 'astrocyte and gates',
    value: 'N',
    read: read.whole(0, 4096),
    help: 'channels side by side that have one gate, in all layers that a residual sum makes one, so that what is cut can be taken out; of filter and channel gates. 0: each gate is its own',
    default: 0,
    beyond: (channels) =>
      channels === 0
        ? undefined
        : `one gate for ${channels === 1 ? 'a channel' : `${channels} channels`} of all layers that make it one`,
  }),
  g: option({
    group: 'astrocyte and gates',
    value: 'G',
    read: read.oneOf(['avg', 'max', 'mixture']),
    help: 'features of the weights: their mean, their maximum, or the mean first and the maximum from t = 2 on',
    default: 'mixture',
  }),
  input: option({
    group: 'astrocyte and gates',
    value: 'KIND',
    read: read.oneOf(['weights', 'scale', 'gradient', 'taylor']),
    help: 'what the features are of: the weights, times the γ behind them, with the magnitude of their gradients, or with |W · ∂L/∂W|, averaged over updates, beside them',
    default: 'weights',
    was: 'see',
    beyond: (input) => (input === 'weights' ? undefined : `an astrocyte whose input is more than weights (${input})`),
  }),
  absolute: toggle({ group: 'astrocyte and gates', help: 'features of |W| instead of W' }),
  logitSkipScale: option({
    group: 'astrocyte and gates',
    value: 'X',
    read: read.number(-100, 100),
    help: 'how many times its feature is added to the logit of a gate: with features of |W|, larger weights start with larger gates',
    default: 0,
    was: 'skip',
    beyond: (times) => (times === 0 ? undefined : `${times} times its feature in the logit of each gate`),
  }),
  zeroInit: toggle({
    group: 'astrocyte and gates',
    help: 'the last layer of the astrocyte starts at zero, so that gates start as the feature that is added to their logits has them',
    beyond: (zero) => (zero ? 'an astrocyte whose last layer starts at zero' : undefined),
  }),
  u: option({
    group: 'astrocyte and gates',
    value: 'U',
    read: read.oneOf(['sigmoid', 'relu', 'hard']),
    help: 'what makes probabilities of logits',
    default: 'sigmoid',
  }),
  shift: option({
    group: 'astrocyte and gates',
    value: 'X',
    read: read.number(-20, 20),
    help: "initial shift of U's argument: a positive one starts the gates nearer to 1",
    default: 0,
    beyond: (shift) => (shift === 0 ? undefined : `gates that start shifted by ${shift}`),
  }),
  temperature: option({
    group: 'astrocyte and gates',
    value: 'X',
    read: read.number(0.001, 1000),
    help: "what U's argument is divided by at the start: a low one spreads the gates towards 0 and 1",
    default: 1,
    beyond: (temperature) => (temperature === 1 ? undefined : `gates that start at a temperature of ${temperature}`),
  }),
  T: option({
    group: 'astrocyte and gates',
    value: 'N',
    read: read.whole(1, 10),
    help: 'iterations of the regulation',
    default: 6,
  }),
  mode: option({
    group: 'astrocyte and gates',
    value: 'MODE',
    read: read.oneOf(['replace', 'compound']),
    help: 'W is multiplied by the last P, or by the P of every iteration',
    default: 'replace',
  }),
  norm: option({
    group: 'astrocyte and gates',
    value: 'NORM',
    read: read.oneOf(['mean', 'sum']),
    help: 'of e: root of the mean over the gates, so that λ means the same for every network, or of the literal sum',
    default: 'mean',
  }),
};

/** Of these the ones that gates see which no astrocyte makes: those of the largest weights. */
export const OF_GATES: ReadonlySet<string> = new Set<keyof typeof GATE_OPTIONS>(['gate', 'gated', 'noGate', 'group']);
