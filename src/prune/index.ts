// The prune floor's public face.

export { channelGroups } from './channel-groups.ts';
export { type Compacted, compact, USUAL_MULTIPLE } from './compact.ts';
export {
  countParameters,
  type KeptParameters,
  keptParameters,
  type LayerCount,
  type ParameterCount,
  readGates,
  structuralGraph,
  structuralParameters,
  survivalOf,
} from './count.ts';
export { cutBySize } from './cut-by-size.ts';
export { deadChannelMasks, silenced } from './dead-channels.ts';
export { CompactError } from './error.ts';
export { cutToFraction, foldGates } from './fold.ts';
export { type GateEntry, type GateKind, gateShape } from './gates.ts';
