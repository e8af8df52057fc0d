// What a gate multiplies (docs/method.md §1): the kinds of gates, how many a layer has, and where they stand.
import type { GatedLayer, GraphLayer } from '../models/index.ts';

/** What a gate multiplies (docs/method.md §1): one weight kernel, all that goes to an output, or a channel of the normalization behind it. */
export type GateKind = 'connection' | 'filter' | 'channel';

/** The gates of a layer: what they multiply, and how many there are. */
export interface GateShape {
  /** The weight's connections, filters or input neurons, or the channels of the normalization behind it. */
  applies: 'connection' | 'filter' | 'input' | 'channel';
  rows: number;
  columns: number;
  length: number;
}

/** The gates of one layer. */
export interface GateEntry extends GatedLayer, GateShape {
  /** The first one in the flat tensor. */
  at: number;
}

/** The gates that a layer has of a kind: rows × columns for connections, outputs × inputs, else one row. Without a normalization, a channel's gate is the filter's. */
export function gateShape(
  { inputs, outputs, filter, norm }: Pick<GraphLayer, 'inputs' | 'outputs' | 'filter'> & { norm?: unknown },
  kind: GateKind,
): GateShape {
  if (kind === 'connection') return { applies: kind, rows: outputs, columns: inputs, length: outputs * inputs };
  if (filter === 'input') return { applies: 'input', rows: 1, columns: inputs, length: inputs };
  const applies = kind === 'channel' && norm !== undefined ? kind : 'filter';
  return { applies, rows: 1, columns: outputs, length: outputs };
}

/** Which of a layer's gates a connection has. */
export function gateIndex({ applies, columns }: GateShape): (output: number, input: number) => number {
  if (applies === 'connection') return (output, input) => output * columns + input;
  return applies === 'input' ? (_, input) => input : (output) => output;
}
