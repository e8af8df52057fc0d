// Which normalization follows which layer of a module: what a channel gate scales. A graph says it; of a module one run does.
import { BatchNorm2d, type Module } from '../../nn/index.ts';
import { layerOf, observe } from './observe.ts';

/** Ops that apply a weight, their second input. */
const LAYER_OPS: ReadonlySet<string> = new Set(['conv2d', 'matmul']);

/** For each layer, by name, the batch normalization that alone reads its output. `run` runs the module once on some sample, with gradients. */
export function layerNorms(module: Module, run: () => unknown): Map<string, string> {
  const norms = new Set(module.namedModules().flatMap(([name, layer]) => (layer instanceof BatchNorm2d ? [name] : [])));
  return observe(module, run, ({ ops, parameter }) => {
    const found = new Map<string, string>();
    const twice = new Set<string>();
    for (const { op, inputs, output } of ops) {
      const weight = LAYER_OPS.has(op) ? parameter(inputs[1]) : undefined;
      if (weight === undefined) continue;
      const layer = layerOf(weight);
      const readers = ops.filter((reader) => reader.inputs.includes(output));
      const [{ op: next, inputs: read } = { op: '', inputs: [] }] = readers.length === 1 ? readers : [];
      const gamma = next === 'batchNorm' ? parameter(read[1]) : undefined;
      const norm = gamma === undefined ? undefined : layerOf(gamma);
      if (norm === undefined || !norms.has(norm) || found.has(layer)) twice.add(layer);
      else found.set(layer, norm);
    }
    for (const layer of twice) found.delete(layer);
    return found;
  });
}
