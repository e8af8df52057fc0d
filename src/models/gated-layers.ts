// What gates need to know of a network: its layers with connections, and where its values lie. A task network's graph says it, and a module of one's own by its
// names; whatever else an astrocyte does asks no more than this.
import type { Arena, BatchNorm2d, MaskableWeight, Parameter } from '../nn/index.ts';
import type { Graph } from './graph/graph.ts';
import type { GraphLayer } from './graph/layers.ts';

/** A layer whose connections can be removed. */
export interface GatedLayer extends Pick<GraphLayer, 'inputs' | 'outputs' | 'filter'> {
  name: string;
  /** With the weight under its gates, where it has any. */
  layer: MaskableWeight;
  /** The name of the weight. Default NAME.weight. */
  weightName?: string;
  /** The normalization right after it, if any. */
  norm?: { name: string; layer: BatchNorm2d };
}

/** What gates can be put on: a Network, or any module as a GatedModule. */
export interface Gateable {
  /** How values flow through it, where that is known: what silencing, structural counts and compaction need. */
  readonly graph?: Graph;
  /** Whether the normalizations behind its layers are known. Default true. */
  readonly knowsNorms?: boolean;
  /** Its trainable values, with their gradients. */
  readonly arena: Arena;
  /** Every layer whose connections gates can cut, in an order that is always the same. */
  gatedLayers(): GatedLayer[];
  /** A parameter by its name whose layer takes it as `masked`: a bias, or one of a normalization. */
  offset(name: string): Parameter | undefined;
  /** Number of trainable values. */
  parameterCount(): number;
}

/** Weights of one connection of a layer: the area of a kernel. */
export const areaOf = ({ inputs, outputs, layer }: GatedLayer): number =>
  layer.weight.shape.reduce((a, b) => a * b, 1) / (inputs * outputs);
