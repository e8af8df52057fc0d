// The state dict of the smaller network: rows and columns that stay, with the constants that went folded into means, biases and shifts.
import { type Connections, type Graph, kindOf, type Values } from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import type { Flow } from './analysis.ts';
import type { Built } from './build.ts';
import type { Plan } from './plan.ts';
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
    const tensors = kindOf(node).write(node, {
      from,
      before,
      added,
      part: (name, repeats = 1) => {
        const data = tensorOf(graph, dict, name, repeats * all);
        return Float64Array.from({ length: repeats * rows.length }, (_, i) => {
          const row = Math.floor(i / rows.length);
          return data[row * all + rows[i - row * rows.length]];
        });
      },
      weight: () => {
        const connections = kind.connections!(from)!;
        const [read] = kind.reads(from);
        return weight(connections, weightOf(graph, dict, connections), {
          rows,
          columns: plan.channels.get(read)!,
          given: flow.carried.get(read)!.constant,
          carrier: plan.constantCarriers.get(from.name),
          survives: values.connections(connections.layer).survives,
        });
      },
    });
    for (const [name, tensor] of tensors) made.set(name, tensor);
  }
  return made;
}

interface Cut {
  rows: readonly number[];
  columns: readonly number[];
  /** The constants of all inputs. */
  given: Float64Array;
  carrier: number | undefined;
  survives: (output: number, input: number) => boolean;
}

/** Rows and columns that stay. A carrier's column takes those of the constants that it stands for, as k·W = k'·(k/k')·W. */
function weight(
  { inputs, area, border }: Connections,
  all: Float32Array,
  { rows, columns, given, carrier, survives }: Cut,
): Float32Array {
  const gone = new Set(border ? [...given.keys()].filter((i) => given[i]) : []);
  for (const i of columns) gone.delete(i);
  const data = new Float64Array(rows.length * columns.length * area);
  for (const [r, o] of rows.entries()) {
    const take = (i: number, column: number, factor: number): void => {
      if (!survives(o, i)) return;
      for (let k = 0; k < area; k++)
        data[(r * columns.length + column) * area + k] += factor * all[(o * inputs + i) * area + k];
    };
    for (const [column, i] of columns.entries()) take(i, column, 1);
    if (carrier === undefined) continue;
    for (const i of gone) take(i, columns.indexOf(carrier), given[i] / given[carrier]);
  }
  return Float32Array.from(data);
}
