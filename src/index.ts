// What people start from: open a GPU, make tensors, train a network, regulate it, cut it, and give it away. Everything else stands behind the subpaths
// (astrogpu/gpu, /tensor, /nn, /io, /data, /models, /prune, /astro, /report, /train, /export, /explain, /cli).

export { Astrocyte, GateLayout, Regulator } from './astro/index.ts';
export {
  ArrayBatches,
  BatchStream,
  DeviceArrays,
  DeviceData,
  drawStandIn,
  type ImageSet,
  loadCifar10,
  loadImageFolder,
  StreamedBatches,
  takeImages,
} from './data/index.ts';
export { gradCam } from './explain/index.ts';
export { toOnnx, writeOnnx } from './export/index.ts';
export {
  AstroError,
  addShader,
  checkKernels,
  DeviceLostError,
  f32,
  Gpu,
  type GpuOptions,
  grid1d,
  KernelError,
  NoAdapterError,
  OutOfMemoryError,
  type Profile,
  params,
  ValidationError,
} from './gpu/index.ts';
export { readSafetensors, writeSafetensors } from './io/index.ts';
export { createModel, GraphBuilder, modelNames, Network, networkCost } from './models/index.ts';
export {
  Adam,
  BatchNorm2d,
  Conv2d,
  constantRate,
  cosine,
  EVAL,
  Linear,
  loadStateDict,
  Module,
  Parameter,
  Sgd,
  stateDict,
  TRAIN,
} from './nn/index.ts';
export {
  abs,
  add,
  avgPool2d,
  batchNorm,
  cast,
  concat,
  conv2d,
  convTranspose2d,
  countCorrect,
  crossEntropy,
  defineOp,
  globalAvgPool,
  matmul,
  max,
  maxPool2d,
  mean,
  mul,
  pad,
  randomUniform,
  relu,
  reshape,
  scale,
  sigmoid,
  slice,
  softmax,
  sub,
  sum,
} from './ops/index.ts';
export { compact } from './prune/index.ts';
export {
  backward,
  checkGradients,
  type DType,
  empty,
  full,
  keep,
  noGrad,
  normalArray,
  type Shape,
  scope,
  Tensor,
  TensorError,
  tensor,
  uniformArray,
  zeros,
} from './tensor/index.ts';
export { Evaluator, readNetwork, writeNetwork } from './train/index.ts';
