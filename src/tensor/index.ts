// The tensor floor's public face.

export { addInPlace, copyInto, copyOf } from './accumulate.ts';
export {
  type Backward,
  type BackwardAll,
  backward,
  frozen,
  noGrad,
  type Observer,
  type OpDetails,
  record,
  recordAll,
  recording,
  type Sink,
  traceOps,
  view,
} from './autograd.ts';
export {
  checkGradients,
  type GradientCheck,
  type GradientCheckOptions,
  GradientError,
} from './check-gradients.ts';
export { checkpoint, type Results } from './checkpoint.ts';
export { axisOf, needChannels, needDType, needFloats, needScalars, needSizes, needTensors } from './checks.ts';
export { convert } from './convert.ts';
export {
  arange,
  type CreateOptions,
  type DrawOptions,
  eye,
  fullLike,
  linspace,
  ones,
  onesLike,
  rand,
  randn,
  zerosLike,
} from './create.ts';
export { evaluate, type Operands } from './evaluate.ts';
export { chunkLaunch, gridStrideLaunch, positionOf, vectorOf } from './launch.ts';
export { filledChannels, isPartial, markFilled, needWhole } from './partial.ts';
export { normalArray, permutation, philox, randomWords, uniformArray } from './random.ts';
export { recordsNow } from './recording.ts';
export { drawnOnce, runsAgain } from './replay.ts';
export { keep, scope } from './scope.ts';
export { BYTES, count, type DType, type Shape, shapeText, TensorError } from './shape.ts';
export { writeAll, writeOrDiscard } from './sinks.ts';
export { bytesOf, type Storage } from './storage.ts';
export { empty, full, Tensor, tensor, zeros } from './tensor.ts';
export type { Nested, TextOptions } from './text.ts';
export type { Values } from './values.ts';
