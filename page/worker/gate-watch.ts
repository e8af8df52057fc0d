// The gates of an arm as the page shows them: P of each layer as a small map, how far a regulation still moves them, and what a cut leaves of the network.
import type { GateLayout } from 'astrogpu/astro';
import { kindOf, networkCost } from 'astrogpu/models';
import { keptParameters, readGates } from 'astrogpu/prune';
import { leftByCut, type Stage } from 'astrogpu/train';
import type { GatesEvent } from '../protocol.ts';

/** Cells of a side of a map. */
const MOST_CELLS = 64;

type Look = Omit<GatesEvent, 'type' | 'arm' | 'phase' | 'step'>;

export class GateWatch {
  private readonly stage: Stage;
  private readonly layout: GateLayout;
  /** FLOPs of an image of each layer that can have gates, by its name, and of all the rest. */
  private readonly flops: ReadonlyMap<string, number>;
  private readonly otherFlops: number;
  /** What stays, as it was found last. */
  private part?: number;

  /** Of a stage with gates; `size` is the side of the images. */
  constructor(stage: Stage, size: number) {
    this.stage = stage;
    this.layout = stage.regulator!.layout;
    const { graph } = stage.network;
    const { flops, nodes } = networkCost(graph, size);
    const ofNode = new Map(nodes.map((node) => [node.name, node.flops]));
    const gated = graph.nodes.flatMap((node) => {
      const layer = kindOf(node).connections?.(node)?.layer;
      return layer === undefined ? [] : [[layer, ofNode.get(node.name)!] as const];
    });
    this.flops = new Map(gated);
    this.otherFlops = flops - gated.reduce((sum, [, own]) => sum + own, 0);
  }

  /** Reads the gates back. `anew`: finds out again how many stay where a budget says so, which may take a while. */
  async look(anew: boolean): Promise<Look> {
    const { stage, layout } = this;
    const { regulator, network } = stage;
    const values = await readGates(layout, regulator!.gate);
    const left = await leftByCut(regulator!, stage.cut!, anew ? undefined : this.part);
    this.part = left.part;
    const cut = layout.entries.map(({ name, at, length }) => [name, left.values.subarray(at, at + length)] as const);
    const { kept, layers } = keptParameters(network, layout, new Map(cut));
    const flops = layers.reduce(
      (sum, { name, weights, kept }) => sum + (this.flops.get(name) ?? 0) * (weights === 0 ? 1 : kept / weights),
      this.otherFlops,
    );
    const errors = await Promise.all(regulator!.errors.map((e) => e.item()));
    let sum = 0;
    for (const layer of values.values()) for (const value of layer) sum += value;
    return {
      differences: errors.map((e, i) => Math.abs(e - (i === 0 ? 0 : errors[i - 1]))),
      final: regulator!.gatesFinal,
      mean: sum / layout.total,
      parameters: kept,
      flops: Math.round(flops),
      layers: layout.entries.map(({ name, rows, columns }) => ({
        ...{ name, rows, columns },
        ...cellsOf(values.get(name)!, rows, columns),
      })),
    };
  }
}

/** A map in bytes, 0 to 255 for 0 to 1; of a large one means over cells. */
export function cellsOf(
  values: Float32Array,
  rows: number,
  columns: number,
): { height: number; width: number; values: Uint8Array } {
  const [height, width] = [Math.min(rows, MOST_CELLS), Math.min(columns, MOST_CELLS)];
  const cells = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [Math.floor((y * rows) / height), Math.floor(((y + 1) * rows) / height)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.floor((x * columns) / width), Math.floor(((x + 1) * columns) / width)];
      let sum = 0;
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) sum += values[row * columns + column];
      const mean = sum / ((bottom - top) * (right - left));
      cells[y * width + x] = Math.max(0, Math.min(255, Math.round(255 * mean)));
    }
  }
  return { height, width, values: cells };
}
