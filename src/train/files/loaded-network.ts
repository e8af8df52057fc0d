// A network that runs, from what a file has of one.
import type { Gpu } from '../../gpu/index.ts';
import { type Graph, Network, networkParameters } from '../../models/index.ts';
import { loadStateDict, StateDictError, type StateTensor } from '../../nn/index.ts';

/** A network with these values, in f32 and ready to run. Throws StateDictError where they are not the graph's. */
export function loadNetwork(gpu: Gpu, graph: Graph, dict: ReadonlyMap<string, StateTensor>): Network {
  // Before memory is taken for them: a damaged graph may ask for any number.
  const values = [...dict.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (networkParameters(graph) > values)
    throw new StateDictError(`its graph has ${networkParameters(graph)} parameters, and there are ${values} values`);
  const network = new Network(graph).to(gpu, 0);
  try {
    loadStateDict(network, dict);
  } catch (error) {
    network.release();
    throw error;
  }
  return network;
}
