// What the commands of bench/ share with the command line: its options, its configuration, and its file of kernel choices.
export { runToEnd } from './command.ts';
export { TUNING } from './gpu.ts';
export { loadImages } from './images.ts';
export {
  commandLine,
  count,
  describeTable,
  listOf,
  number,
  type Option,
  oneOf,
  parseTable,
  UsageError,
  type Values,
} from './options.ts';
export { configure } from './train/config.ts';
export { parseOptions, type TrainOptions } from './train/options.ts';
export { tuneKernels } from './train/tune.ts';
export { train } from './train.ts';
