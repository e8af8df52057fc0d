/**
 * The prune floor's public face: what surviving connections leave: counts, and the smaller network.
 * @module astrogpu/prune
 */

export { channelGroups } from './channel-groups.ts';
export { type Compacted, compact, USUAL_MULTIPLE } from './compact.ts';
export {
  countParameters,
  type GateEntries,
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
export { cutToFraction, foldGates, type Gates } from './fold.ts';
export { type GateEntry, type GateKind, type GateShape, gateShape } from './gates.ts';
export type { StateDict, Survives } from './values.ts';
