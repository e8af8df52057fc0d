// AstroNet's public face: the astrocyte, its gates and their regulation.
export { type Activation, Astrocyte, type AstrocyteOptions, Normalization } from './astrocyte.ts';
export { Atlas, type MapShape } from './atlas.ts';
export { type Compacted, compact } from './compact/compact.ts';
export { CompactError } from './compact/error.ts';
export { countParameters, type ParameterCount, readGates, survivalOf } from './count.ts';
export { type Feature, featureAt, layerFeatures, type View } from './features.ts';
export { cutToFraction, foldGates } from './fold.ts';
export { GateLayout } from './gate-layout.ts';
export type { GateEntry, GateKind } from './gates.ts';
export { Cnn } from './networks/cnn.ts';
export { Fcn } from './networks/fcn.ts';
export { AstrocyteNetwork } from './networks/network.ts';
export { type AstrocyteName, astrocyteNames } from './networks/registry.ts';
export { UNet } from './networks/unet.ts';
export { type Regulated, type RegulationOptions, Regulator } from './regulation.ts';
export { silenced } from './silence.ts';
