// Modules, layers, initialisation and optimisers.

export { Arena, type Precision } from './arena.ts';
export { bilinear, constant, heNormal, type Initializer, streamOf, uniformFan } from './init.ts';
export { BatchNorm2d, Conv2d, type Conv2dOptions, ConvTranspose2d, Linear } from './layers.ts';
export { Buffer, EVAL, Module, Parameter, type Pass, PROBE, TRAIN } from './module.ts';
export { Adam } from './optim/adam.ts';
export { constantRate, cosine } from './optim/schedule.ts';
export { Sgd } from './optim/sgd.ts';
export {
  isIgnored,
  loadStateDict,
  mismatchText,
  StateDictError,
  type StateTensor,
  stateDict,
  stateDictMismatches,
} from './state-dict.ts';
