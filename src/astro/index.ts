// AstroNet's public face: the astrocyte, its gates and their regulation.
export { type Activation, Astrocyte, Normalization } from './astrocyte.ts';
export { Atlas, type MapShape } from './atlas.ts';
export { countParameters, type ParameterCount, readGates } from './count.ts';
export { type Feature, featureAt, layerFeatures } from './features.ts';
export { type GateEntry, type GateKind, GateLayout } from './gate-layout.ts';
export { UNet } from './networks/unet.ts';
export { type Regulated, type RegulationOptions, Regulator } from './regulation.ts';
