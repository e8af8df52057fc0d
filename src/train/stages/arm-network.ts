// What a stage leaves: its network by torch's names with its gates, as a file has it, and what is counted of it.
import { type StateTensor, stateDict } from '../../nn/index.ts';
import {
  countParameters,
  deadChannelMasks,
  type GateEntry,
  readGates,
  silenced,
  survivalOf,
} from '../../prune/index.ts';
import type { ArmResult } from '../../report/index.ts';
import type { NetworkFile, TrainedOn } from '../files/network-tensors.ts';
import type { Stage } from './stage.ts';

/** What has gates, and how many parameters there are. */
export type ArmCounts = Pick<ArmResult, 'gate' | 'parametersTotal' | 'parametersKept' | 'parametersStructural'>;

const mapShape = ({ applies, rows, columns }: GateEntry): number[] =>
  applies === 'connection' ? [rows, columns] : [columns];

/** A network as its file has it, with the gates that it runs under, and its counts. Reads weights and gates back. */
export async function armNetwork(
  { network: trained, regulator }: Pick<Stage, 'network' | 'regulator'>,
  trainedOn: TrainedOn,
): Promise<{ network: NetworkFile; counts: ArmCounts }> {
  const { graph } = trained;
  const layout = regulator?.layout;
  const gates = regulator ? await readGates(regulator.layout, regulator.gate) : new Map<string, Float32Array>();
  const values = await stateDict(trained);
  // As the network ran since its gates were final: see Regulator.finalizeGates.
  const final = regulator?.gatesFinal ?? true;
  const dict = final ? silenced(values, deadChannelMasks(graph, survivalOf(layout, gates))) : values;
  const maps = new Map(
    layout?.entries.map((entry): [string, StateTensor] => [
      entry.name,
      { shape: mapShape(entry), data: gates.get(entry.name)! },
    ]),
  );
  const { total, kept, structural } = countParameters(trained, layout, gates);
  return {
    network: { ...trainedOn, graph, dict, gates: layout && { kind: layout.kind, maps } },
    counts: {
      ...(layout && { gate: layout.kind }),
      ...{ parametersTotal: total, parametersKept: kept, parametersStructural: structural },
    },
  };
}
