// What nothing of the image reaches any more, when connections are gone: a normalization makes a constant of such a channel, and nobody needs constants.
// For a network that still runs under its gates; which channels compaction removes is decided in src/prune/plan.ts.
import { type Graph, kindOf } from '../models/index.ts';
import { analyzeGraph } from './analysis.ts';
import { type Survives, zeroConstants } from './values.ts';

/**
 * For each normalization, by the name of its parameters, that has channels which are not fed: 1 for a channel that is, 0 for one that is not. A residual sum is
 * fed where one side is; the mask of a convolution's own normalization is about the convolution alone.
 */
export function deadChannelMasks(graph: Graph, survives: Survives): Map<string, Uint8Array> {
  const { carried } = analyzeGraph(graph, zeroConstants(survives));
  const masks = new Map<string, Uint8Array>();
  for (const node of graph.nodes) {
    const norm = kindOf(node).norm?.(node);
    if (norm === undefined) continue;
    // Where all that is not fed is zero, what is no constant is fed.
    const fed = Uint8Array.from(carried.get(node.name)!.branch!, (value) => (Number.isNaN(value) ? 1 : 0));
    if (fed.includes(0)) masks.set(norm, fed);
  }
  return masks;
}
