// A finished arm: its network and its gates in one file, its row of the table, and its gates as pictures want them.
import { join } from 'node:path';
import { type GateMap, type Histogram, histogramOf } from '../../report/index.ts';
import { readNetwork, type TrainedOn, writeNetwork } from '../files/network-file.ts';
import { type ArmCounts, armNetwork } from '../stages/arm-network.ts';
import type { Stage } from '../stages/stage.ts';

/** Where an arm's network lies in its run folder: `trained-AN.safetensors`. */
export const armFile = (folder: string, arm: string): string => join(folder, `${arm.replace(/\W+/g, '-')}.safetensors`);

/** Where the network of an arm's best epoch lies: `trained-AN-best.safetensors`. */
export const bestFile = (folder: string, arm: string): string => armFile(folder, `${arm} best`);

/** Writes a guided network by torch names, with its gates, and returns what has gates and its parameter counts. */
export async function writeArm(
  folder: string,
  stage: Stage,
  trainedOn: TrainedOn,
  file = armFile(folder, stage.arm),
): Promise<ArmCounts> {
  const { network, counts } = await armNetwork(stage, trainedOn);
  writeNetwork(file, network);
  return counts;
}

/** The gates that an arm's file keeps, layer by layer. */
function readGateMaps(folder: string, arm: string): GateMap[] {
  return [...(readNetwork(armFile(folder, arm)).gates?.maps ?? [])].map(([layer, { shape, data }]) => {
    const map = { layer, height: shape.length === 2 ? shape[0] : 1, width: shape[shape.length - 1], values: data };
    return shape.length === 2 ? { ...map, axes: { rows: 'output channel', columns: 'input channel' } } : map;
  });
}

/** Of arms with gates: the layers of the last one, and how all gates of each are spread. */
export function gatesOfArms(
  folder: string,
  arms: readonly string[],
): { gateMaps: GateMap[]; histograms: { arm: string; histogram: Histogram }[] } {
  const maps = arms.map((arm) => ({ arm, layers: readGateMaps(folder, arm) }));
  const histograms = maps.map(({ arm, layers }) => ({
    arm,
    histogram: histogramOf(layers.map(({ values }) => values)),
  }));
  return { gateMaps: maps.at(-1)?.layers ?? [], histograms };
}
