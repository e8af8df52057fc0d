// AstroNet's public face: the astrocyte, its gates and their regulation.
export { type Activation, Astrocyte, Normalization } from './astrocyte.ts';
export { countParameters, type ParameterCount, readGates } from './count.ts';
export { type Feature, featureAt, groupFeatures } from './features.ts';
export { type GateEntry, type GateGroup, type GateKind, GateLayout } from './gate-layout.ts';
export { UNet } from './networks/unet.ts';
export { type Regulated, type RegulationOptions, Regulator } from './regulation.ts';
