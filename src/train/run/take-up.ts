// A finished arm taken up again: what its file keeps, put back into a stage, so that it goes on under the structure that it ended with.
import { CheckpointError } from '../../io/index.ts';
import { loadStateDict, StateDictError } from '../../nn/index.ts';
import { readNetwork } from '../files/network-file.ts';
import type { Stage } from '../stages/stage.ts';
import { armFile } from './arm-result.ts';

/** Fills a stage from its arm's file: weights, running statistics, and the gates, which are final. Throws CheckpointError where the file has not what the stage needs. */
export async function takeUp(folder: string, stage: Stage): Promise<void> {
  const { arm, network, regulator } = stage;
  const file = armFile(folder, arm);
  const { dict, gates } = readNetwork(file);
  try {
    loadStateDict(network, dict);
  } catch (error) {
    throw error instanceof StateDictError ? new CheckpointError(file, error.message) : error;
  }
  stage.begin?.();
  if (!regulator) return;
  const { layout } = regulator;
  const flat = new Float32Array(layout.total);
  for (const { name, at, length } of layout.entries) {
    const values = gates?.maps.get(name)?.data;
    if (values?.length !== length) throw new CheckpointError(file, `it has no ${length} gates for ${name}`);
    flat.set(values, at);
  }
  regulator.gate.set(flat);
  await regulator.finalizeGates();
}
