// What the commands of bench/ share with the command line: its options, configuration, images and file of kernel choices.
export { runToEnd } from './command.ts';
export { loadImages } from './data.ts';
export { TUNING } from './gpu.ts';
export {
  commandLine,
  count,
  describeTable,
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
