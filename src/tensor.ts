/**
 * The face of astrogpu/tensor: tensors, autograd and every op on them. They are two floors here, and one thing to whoever uses them.
 * @module astrogpu/tensor
 */

export * from './ops/index.ts';
export * from './tensor/index.ts';
