// The AN's input: features G of the weights as gated so far, standardised a layer at a time so that one AN serves layers of any scale (METHOD.md §2).
import { concat, gateFeatures, maskedWeight, mul, pad, reshape, standardize, type Tensor } from '../tensor/index.ts';
import type { GateEntry, GateGroup, GateLayout } from './gate-layout.ts';

export type Feature = 'avg' | 'max' | 'mixture';

/** Only guards against a map of equal weights: weights of 1e-3 have variance 1e-6. */
const EPSILON = 1e-12;

/** G at iteration t, counted from 1: the mixture takes the average first, then the largest. */
export const featureAt = (feature: Feature, t: number): 'avg' | 'max' =>
  feature === 'mixture' ? (t === 1 ? 'avg' : 'max') : feature;

/** Features of a group as AN input, B×H×W×1. `gate` holds Wᵗ⁻¹ = W ⊙ gate as a B×M tensor; none at t = 1. */
export function groupFeatures(
  layout: GateLayout,
  group: GateGroup,
  gate: Tensor | undefined,
  kind: 'avg' | 'max',
  absolute: boolean,
): Tensor {
  const rows = group.entries.map((entry) =>
    reshape(entryFeatures(layout, entry, gate, kind, absolute), [1, entry.rows * entry.columns]),
  );
  const [batch, height, width] = group.image;
  if (layout.kind === 'connection')
    return reshape(standardize(rows.length > 1 ? concat(rows, 0) : rows[0], EPSILON), [batch, height, width, 1]);
  const line = concat(
    rows.map((row) => standardize(row, EPSILON)),
    1,
  );
  const filling = height * width - group.length;
  return reshape(
    filling > 0
      ? pad(line, [
          [0, 0],
          [0, filling],
        ])
      : line,
    [batch, height, width, 1],
  );
}

function entryFeatures(
  layout: GateLayout,
  entry: GateEntry,
  gate: Tensor | undefined,
  kind: 'avg' | 'max',
  absolute: boolean,
): Tensor {
  const weight = entry.layer.weight.tensor;
  // A channel gate scales the whole filter, which is what a filter gate does to the weight: the features are the same.
  const applies = entry.applies === 'channel' ? 'filter' : entry.applies;
  const seen = gate ? maskedWeight(weight, layout.mapOf(entry, gate), applies) : weight;
  return gateFeatures(seen, applies, kind, { absolute });
}

/** Wᵗ⁻¹'s gate for iteration t + 1: Pᵗ itself (`replace`), or the product so far (`compound`). */
export const nextGate = (mode: 'replace' | 'compound', before: Tensor | undefined, p: Tensor): Tensor =>
  mode === 'compound' && before ? mul(before, p) : p;
