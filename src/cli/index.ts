/**
 * What the commands of bench/ share with the command line: its options, configuration, images and file of kernel choices.
 * @module astrogpu/cli
 */

export { train } from './commands/train.ts';
export { trainDetector } from './commands/train-detector.ts';
export { runToEnd, say, version } from './common/command.ts';
export { loadImages } from './common/data.ts';
export { TUNING } from './common/gpu.ts';
export { type HelpPage, helpPage } from './common/help.ts';
export { interruption } from './common/interruption.ts';
export { commandLine, HELP, parseTable, refuseEarly, UsageError } from './common/options.ts';
export { sayAnyhow, warn } from './common/output.ts';
export { checkOutput, checkOutputFolder, type Inputs } from './common/outputs.ts';
export { checkBudget, neededMemory, plannedMemory, programMemory } from './train/memory.ts';
export { parseOptions, type TrainOptions } from './train/options.ts';
export { type Setting, tuneKernels } from './train/tune.ts';
