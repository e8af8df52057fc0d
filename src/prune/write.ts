// The state dict of the smaller network: rows and columns that stay, with the constants that went folded into means, biases and shifts.
import { type Connections, type Graph, kindOf, type Values } from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import type { Flow } from './analysis.ts';
import type { Built } from './build.ts';
import type { Plan, Terms } from './plan.ts';
import { type LayerTerms, layerTerms } from './terms.ts';
import { type StateDict, tensorOf, weightOf } from './values.ts';

/** Values in torch layout by torch's names. */
export function write(
  graph: Graph,
  list: readonly Built[],
  dict: StateDict,
  flow: Flow,
  values: Values,
  plan: Plan,
): Map<string, StateTensor> {
  const made = new Map<string, StateTensor>();
  for (const { node, from, before, added } of list) {
    const rows = plan.channels.get(from.name)!;
    const all = flow.needed.get(from.name)!.length;
    const kind = kindOf(from);
    const connections = kind.connections?.(from);
    const terms = connections && layerTerms(from.name, kind.reads(from)[0], connections.border, flow, plan);
    const carrier = plan.carriers.get(from.name);
    const tensors = kindOf(node).write(node, {
      from,
      before,
      added,
      carrier: carrier === undefined ? undefined : rows.indexOf(carrier),
      part: (name, repeats = 1) => {
        const data = tensorOf(graph, dict, name, repeats * all);
        const own = terms?.rows ?? rows.map((c): Terms => [[c, 1]]);
        return Float64Array.from({ length: repeats * rows.length }, (_, i) => {
          const row = Math.floor(i / rows.length);
          const [[first, share], ...others] = own[i - row * rows.length];
          const at = (c: number): number => data[row * all + c];
          return others.reduce((sum, [c, factor]) => sum + factor * at(c), share * at(first));
        });
      },
      weight: () => {
        const { survives } = values.connections(connections!.layer);
        return weight(connections!, weightOf(graph, dict, connections!), terms!, survives);
      },
    });
    for (const [name, tensor] of tensors) made.set(name, tensor);
  }
  return made;
}

/** Each row and column that stays, with those that it stands for. */
function weight(
  { inputs, area }: Connections,
  all: Float32Array,
  { rows, columns }: LayerTerms,
  survives: (output: number, input: number) => boolean,
): Float32Array {
  const data = new Float64Array(rows.length * columns.length * area);
  for (const [r, outputs] of rows.entries())
    for (const [column, given] of columns.entries())
      for (const [o, factor] of outputs)
        for (const [i, share] of given)
          if (survives(o, i))
            for (let k = 0; k < area; k++)
              data[(r * columns.length + column) * area + k] += factor * share * all[(o * inputs + i) * area + k];
  return Float32Array.from(data);
}
