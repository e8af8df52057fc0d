// Compaction (docs/method.md §7): the dense network that is left when everything is taken out that connections which are zero cut off.
import { needArguments } from '../gpu/index.ts';
import { classifierOf, type Graph, type GraphNode, layersOf, networkParameters, outputsOf } from '../models/index.ts';
import { namedAs, type StateTensor } from '../nn/index.ts';
import { analyzeGraph, type Flow } from './analysis.ts';
import { type Built, build } from './build.ts';
import { structureOf } from './dead-channels.ts';
import { CompactError } from './error.ts';
import { planOf } from './plan.ts';
import { type StateDict, type Survives, valuesOf } from './values.ts';
import { write } from './write.ts';

/** Channels that the engine's kernels read at a time: what compact() leaves a multiple of, unless something else is asked for. */
export const USUAL_MULTIPLE = 4;

/** The smaller network, and what is gone. */
export interface Compacted {
  graph: Graph;
  /** In torch layout. Parameters that stay keep their names. */
  dict: Map<string, StateTensor>;
  removed: {
    parameters: number;
    /** Convolutions and linear layers that are gone, by the names of their parameters. */
    layers: string[];
  };
}

/**
 * The smaller network, of the same sources and outputs, whose values in evaluation are those of `graph` with the state dict that is `given` (torch layout, gates folded in), up to rounding: kernels that are all zero
 * are the cuts. What a cut leaves constant is folded into the running means and biases behind it. `multiple`: see planOf; 1 takes out all that can go. Throws CompactError for a state dict that is not the
 * graph's, and where nothing of the image would reach any output.
 *
 * @example
 * const { graph, dict } = compact(network.graph, foldGates(network.graph, await stateDict(network), gates, 'filter'));
 * const smaller = new Network(graph).to(gpu, 1);
 * loadStateDict(smaller, dict);
 */
export function compact(graph: Graph, given: StateDict, { multiple = USUAL_MULTIPLE } = {}): Compacted {
  needArguments('compact', 'an object', { graph, dict: given });
  needArguments('compact', 'a list', { 'graph.nodes': graph.nodes });
  const layers = layersOf(graph).map(({ layer }) => layer);
  const dict = namedAs(new Set(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`])), given);
  const values = valuesOf(graph, dict);
  const flow = analyzeGraph(graph, values);
  if (!reaches(graph, flow)) {
    const last = graph.nodes.findLast(({ name }) => isReached(flow, name))!.name;
    const output = classifierOf(graph) ? 'the logits' : outputsOf(graph).join(', ');
    throw new CompactError(
      `${graph.model}: the image gets no further than ${last}, and ${output} would be the same for all: keep more connections`,
    );
  }
  const plan = planOf(graph, flow, values, multiple);
  const list = build(graph, flow, values, plan);
  const smaller = graphOf(graph, list);
  const left = new Set(layersOf(smaller).map(({ layer }) => layer));
  return {
    graph: smaller,
    dict: write(graph, list, dict, flow, values, plan),
    removed: {
      parameters: networkParameters(graph) - networkParameters(smaller),
      layers: layers.filter((name) => !left.has(name)),
    },
  };
}

/** The graph that compaction leaves when every channel that nothing feeds is zero; none where nothing of the image reaches an output. `multiple` as for compact(), but 1 by default. */
export function compactedGraph(graph: Graph, survives: Survives, multiple = 1): Graph | undefined {
  const values = structureOf(graph, survives);
  const flow = analyzeGraph(graph, values);
  return reaches(graph, flow)
    ? graphOf(graph, build(graph, flow, values, planOf(graph, flow, values, multiple)))
    : undefined;
}

const graphOf = (graph: Graph, list: readonly Built[]): Graph => ({
  ...graph,
  nodes: list.map(({ node }) => node as GraphNode),
});

const isReached = ({ carried }: Flow, name: string): boolean => carried.get(name)!.image.includes(1);

const reaches = (graph: Graph, flow: Flow): boolean => outputsOf(graph).some((name) => isReached(flow, name));
