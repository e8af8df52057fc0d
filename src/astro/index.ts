/**
 * AstroNet's public face: the astrocyte, its gates and their regulation.
 * @module astrogpu/astro
 */

export { type Activation, Astrocyte, type AstrocyteOptions, checkZeroInit, GateActivation } from './astrocyte.ts';
export { type AstrocyteCost, astrocyteCost } from './astrocyte-cost.ts';
export { type Feature, featureAt, featuresOf, type InputKind, layerFeatures } from './features.ts';
export { GateCut, type GateCutOptions, type GateRanking, type GateValues } from './gate-cut.ts';
export { GateGroups } from './gate-groups.ts';
export { GateLayout } from './gate-layout.ts';
export { type Gated, leftUngated } from './left-ungated.ts';
export { NetworkGates } from './network-gates.ts';
export { Axial } from './networks/axial.ts';
export { Cnn } from './networks/cnn.ts';
export { Fcn } from './networks/fcn.ts';
export { AstrocyteNetwork } from './networks/network.ts';
export {
  type AstrocyteMaker,
  type AstrocyteName,
  addAstrocyteNetwork,
  astrocyteNames,
  createAstrocyteNetwork,
} from './networks/registry.ts';
export { UNet } from './networks/unet.ts';
export { OpenGates } from './open-gates.ts';
export { checkMaps, mostPixels } from './packing/images.ts';
export type { AxisGroup, MapAxes } from './packing/map-axes.ts';
export { type MapRegion, type PackedImage, type PackedLevel, PackedMaps } from './packing/packed-maps.ts';
export type { MapSize, RegionGroups, ShapeGroup } from './packing/region-groups.ts';
export { type Regulated, type RegulationOptions, Regulator } from './regulation.ts';
