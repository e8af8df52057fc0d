// Draws which groups of channels stay, compacts, and times all that is left of a network beside the whole of it.
import { GateLayout } from 'astrogpu/astro';
import { DeviceData, type ImageSet } from 'astrogpu/data';
import type { Gpu } from 'astrogpu/gpu';
import { createModel, Network, networkCost } from 'astrogpu/models';
import { loadStateDict, stateDict } from 'astrogpu/nn';
import { compact, deadChannelMasks, foldGates, silenced, survivalOf } from 'astrogpu/prune';
import type { Spread } from 'astrogpu/report';
import { permutation, uniformArray } from 'astrogpu/tensor';
import { timeNetworks } from 'astrogpu/train';
import type { Cuts } from './options.ts';

export interface Smaller {
  keep: number;
  multiple: number;
  parameters: number;
  flops: number;
  /** Milliseconds an image. */
  time: Spread;
  /** In parts of the whole network's: by the clock, and by processor time. */
  ratio: Spread;
  processorRatio: Spread;
}

export interface Measured {
  model: string;
  whole: Pick<Smaller, 'parameters' | 'flops' | 'time'>;
  smaller: Smaller[];
}

export async function measure(
  gpu: Gpu,
  { model, gate, group, keep, multiple, noGate, batch, rounds, seed }: Cuts & { model: string },
): Promise<Measured> {
  const whole = createModel(model).to(gpu, seed);
  const { graph } = whole;
  const layout = new GateLayout(whole, gate, noGate, group);
  const dict = await stateDict(whole);
  const cuts = keep.map((part) => {
    const gates = drawGates(layout, part, seed);
    const folded = foldGates(graph, dict, gates, gate);
    return { part, dict: silenced(folded, deadChannelMasks(graph, survivalOf(layout, gates))) };
  });
  const made = cuts.flatMap(({ part, dict }) =>
    multiple.map((count) => {
      const { graph: left, dict: values } = compact(graph, dict, { multiple: count });
      const network = new Network(left).to(gpu, seed);
      loadStateDict(network, values);
      return { keep: part, multiple: count, network };
    }),
  );
  const data = new DeviceData(gpu, noise(batch, graph.size));
  const networks = [whole, ...made.map(({ network }) => network)];
  const { networks: times, ratios, processorRatios } = await timeNetworks(networks, data, batch, { rounds });
  for (const owned of [data, ...networks]) owned.release();
  const cost = ({ graph }: Network) => {
    const { parameters, flops } = networkCost(graph);
    return { parameters, flops };
  };
  return {
    model,
    whole: { ...cost(whole), time: times[0] },
    smaller: made.map(({ network, ...which }, i) => ({
      ...which,
      ...cost(network),
      time: times[i + 1],
      ratio: ratios[i + 1],
      processorRatio: processorRatios[i + 1],
    })),
  };
}

/** 1 for the gates of groups that stay, `part` of each layer's and at least one, and 0 for the others. */
export function drawGates(
  { entries, groups }: Pick<GateLayout, 'entries' | 'groups'>,
  part: number,
  seed: number,
): Map<string, Float32Array> {
  const gates = new Float32Array(groups!.count).fill(Number.NaN);
  const maps = new Map<string, Float32Array>();
  for (const [e, { name, at, length }] of entries.entries()) {
    const own = groups!.of.subarray(at, at + length);
    const open = [...new Set(own)].filter((group) => Number.isNaN(gates[group]));
    const staying = Math.max(1, Math.round(part * open.length));
    for (const [i, which] of permutation(open.length, seed, e).entries()) gates[open[which]] = i < staying ? 1 : 0;
    maps.set(
      name,
      Float32Array.from(own, (group) => gates[group]),
    );
  }
  return maps;
}

function noise(count: number, size: number): ImageSet {
  const images = Uint8Array.from(uniformArray(count * size * size * 3, 1, 0), (value) => Math.floor(256 * value));
  const labels = new Uint8Array(count);
  return { name: 'noise', images, labels, count, height: size, width: size, channels: 3, classes: [] };
}
