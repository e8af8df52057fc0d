// The task networks' public face.
export { GraphBuilder } from './builder.ts';
export { type ChannelClasses, channelClasses, normOf } from './channels.ts';
export { type NetworkCost, type NodeCost, networkCost, networkParameters } from './cost.ts';
export { densenet } from './densenet.ts';
export {
  type ConvNode,
  channelsOf,
  classesOf,
  type Graph,
  GraphError,
  type GraphNode,
  type LinearNode,
  readsOf,
} from './graph.ts';
export { adaptNames, isClassifier } from './names.ts';
export { type GatedLayer, Network } from './network.ts';
export { createModel, describeModel, type ModelOptions, modelNames, widthFor } from './registry.ts';
export { type ResNetConfig, resnet } from './resnet.ts';
export { vgg } from './vgg.ts';
