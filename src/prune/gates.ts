// What a gate multiplies: the kinds of gates, and where those of a layer stand.
import type { GatedLayer } from '../models/index.ts';

export type GateKind = 'connection' | 'filter' | 'channel';

/** The gates of one layer. */
export interface GateEntry extends GatedLayer {
  /** What they multiply: the weight's connections, filters or input neurons, or the channels of the normalization. */
  applies: 'connection' | 'filter' | 'input' | 'channel';
  rows: number;
  columns: number;
  /** The first one in the flat tensor, and their number. */
  at: number;
  length: number;
}
