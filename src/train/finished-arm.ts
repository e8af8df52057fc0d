// A finished arm: its network and its gates in one safetensors file, its row of the table, and its gates as pictures want them.
import { join } from 'node:path';
import { countParameters, type GateEntry, readGates } from '../astro/index.ts';
import { stateDict } from '../nn/index.ts';
import type { ArmResult, GateMap } from '../report/types.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';
import type { Stage } from './stage.ts';

/** Prefix of gate maps in an arm's file. */
const GATE = 'gate.';

/** Where an arm's network lies in its run folder: `trained-AN.safetensors`. */
export const armFile = (folder: string, arm: string): string => join(folder, `${arm.replace(/\W+/g, '-')}.safetensors`);

const mapShape = ({ applies, rows, columns }: GateEntry): number[] =>
  applies === 'connection' ? [rows, columns] : [columns];

/** Writes a guided network by torch names, with its gates, and returns its parameter counts. */
export async function writeArm(
  folder: string,
  { arm, network, regulator }: Stage,
  model: string,
): Promise<Pick<ArmResult, 'parametersTotal' | 'parametersKept' | 'parametersStructural'>> {
  const gates = regulator ? await readGates(regulator.layout, regulator.gate) : new Map<string, Float32Array>();
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of await stateDict(network)) tensors.set(name, { dtype: 'F32', shape, data });
  for (const entry of regulator?.layout.entries ?? [])
    tensors.set(`${GATE}${entry.name}`, { dtype: 'F32', shape: mapShape(entry), data: gates.get(entry.name)! });
  writeSafetensors(armFile(folder, arm), tensors, { model });
  const { total, kept, structural } = countParameters(network, regulator?.layout, gates);
  return { parametersTotal: total, parametersKept: kept, parametersStructural: structural };
}

/** The gates that an arm's file keeps, layer by layer. */
export function readGateMaps(folder: string, arm: string): GateMap[] {
  const maps: GateMap[] = [];
  for (const [name, { shape, data }] of readSafetensors(armFile(folder, arm)).tensors) {
    if (!name.startsWith(GATE)) continue;
    const map = {
      layer: name.slice(GATE.length),
      height: shape.length === 2 ? shape[0] : 1,
      width: shape[shape.length - 1],
      values: data as Float32Array,
    };
    maps.push(shape.length === 2 ? { ...map, axes: { rows: 'output channel', columns: 'input channel' } } : map);
  }
  return maps;
}
