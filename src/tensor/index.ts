// The tensor floor's public face.
export { backward, frozen, noGrad, observed, record, recording, type Sink } from './autograd.ts';
export { addInPlace, copyInto } from './ops/accumulate.ts';
export { relu } from './ops/relu.ts';
export { sigmoid } from './ops/sigmoid.ts';
export { keep, scope } from './scope.ts';
export { count, type DType, empty, full, type Shape, shapeText, Tensor, TensorError, tensor, zeros } from './tensor.ts';
