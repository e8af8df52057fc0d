// The AN's input: features G of the weights as gated so far, standardised a layer at a time so that one AN serves layers of any scale (METHOD.md §2).
import { gateFeatures, mul, type Segments, segmentNorm, type Tensor } from '../tensor/index.ts';
import type { GateLayout } from './gate-layout.ts';

export type Feature = 'avg' | 'max' | 'mixture';

/** Only guards against a map of equal weights: weights of 1e-3 have variance 1e-6. */
const EPSILON = 1e-12;

/** G at iteration t, counted from 1: the mixture takes the average first, then the largest. */
export const featureAt = (feature: Feature, t: number): 'avg' | 'max' =>
  feature === 'mixture' ? (t === 1 ? 'avg' : 'max') : feature;

/** One feature a gate, of all layers. `gates` make Wᵗ⁻¹ = W ⊙ gates; none at t = 1. `layers` are the gates of each layer. */
export function layerFeatures(
  layout: GateLayout,
  layers: Segments,
  gates: Tensor | undefined,
  kind: 'avg' | 'max',
  absolute: boolean,
): Tensor {
  return segmentNorm(gateFeatures(layout.weights, { kind, absolute, gates }), layers, { eps: EPSILON });
}

/** Wᵗ⁻¹'s gates for iteration t + 1: Pᵗ itself (`replace`), or the product so far (`compound`). */
export const nextGate = (mode: 'replace' | 'compound', before: Tensor | undefined, p: Tensor): Tensor =>
  mode === 'compound' && before ? mul(before, p) : p;
