// The end of an arm: the smaller network that its gates leave, in a file of its own, and what it costs beside the whole one.

import type { ImageFeed } from '../../data/index.ts';
import { networkCost } from '../../models/index.ts';
import { CompactError, compact } from '../../prune/index.ts';
import type { CompactResult, Spread } from '../../report/index.ts';
import { loadNetwork } from '../files/loaded-network.ts';
import { type NetworkFile, readNetwork, writeNetwork } from '../files/network-file.ts';
import { folded } from '../files/network-tensors.ts';
import { Evaluator } from '../stages/evaluate.ts';
import { armFile } from './arm-result.ts';
import { timeNetworks } from './speed.ts';

/** Writes the network that an arm's file has beside it, its gates folded into its weights: what other programs take, and detectors as a backbone. */
export function writeFolded(folder: string, arm: string): void {
  writeNetwork(armFile(folder, `${arm} folded`), folded(readNetwork(armFile(folder, arm))));
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
