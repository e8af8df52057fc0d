// Which values of a network are maps over the image, how large they are, and what people call them.
import { AstroError } from '../../gpu/index.ts';
import { extentsOf, type Graph, type GraphNode, kindOf } from '../../models/index.ts';

/** A layer, a class or a size that cannot be explained. The message says what there is. */
export class ExplainError extends AstroError {}

/** Rows and columns of a map. */
export interface MapSize {
  height: number;
  width: number;
}

/**
 * The size of every value that is a map, by node, for images of a size; in the order of computation. Throws GraphError for images that a window does not
 * fit.
 */
export function mapSizes(graph: Graph, { height, width }: MapSize): Map<string, MapSize> {
  const sizes = new Map<string, MapSize>();
  for (const [name, extent] of extentsOf(graph, [height, width]))
    if (extent.length === 2) sizes.set(name, { height: extent[0], width: extent[1] });
  return sizes;
}

/**
 * The node that `name` means: a node, or the one that a convolution or normalization of that name belongs to (`layer4.1.conv2` is `layer4.1`). Without a
 * name the last one with more than one position, since a map of one pixel shows nothing; where there is none, the last map. Throws ExplainError that lists the nodes with a map.
 */
export function findLayer(graph: Graph, image: MapSize, name?: string): string {
  const sizes = mapSizes(graph, image);
  const maps = [...sizes.keys()];
  if (name === undefined)
    return maps.findLast((map) => sizes.get(map)!.height * sizes.get(map)!.width > 1) ?? maps.at(-1)!;
  const node = graph.nodes.find((node) => node.name === name) ?? graph.nodes.find((node) => hasLayer(node, name));
  if (node && sizes.has(node.name)) return node.name;
  const wrong = node
    ? `layer "${name}" of ${graph.model} comes after the global pooling and has no map`
    : `there is no layer "${name}" in ${graph.model}`;
  throw new ExplainError(`${wrong}; layers with a map: ${maps.join(', ')}`);
}

const hasLayer = (node: GraphNode, name: string): boolean =>
  kindOf(node)
    .layers(node)
    .some(([layer]) => layer === name);
