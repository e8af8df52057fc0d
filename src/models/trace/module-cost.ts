// What a module costs, counted by looking at one run: each op that multiplies says how often by the shapes of what it read and made.
import type { Module } from '../../nn/index.ts';
import { layerOf, observe, type SeenOp } from './observe.ts';

/** The multiplications of one layer, or of an op that no layer of the module did. */
export interface LayerCost {
  /** Of the layer; of an op without one, its own. */
  name: string;
  op: string;
  macs: number;
}

/** What a run of a module costs. */
export interface ModuleCost {
  parameters: number;
  /** Multiplications of convolutions and matrix products for the sample as it was given: take one item to know what one costs. */
  macs: number;
  /** 2·macs. */
  flops: number;
  /** In the order of the run; a layer that ran twice once, with both. */
  layers: LayerCost[];
}

type Count = (op: SeenOp) => number;

/** Weights that meet each element of the output. */
const perOutput: Count = ({ inputs: [, weight], output }) => (output.size * weight.size) / weight.shape.at(-1)!;

/** Multiplications by op; those of others are left out, as networkCost does. */
const COUNTS: Readonly<Record<string, Count>> = {
  conv2d: perOutput,
  fusedConv2d: perOutput,
  // kernel × kernel × Cout × Cin, each element of the input met by what stands before the last side.
  convTranspose2d: ({ inputs: [x, weight] }) => (x.size * weight.size) / weight.shape.at(-1)!,
  // Queries with keys, and what they find with values; what a mask leaves out is counted.
  scaledDotProductAttention: ({ inputs: [q, k], output, details }) =>
    (q.size + output.size) * k.shape.at(details.headsLast ? -3 : -2)!,
  selfAttention: ({ inputs: [x], output, details }) =>
    ((output.size * (Number(details.depth) + Number(details.depthV))) / Number(details.depthV)) * x.shape.at(-2)!,
  matmul: ({ inputs: [a], output, details }) => output.size * a.shape.at(details.transposeA ? -2 : -1)!,
};

/** Counts parameters, and the multiplications of one `run` of the module on a sample. */
export function moduleCost(module: Module, run: () => unknown): ModuleCost {
  return observe(module, run, ({ ops, origin }) => {
    const layers = new Map<string, LayerCost>();
    for (const seen of ops) {
      const macs = COUNTS[seen.op]?.(seen);
      if (macs === undefined) continue;
      const weight = seen.inputs.map(origin).find((name) => name !== undefined);
      const name = weight === undefined ? seen.op : layerOf(weight);
      const before = layers.get(name);
      if (before) before.macs += macs;
      else layers.set(name, { name, op: seen.op, macs });
    }
    const macs = [...layers.values()].reduce((sum, layer) => sum + layer.macs, 0);
    return { parameters: module.parameterCount(), macs, flops: 2 * macs, layers: [...layers.values()] };
  });
}
