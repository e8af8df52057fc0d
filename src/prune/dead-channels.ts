// What nothing of the image reaches any more, when connections are gone: biases and normalizations make a constant of such a channel, and nobody needs constants.
// For a network that still runs under its gates; which channels compaction removes is decided in src/prune/plan.ts.
import { channelClasses, type Graph, kindOf, outputsOf, type Values } from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import { analyzeGraph } from './analysis.ts';
import { livingClasses } from './plan.ts';
import { type StateDict, type Survives, zeroConstants } from './values.ts';

/**
 * For each parameter that makes something of channels which are not fed, and has such: by its name, 1 for a channel that is fed, 0 for one that is not. A residual sum is
 * fed where one side is; the mask of a layer's own bias or normalization is about the layer alone, and that of what has no layer, as the places of tokens, about all
 * that is one with the channel.
 */
export function deadChannelMasks(graph: Graph, survives: Survives): Map<string, Uint8Array> {
  const flow = analyzeGraph(graph, zeroConstants(survives));
  const classes = channelClasses(graph);
  const living = livingClasses(graph, flow, classes);
  const outputs = outputsOf(graph);
  const masks = new Map<string, Uint8Array>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const offsets = kind.offsets?.(node) ?? [];
    // Biases of what a network gives are no constants that somebody could do without.
    if (offsets.length === 0 || (outputs.includes(node.name) && kind.norm?.(node) === undefined)) continue;
    const { branch } = flow.carried.get(node.name)!;
    // Where all that is not fed is zero, what is no constant is fed.
    const fed = branch
      ? Uint8Array.from(branch, (value) => (Number.isNaN(value) ? 1 : 0))
      : Uint8Array.from(classes.of.get(node.name)!, (own) => living[own]);
    if (fed.includes(0)) for (const [name] of offsets) masks.set(name, fed);
  }
  return masks;
}

/**
 * Structure alone, as zeroConstants() has it, but for what has no layer that could be cut: the places of tokens are different numbers, except in channels that are silent as a
 * whole, where they are 0.
 */
export function structureOf(graph: Graph, survives: Survives): Values {
  const zeros = zeroConstants(survives);
  const masks = deadChannelMasks(graph, survives);
  const placed = new Set(
    graph.nodes.flatMap((node) =>
      kindOf(node)
        .layers(node)
        .some(([name]) => name === '')
        ? (kindOf(node).offsets?.(node) ?? []).map(([name]) => name)
        : [],
    ),
  );
  return {
    ...zeros,
    vector(name, size, neutral) {
      if (!placed.has(name)) return zeros.vector(name, size, neutral);
      const mask = masks.get(name);
      return Float64Array.from({ length: size }, (_, i) => (mask?.[i % mask.length] === 0 ? 0 : i + 1));
    },
  };
}

/** The dict with such channels silent. The dict given is not changed. */
export function silenced(dict: StateDict, masks: ReadonlyMap<string, Uint8Array>): Map<string, StateTensor> {
  const left = new Map(dict);
  for (const [name, mask] of masks) {
    const { shape, data } = dict.get(name)!;
    left.set(name, { shape, data: data.map((value, i) => value * mask[i % mask.length]) });
  }
  return left;
}
