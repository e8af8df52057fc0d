// The end of an arm: the smaller network that its gates leave, in a file of its own, and what it costs beside the whole one.

import type { ImageFeed } from '../../data/index.ts';
import { type Graph, Network, networkCost, networkParameters } from '../../models/index.ts';
import { loadStateDict, StateDictError, type StateTensor } from '../../nn/index.ts';
import { CompactError, compact, foldGates } from '../../prune/index.ts';
import type { CompactResult, Spread } from '../../report/index.ts';
import { type NetworkFile, readNetwork, writeNetwork } from '../files/network-file.ts';
import { Evaluator } from '../stages/evaluate.ts';
import { armFile } from './arm-result.ts';
import { timeNetworks } from './speed.ts';

/** A network's file without gates: they are multiplied into what they gate. */
export function folded(file: NetworkFile): NetworkFile {
  const { graph, dict, gates } = file;
  if (!gates) return file;
  const values = new Map([...gates.maps].map(([layer, { data }]) => [layer, data]));
  return { ...file, gates: undefined, dict: foldGates(graph, dict, values, gates.kind) };
}

/** Writes the network that an arm's file has beside it, its gates folded into its weights: what other programs take, and detectors as a backbone. */
export function writeFolded(folder: string, arm: string): void {
  writeNetwork(armFile(folder, `${arm} folded`), folded(readNetwork(armFile(folder, arm))));
}

/** A network with these values, in f32 and ready to run. Throws StateDictError where they are not the graph's. */
export function loadNetwork(gpu: ImageFeed['gpu'], graph: Graph, dict: ReadonlyMap<string, StateTensor>): Network {
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

/**
 * Compacts the arm that a run folder keeps, into `<arm>-compact.safetensors`, and compares it with the whole network on `test`. Says why where there is no
 * smaller network.
 */
export async function compactArm(folder: string, arm: string, test: ImageFeed, batch: number): Promise<CompactResult> {
  const whole = folded(readNetwork(armFile(folder, arm)));
  let smaller: NetworkFile;
  try {
    smaller = { ...whole, ...compact(whole.graph, whole.dict) };
  } catch (error) {
    if (error instanceof CompactError) return { failure: error.message };
    throw error;
  }
  writeNetwork(armFile(folder, `${arm} compact`), smaller);
  const networks = [whole, smaller].map(({ graph, dict }) => loadNetwork(test.gpu, graph, dict));
  const {
    networks: [before, after],
    ratios: [, time],
    processorRatios: [, processorTime],
  } = await timeNetworks(networks, test, batch);
  const evaluator = new Evaluator(test, batch);
  const accuracy = await evaluator.accuracy(networks[1]);
  for (const part of [...networks, evaluator]) part.release();
  const costs = [whole, smaller].map(({ graph }) => networkCost(graph, test.height));
  const result = (i: number, { median, low, high }: Spread) => ({ ...pick(costs[i]), milliseconds: median, low, high });
  const times = { before: result(0, before), after: result(1, after), time };
  return { accuracy, ...times, ...(test.gpu.adapter.software && { processorTime }) };
}

const pick = ({ parameters, flops }: { parameters: number; flops: number }) => ({ parameters, flops });
