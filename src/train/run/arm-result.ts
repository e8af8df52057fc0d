// A finished arm: its network and its gates in one file, its row of the table, and its gates as pictures want them.
import { join } from 'node:path';
import { type StateTensor, stateDict } from '../../nn/index.ts';
import {
  countParameters,
  deadChannelMasks,
  type GateEntry,
  readGates,
  silenced,
  survivalOf,
} from '../../prune/index.ts';
import { type ArmResult, type GateMap, type Histogram, histogramOf } from '../../report/index.ts';
import { readNetwork, type TrainedOn, writeNetwork } from '../files/network-file.ts';
import type { Stage } from '../stages/stage.ts';

/** Where an arm's network lies in its run folder: `trained-AN.safetensors`. */
export const armFile = (folder: string, arm: string): string => join(folder, `${arm.replace(/\W+/g, '-')}.safetensors`);

const mapShape = ({ applies, rows, columns }: GateEntry): number[] =>
  applies === 'connection' ? [rows, columns] : [columns];

/** Where the network of an arm's best epoch lies: `trained-AN-best.safetensors`. */
export const bestFile = (folder: string, arm: string): string => armFile(folder, `${arm} best`);

/** Writes a guided network by torch names, with its gates, and returns what has gates and its parameter counts. */
export async function writeArm(
  folder: string,
  { arm, network, regulator }: Stage,
  trainedOn: TrainedOn,
  file = armFile(folder, arm),
): Promise<Pick<ArmResult, 'gate' | 'parametersTotal' | 'parametersKept' | 'parametersStructural'>> {
  const { graph } = network;
  const layout = regulator?.layout;
  const gates = regulator ? await readGates(regulator.layout, regulator.gate) : new Map<string, Float32Array>();
  // As the network ran since its gates were final: see Regulator.finalizeGates.
  const dict = silenced(await stateDict(network), deadChannelMasks(graph, survivalOf(layout, gates)));
  const maps = new Map(
    layout?.entries.map((entry): [string, StateTensor] => [
      entry.name,
      { shape: mapShape(entry), data: gates.get(entry.name)! },
    ]),
  );
  writeNetwork(file, { ...trainedOn, graph, dict, gates: layout && { kind: layout.kind, maps } });
  const { total, kept, structural } = countParameters(network, layout, gates);
  return {
    ...(layout && { gate: layout.kind }),
    ...{ parametersTotal: total, parametersKept: kept, parametersStructural: structural },
  };
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
