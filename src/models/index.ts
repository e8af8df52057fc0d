// The task networks' public face.
export { type GatedLayer, Network } from './network.ts';
export { createModel, modelNames } from './registry.ts';
export { BasicBlock, ResNet, type ResNetConfig } from './resnet.ts';
