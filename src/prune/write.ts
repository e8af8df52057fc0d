// The state dict of the smaller network: rows and columns that stay, with the constants that went folded into means, biases and shifts.
import type { ConvNode, Graph, LinearNode } from '../models/index.ts';
import type { StateTensor } from '../nn/index.ts';
import { type Flow, padded, parametersOf, type Values } from './analysis.ts';
import type { Built } from './build.ts';
import type { Plan } from './plan.ts';
import { type StateDict, tensorOf } from './values.ts';

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
  const vector = (name: string, data: ArrayLike<number>): void => {
    made.set(name, { shape: [data.length], data: Float32Array.from(data) });
  };
  for (const { node, from, before, added } of list) {
    const rows = plan.channels.get(from.name)!;
    const part = (name: string): Float64Array => {
      const all = tensorOf(graph, dict, name, flow.constant.get(from.name)!.length);
      return Float64Array.from(rows, (c) => all[c]);
    };
    if (node.op === 'shift') vector(`${node.shift}.bias`, added);
    if ((node.op === 'conv' && from.op === 'conv') || (node.op === 'linear' && from.op === 'linear')) {
      const name = parametersOf(node);
      made.set(
        `${name}.weight`,
        weight(from, tensorOf(graph, dict, `${name}.weight`, sizeOf(from)), flow, values, plan),
      );
      const normed = node.op === 'conv' && node.norm !== undefined;
      if (node.op === 'linear' || node.bias) {
        const bias = from.op === 'linear' || from.bias ? part(`${name}.bias`) : new Float64Array(rows.length);
        vector(`${name}.bias`, normed ? bias : bias.map((b, r) => b + before[r] + added[r]));
      }
    }
    if ((node.op === 'conv' || node.op === 'norm') && node.norm !== undefined) {
      vector(`${node.norm}.weight`, part(`${node.norm}.weight`));
      vector(
        `${node.norm}.bias`,
        part(`${node.norm}.bias`).map((b, r) => b + added[r]),
      );
      vector(
        `${node.norm}.running_mean`,
        part(`${node.norm}.running_mean`).map((mean, r) => mean - before[r]),
      );
      vector(`${node.norm}.running_var`, part(`${node.norm}.running_var`));
    }
  }
  return made;
}

const sizeOf = (node: ConvNode | LinearNode): number =>
  node.outputs * node.inputs * (node.op === 'conv' ? node.kernel ** 2 : 1);

/** Rows and columns that stay. A stand-in's column takes those of the constants that it stands for, as k·W = k'·(k/k')·W. */
function weight(
  from: ConvNode | LinearNode,
  all: Float32Array,
  { constant }: Flow,
  values: Values,
  { channels, constantCarriers }: Plan,
): StateTensor {
  const rows = channels.get(from.name)!;
  const columns = channels.get(from.input)!;
  const kernel = from.op === 'conv' ? from.kernel : 1;
  const area = kernel ** 2;
  const survives = values.survives(parametersOf(from));
  const given = constant.get(from.input)!;
  const standIn = constantCarriers.get(from.name);
  const gone = new Set(padded(from) ? [...given.keys()].filter((i) => given[i]) : []);
  for (const i of columns) gone.delete(i);
  const data = new Float64Array(rows.length * columns.length * area);
  for (const [r, o] of rows.entries()) {
    const take = (i: number, column: number, factor: number): void => {
      if (!survives(o, i)) return;
      for (let k = 0; k < area; k++)
        data[(r * columns.length + column) * area + k] += factor * all[(o * from.inputs + i) * area + k];
    };
    for (const [column, i] of columns.entries()) take(i, column, 1);
    if (standIn === undefined) continue;
    for (const i of gone) take(i, columns.indexOf(standIn), given[i] / given[standIn]);
  }
  const shape = [rows.length, columns.length];
  return { shape: from.op === 'conv' ? [...shape, kernel, kernel] : shape, data: Float32Array.from(data) };
}
