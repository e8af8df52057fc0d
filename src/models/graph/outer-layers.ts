// The layers at the edge of a network, which do not carry its capacity but hold its ends together: what they lose, no other layer makes up for
// (docs/method.md §1). They are found by where they stand, so that any graph has them, by whatever names.
import { kindOf } from '../kinds/index.ts';
import type { NodeBase } from '../node/kind.ts';
import { classifierOf, type Graph, outputsOf, readersOf, readsOf } from './graph.ts';

/**
 * The names of a graph's outer layers, in forward order: the stem (what reads a source), shortcuts (a 1×1 convolution, or a linear layer, that is all that stands between
 * what a residual sum's longer side begins with and the sum) and the classifier.
 */
export function outerLayers(graph: Graph): string[] {
  const raw = rawValues(graph);
  const classifier = classifierOf(graph)?.layer;
  return graph.nodes.flatMap((node) => {
    const connections = kindOf(node).connections?.(node);
    if (!connections) return [];
    const { layer, area } = connections;
    const outer = layer === classifier || raw.has(inputOf(node)) || (area === 1 && isShortcut(graph, node));
    return outer ? [layer] : [];
  });
}

/** What the connections of a node read. */
const inputOf = (node: NodeBase): string => readsOf(node)[0];

/** The values that no layer with connections has made. */
function rawValues({ nodes }: Graph): Set<string> {
  const raw = new Set<string>();
  for (const node of nodes)
    if (!kindOf(node).connections?.(node) && readsOf(node).every((name) => raw.has(name))) raw.add(node.name);
  return raw;
}

/** Is it one side of a sum alone, and has the other side layers of its own behind the same value? */
function isShortcut(graph: Graph, node: NodeBase): boolean {
  const depths = depthsFrom(graph, inputOf(node));
  return otherSides(graph, node).some((side) => depths(side) > 0);
}

/** A value, or a layer's own side of the sum that its node ends in. */
type Side = { value: string } | { layer: NodeBase };

/** The other side of the sum that a node with connections is one side of; none where its value goes elsewhere. */
function otherSides(graph: Graph, node: NodeBase): Side[] {
  if (kindOf(node).residual?.(node) === 'closed')
    return readsOf(node)
      .slice(1)
      .map((value) => ({ value }));
  let value = node.name;
  for (;;) {
    const [reader, ...others] = readersOf(graph, value);
    if (!reader || others.length > 0 || outputsOf(graph).includes(value)) return [];
    const sum = kindOf(reader).residual?.(reader);
    const rest = readsOf(reader).filter((name) => name !== value);
    if (sum === 'open') return rest.map((name) => ({ value: name }));
    if (sum === 'closed') return inputOf(reader) === value ? [] : [{ layer: reader }];
    // A normalization or an activation of its own goes with it.
    if (rest.length > 0 || kindOf(reader).connections?.(reader)) return [];
    value = reader.name;
  }
}

/** How many layers with connections lie at the most between a value and a side of a sum; below 0 for what does not come from it. */
function depthsFrom({ nodes }: Graph, start: string): (side: Side) => number {
  const depths = new Map([[start, 0]]);
  const at = (name: string): number => depths.get(name) ?? Number.NEGATIVE_INFINITY;
  for (const node of nodes) {
    if (node.name === start) continue;
    const layers = kindOf(node).connections?.(node) ? 1 : 0;
    depths.set(node.name, Math.max(...readsOf(node).map((name, i) => at(name) + (i === 0 ? layers : 0))));
  }
  return (side) => ('value' in side ? at(side.value) : at(inputOf(side.layer)) + 1);
}
