// Gates of a vision transformer put into its weights: rows of a layer, and columns of the head.
import type { Graph } from '../../src/models/graph/graph.ts';
import { layersOf } from '../../src/models/graph/layers.ts';
import type { StateTensor } from '../../src/nn/state-dict.ts';

/** Sets what a filter gate multiplies to zero where `open` says so: of a layer, by output, or of the head, by input. */
export function gateRows(
  graph: Graph,
  dict: Map<string, StateTensor>,
  open: (layer: string, gate: number) => boolean,
): void {
  for (const { layer, inputs, outputs, area, filter } of layersOf(graph)) {
    const { data } = dict.get(`${layer}.weight`)!;
    const gates = Array.from({ length: filter === 'output' ? outputs : inputs }, (_, gate) => open(layer, gate));
    for (const i of data.keys()) {
      const connection = Math.floor(i / area);
      if (!gates[filter === 'output' ? Math.floor(connection / inputs) : connection % inputs]) data[i] = 0;
    }
  }
}

/** Nothing gives those channels of the residual anything: neither rows nor biases nor places. */
export function silenceResidual(
  graph: Graph,
  dict: Map<string, StateTensor>,
  width: number,
  dead: (channel: number) => boolean,
): void {
  gateRows(graph, dict, (layer, o) => !/patch|attn\.proj$|fc2$/.test(layer) || !dead(o));
  for (const [name, { data }] of dict)
    if (/proj\.bias|fc2\.bias|cls_token|pos_embed/.test(name))
      for (const i of data.keys()) if (dead(i % width)) data[i] = 0;
}
