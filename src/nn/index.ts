/**
 * The nn floor's public face: modules, layers, initialization, losses and optimizers.
 * @module astrogpu/nn
 */

export { Arena, type Precision } from './arena.ts';
export { bilinear, constant, heNormal, type Initializer, normal, seedFromName, uniformFan } from './init.ts';
export * from './layers/activations.ts';
export { BatchNorm2d } from './layers/batch-norm2d.ts';
export { convNorm } from './layers/conv-norm.ts';
export { ConvTranspose2d, type ConvTranspose2dOptions } from './layers/conv-transpose2d.ts';
export { Conv2d, type Conv2dOptions } from './layers/conv2d.ts';
export { Dropout, StochasticDepth } from './layers/dropout.ts';
export { Embedding, type EmbeddingOptions } from './layers/embedding.ts';
export { Flatten } from './layers/flatten.ts';
export { GroupNorm, type GroupNormLayerOptions, InstanceNorm2d } from './layers/group-norm.ts';
export { LayerNorm, type LayerNormBiasOptions, type LayerNormLayerOptions, RmsNorm } from './layers/layer-norm.ts';
export { Linear, type LinearOptions } from './layers/linear.ts';
export { MultiHeadAttention, type MultiHeadAttentionOptions } from './layers/multi-head-attention.ts';
export { Sequential, type SequentialPart } from './layers/sequential.ts';
export type { Loss, LossFunction, LossOptions } from './loss/loss.ts';
export { addLoss, createLoss, type LossName, lossNames } from './loss/registry.ts';
export { mismatchText } from './mismatches.ts';
export { BATCH_STATS, EVAL, type MaskableWeight, Module, ModuleBuffer, Parameter, type Pass, TRAIN } from './module.ts';
export { accumulateGradients } from './optim/accumulate-gradients.ts';
export { Adam, type AdamOptions, AdamW } from './optim/adam.ts';
export { Ema, type EmaOptions } from './optim/ema.ts';
export type { FlatParameters } from './optim/flat-parameters.ts';
export type { LearningRate } from './optim/learning-rate.ts';
export { Lion, type LionOptions } from './optim/lion.ts';
export { Optimizer, type OptimizerOptions } from './optim/optimizer.ts';
export { NO_DECAY, type ParameterGroup } from './optim/parameter-groups.ts';
export {
  constantRate,
  cosine,
  linearDecay,
  multiStepDecay,
  oneCycle,
  stepDecay,
  warmUp,
} from './optim/schedule.ts';
export { Sgd, type SgdOptions } from './optim/sgd.ts';
export {
  CheckpointError,
  checkSeal,
  encodeSafetensors,
  floatsOf,
  type OpenedFile,
  openSafetensors,
  type SafetensorsFile,
  type StoredData,
  type StoredTensor,
  seal,
  sha256,
  tensorsOf,
  type UnsealedFile,
} from './safetensors.ts';
export {
  isIgnored,
  loadStateDict,
  namedAs,
  type StateDict,
  StateDictError,
  type Stateful,
  type StateMemory,
  type StateTensor,
  type Stored,
  stateDict,
  stateDictMismatches,
} from './state-dict.ts';
export { loadSafetensors, saveSafetensors } from './state-file.ts';
