// What a layer of the smaller network is made of: each of its outputs and inputs is one of the whole layer, or one that stands for others beside itself.
import type { Flow } from './analysis.ts';
import type { Plan, Terms } from './plan.ts';

export interface LayerTerms {
  /** Of the outputs that stay. */
  rows: Terms[];
  /** Of the inputs that stay. */
  columns: Terms[];
  /** What goes that is not zero: inputs, and what is added for each. */
  constants: [input: number, constant: number][];
}

/** Of the node's layer, which reads `read` first. */
export function layerTerms(
  name: string,
  read: string,
  border: boolean,
  { carried }: Flow,
  { channels, rowSums, columnSums, carriers }: Plan,
): LayerTerms {
  const { constant, alike } = carried.get(read)!;
  const staying = channels.get(read)!;
  const columns = new Map(columnSums.get(name));
  const constants: [number, number][] = [];
  const stays = new Set(staying);
  if (!border) for (const [i, k] of constant.entries()) if (k && !stays.has(i)) constants.push([i, k]);
  const carrier = alike && carriers.get(alike.of);
  if (alike && carrier !== undefined) {
    // The carrier is another value now, too.
    const replaced = [...alike.factor.keys()].filter((i) => i === carrier || (alike.factor[i] !== 0 && !stays.has(i)));
    columns.set(
      carrier,
      replaced.map((i) => [i, alike.factor[i]]),
    );
    for (const i of replaced) constants.push([i, alike.offset[i]]);
  }
  const itself = (sums: ReadonlyMap<number, Terms> | undefined, list: readonly number[]): Terms[] =>
    list.map((c) => sums?.get(c) ?? [[c, 1]]);
  return { rows: itself(rowSums.get(name), channels.get(name)!), columns: itself(columns, staying), constants };
}
