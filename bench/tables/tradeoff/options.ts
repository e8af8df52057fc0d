// What `tables.js tradeoff` takes besides what all tables do.
import { JOB_OPTIONS, type Option, option, optionAs, read } from 'astrogpu/train';
import { listOf } from '../../common/options.ts';
import { GROUP } from './rows.ts';

const sized = <V>(row: Option<V>) =>
  optionAs(row, { help: `of the trade-off: ${row.help}`, defaultText: row.defaultText });

export const TRADEOFF_OPTIONS = {
  keep: option({
    value: 'X,...',
    read: listOf(read.number(0, 1, { without: 'both' })),
    help: 'of the trade-off: parts of the parameters that are kept, in the order in which they are trained; those nearest to 0.5 and 0.25, with --quick to 0.5, by groups of channels, too',
    defaultText: '0.5,0.25,0.68,0.1, with --quick 0.5,0.25',
  }),
  group: option({
    value: 'N',
    read: read.whole(1, 4096),
    help: 'of the trade-off: channels of a group; what is worth being taken out depends on what kernels compute at a time, on a software adapter 16',
    default: GROUP,
  }),
  regime: option({
    value: 'NAME',
    read: read.oneOf(['usual', 'few']),
    help: 'of the trade-off: few has a network with spare capacity and few images, where leaving connections out could regularize',
    default: 'usual',
  }),
  model: sized(JOB_OPTIONS.model),
  width: sized(JOB_OPTIONS.width),
  lr: sized(JOB_OPTIONS.lr),
  weightDecay: sized(JOB_OPTIONS.weightDecay),
  labelSmoothing: sized(JOB_OPTIONS.labelSmoothing),
  guideEvery: sized(JOB_OPTIONS.guideEvery),
  updates: sized(JOB_OPTIONS.updates),
};
