// Which values of a network are maps over the image, how large they are, and what people call them.
import { AstroError } from '../../gpu/index.ts';
import { extentsOf, type Graph, type GraphNode, kindOf, readsOf } from '../../models/index.ts';

/** A layer, a class or a size that cannot be explained. The message says what there is. */
export class ExplainError extends AstroError {}

/** Rows and columns of a map. */
export interface MapSize {
  height: number;
  width: number;
}

/** A map as it lies in a value: its positions row by row, behind `front` tokens that are none of them. */
export interface LaidMap extends MapSize {
  front: number;
}

/**
 * The size of every value that is a map, by node, for images of a size; in the order of computation. Tokens of an image's patches are a map, without the class token.
 * Throws GraphError for images that a window does not fit.
 */
export function mapSizes(graph: Graph, image: MapSize): Map<string, MapSize> {
  return new Map([...laidMaps(graph, image)].map(([name, { height, width }]) => [name, { height, width }]));
}

/** As mapSizes(), with where each map begins. */
export function laidMaps(graph: Graph, { height, width }: MapSize): Map<string, LaidMap> {
  const maps = new Map<string, LaidMap>();
  const extents = extentsOf(graph, [height, width]);
  for (const node of graph.nodes) {
    const extent = extents.get(node.name)!;
    const places = kindOf(node).places?.(node);
    const before = maps.get(readsOf(node)[0]);
    if (extent.length === 2) maps.set(node.name, { height: extent[0], width: extent[1], front: 0 });
    else if (places) maps.set(node.name, { height: places.grid[0], width: places.grid[1], front: places.front });
    else if (before && extent.length === 1) maps.set(node.name, before);
  }
  return maps;
}

/**
 * The node that `name` means: a node, or the one that a convolution or normalization of that name belongs to (`layer4.1.conv2` is `layer4.1`). Without a
 * name the last one with more than one position, since a map of one pixel shows nothing; where there is none, the last map. Of a transformer it is what its last
 * attention's queries, keys and values are made of, the last normalization before them: behind that only the class token leads to the logits. Throws ExplainError
 * that lists the nodes with a map.
 */
export function findLayer(graph: Graph, image: MapSize, name?: string): string {
  const sizes = mapSizes(graph, image);
  const maps = [...sizes.keys()];
  if (name === undefined)
    return (
      beforeMixing(graph, sizes) ??
      maps.findLast((map) => sizes.get(map)!.height * sizes.get(map)!.width > 1) ??
      maps.at(-1)!
    );
  const node = graph.nodes.find((node) => node.name === name) ?? graph.nodes.find((node) => hasLayer(node, name));
  if (node && sizes.has(node.name)) return node.name;
  const wrong = node
    ? `layer "${name}" of ${graph.model} comes after the global pooling or the class token and has no map`
    : `there is no layer "${name}" in ${graph.model}`;
  throw new ExplainError(`${wrong}; layers with a map: ${maps.join(', ')}`);
}

/** What the last node that mixes positions reads, before its linear layer. */
function beforeMixing(graph: Graph, sizes: ReadonlyMap<string, MapSize>): string | undefined {
  const named = (name: string): GraphNode => graph.nodes.find((node) => node.name === name)!;
  const last = graph.nodes.findLast((node) => kindOf(node).mixesPositions && sizes.has(node.name));
  if (!last) return undefined;
  let before = named(readsOf(last)[0]);
  while (kindOf(before).connections) before = named(readsOf(before)[0]);
  return before.name;
}

const hasLayer = (node: GraphNode, name: string): boolean =>
  kindOf(node)
    .layers(node)
    .some(([layer]) => layer === name);
