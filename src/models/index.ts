/**
 * The task networks' public face: graphs, models by name, and what runs them.
 * @module astrogpu/models
 */

export { adaptNames, isClassifier } from './checkpoint/names.ts';
export { joinParts } from './checkpoint/parts.ts';
export { type Positions, resizePositions } from './checkpoint/positions.ts';
export { isDistilled, isRepresentation } from './checkpoint/vit.ts';
export { areaOf, type Gateable, type GatedLayer } from './gated-layers.ts';
export { GatedModule, type GatedModuleOptions, type NamePattern } from './gated-module.ts';
export { type ConvOptions, GraphBuilder, type LinearNodeOptions } from './graph/builder.ts';
export { type ChannelClasses, channelClasses } from './graph/channels.ts';
export { type NetworkCost, type NodeCost, networkCost, networkParameters } from './graph/cost.ts';
export { fittingBatch } from './graph/fitting-batch.ts';
export {
  type Classifier,
  channelsOf,
  classesOf,
  classifierOf,
  extentsOf,
  type Graph,
  outputsOf,
  placesOf,
  readsOf,
  resizedGraph,
  sourcesOf,
} from './graph/graph.ts';
export { type GraphLayer, layersOf } from './graph/layers.ts';
export { outerLayers } from './graph/outer-layers.ts';
export { partOf, stageEnds, stemEnd } from './graph/stages.ts';
export { addNodeKind, type GraphNode, kindOf } from './kinds/index.ts';
export { Network, type NetworkInput, type NetworkOptions } from './network.ts';
export { channelwise, type OneInput } from './node/channelwise.ts';
export {
  type Alike,
  type Carried,
  type ConnectionValues,
  type Kept,
  type Left,
  type Reduced,
  rectify,
  type Seen,
  type StandIns,
  stateVector,
  type Values,
  varying,
} from './node/compaction.ts';
export { neededInputs, throughConnections } from './node/connections.ts';
export {
  type ChannelSpace,
  type Connections,
  checkChannels,
  type Extent,
  type ForwardContext,
  GraphError,
  type InBlock,
  type NodeBase,
  type NodeKind,
  type Places,
} from './node/kind.ts';
export type { OnnxAttribute, OnnxWriter, PixelScale } from './node/onnx.ts';
export { layerOfPart, oneNumber, type TracedInput, type TracedOp } from './node/traced.ts';
export { type GraphInput, graphOf } from './trace/graph-of.ts';
export { type LayerCost, type ModuleCost, moduleCost } from './trace/module-cost.ts';
export { type DenseNetConfig, densenet } from './zoo/densenet.ts';
export {
  createModel,
  describeModel,
  type ModelOptions,
  modelNames,
  type UsualGate,
  usualGate,
  widthFor,
} from './zoo/registry.ts';
export { type ResNetConfig, resnet } from './zoo/resnet.ts';
export { type VggConfig, vgg } from './zoo/vgg.ts';
export { type VitConfig, vit } from './zoo/vit.ts';
