// The task networks' public face.
export { GraphBuilder } from './graph/builder.ts';
export { type ChannelClasses, channelClasses, normOf } from './graph/channels.ts';
export { type NetworkCost, type NodeCost, networkCost, networkParameters } from './graph/cost.ts';
export {
  type ConvNode,
  channelsOf,
  classesOf,
  type Graph,
  GraphError,
  type GraphNode,
  type LinearNode,
  readsOf,
} from './graph/graph.ts';
export { adaptNames, isClassifier } from './names.ts';
export { type GatedLayer, Network } from './network.ts';
export { densenet } from './zoo/densenet.ts';
export { createModel, describeModel, type ModelOptions, modelNames, widthFor } from './zoo/registry.ts';
export { type ResNetConfig, resnet } from './zoo/resnet.ts';
export { vgg } from './zoo/vgg.ts';
