// How much of a network's gates stays (docs/method.md §6): a part of all gates, or what fits into a part of the network's parameters, operations or time. What connections cost adds up; what channels cost does
// not, since one goes only with all that make it, so for those the number of gates is found by halving.
import type { GateCut, GateLayout, NetworkGates } from '../../astro/index.ts';
import { ConfigError } from '../../gpu/index.ts';
import { areaOf, type Graph, kindOf, networkCost, networkParameters } from '../../models/index.ts';
import { readGates, structuralGraph, USUAL_MULTIPLE } from '../../prune/index.ts';
import { noGrad, scope } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';

/** The options that say how much stays in parts of the whole network. */
export type Target = 'targetParams' | 'targetFlops' | 'targetTime';

/** What stays in the end. */
export interface Budget {
  /** What each gate costs, where that adds up: parts are of these costs then, and not of gates. */
  readonly costs?: Uint32Array;
  /** The part that stays, where it follows from the options alone. */
  readonly part?: number;
  /** Where it does not: what it is found by. */
  readonly search?: PartSearch;
}

/** By what the number of gates is found. */
export interface PartSearch {
  field: Target;
  /** How much the network may cost in parts of the whole one, and how much one costs: nothing where no image gets through. */
  target: number;
  measure(left: Graph | undefined): number | Promise<number>;
  /** How many numbers of gates are told apart. Default all. */
  steps?: number;
  /** Channels that compaction leaves a multiple of. Default 1. */
  multiple?: number;
  /** See BudgetOf. */
  found?: string;
}

/** What a budget is about. */
export interface BudgetOf {
  layout: GateLayout;
  /** Side of the images. */
  size?: number;
  /** A network's time in parts of the whole one's, where one can be measured. */
  timeOf?: (left: Graph) => Promise<number>;
  /** The file of an astrocyte that has been searched for, with which another run could begin where this one cannot go on. */
  found?: string;
}

/** How fine the part is looked for where each try takes seconds. */
const TIMED_STEPS = 64;

/** The options that say how much stays. */
export interface Staying extends Partial<Pick<JobConfig, 'keep' | Target>> {}

const TARGETS = ['targetParams', 'targetFlops', 'targetTime'] as const;

/** What they are parts of. */
const WHOLE: Record<Target, string> = { targetParams: 'parameters', targetFlops: 'operations', targetTime: 'time' };

/** The budget that options ask for; none where a threshold decides. Throws ConfigError for a target that is out of reach however gates are cut. */
export function budgetOf(given: Staying, { layout, size, timeOf, found }: BudgetOf): Budget | undefined {
  const field = TARGETS.find((name) => given[name] !== undefined);
  if (field === undefined) return given.keep === undefined ? undefined : { part: given.keep };
  const target = given[field]!;
  const { graph } = layout.network;
  if (!graph)
    throw new ConfigError(
      field,
      (name) =>
        `${name(field, target)}: only a graph says what a network costs, and the module has none; take ${name('keep')}`,
    );
  if (field === 'targetTime') {
    const measure = (left: Graph | undefined): number | Promise<number> => (left ? timeOf!(left) : 0);
    return { search: { field, target, measure, steps: TIMED_STEPS, multiple: USUAL_MULTIPLE, found } };
  }
  const costOf = (of: Graph): number => (field === 'targetParams' ? networkParameters(of) : networkCost(of, size).macs);
  const whole = costOf(graph);
  const refuse = (least: number): never => {
    const what = field === 'targetParams' ? 'parameters' : 'multiplications for an image';
    throw new ConfigError(
      field,
      (name) =>
        `${name(field, target)}: of ${whole} ${what} ${least} stay whatever is cut, ${(least / whole).toFixed(3)} of all; gate more layers, or take more than that`,
    );
  };
  if (layout.kind !== 'connection') {
    const measure = (left: Graph | undefined): number => (left ? costOf(left) / whole : 0);
    const least = leastOf(graph, layout, measure, target);
    if (least > target) refuse(Math.round(least * whole));
    return { search: { field, target, measure, found } };
  }
  const each = field === 'targetParams' ? layout.entries.map(areaOf) : macsOf(graph, layout, size);
  const gated = layout.entries.reduce((sum, { length }, i) => sum + each[i] * length, 0);
  const allowed = target * whole - (whole - gated);
  if (allowed < 0) refuse(whole - gated);
  return { costs: inWords(layout, each), part: Math.min(1, allowed / gated) };
}

/**
 * What the smallest network costs that gates can leave and an image gets through, or one that costs no more than `enough`: without any gate where there are other ways, else with one in each of the layers that it cannot
 * do without. 0 where not even those let it through.
 */
function leastOf(
  graph: Graph,
  layout: GateLayout,
  measure: (left: Graph | undefined) => number,
  enough: number,
): number {
  const { entries, groups } = layout;
  const groupOf = (gate: number): number => groups?.of[gate] ?? gate;
  /** With the first gate of some layers, and all that are one with it. */
  const leftBy = (layers: ReadonlySet<GateLayout['entries'][number]>): Graph | undefined => {
    const open = new Set([...layers].map(({ at }) => groupOf(at)));
    const gates = entries.map(({ name, at, length }) => {
      const own = Float32Array.from({ length }, (_, i) => Number(open.has(groupOf(at + i))));
      return [name, own] as const;
    });
    return structuralGraph(graph, layout, new Map(gates));
  };
  const none = leftBy(new Set());
  if (none) return measure(none);
  const layers = new Set(entries);
  let least = measure(leftBy(layers));
  for (const layer of entries) {
    if (least <= enough) break;
    layers.delete(layer);
    const left = leftBy(layers);
    if (left) least = measure(left);
    else layers.add(layer);
  }
  return least;
}

/** Multiplications for an image of one connection of each layer. */
function macsOf(graph: Graph, { entries }: GateLayout, size?: number): number[] {
  const macs = new Map(networkCost(graph, size).nodes.map(({ name, macs }) => [name, macs]));
  const ofLayer = new Map(
    graph.nodes.flatMap((node) => {
      const layer = kindOf(node).connections?.(node)?.layer;
      return layer === undefined ? [] : [[layer, macs.get(node.name)!] as const];
    }),
  );
  return entries.map(({ name, inputs, outputs }) => ofLayer.get(name)! / (inputs * outputs));
}

const divisorOf = (a: number, b: number): number => (b === 0 ? a : divisorOf(b, a % b));

/** Costs of all gates, in the largest unit that all are whole numbers of; in a larger one, rounded up, where their sum would not fit 32 bits. */
function inWords({ entries, total }: GateLayout, each: readonly number[]): Uint32Array {
  const unit = each.reduce(divisorOf);
  const sum = entries.reduce((all, { length }, i) => all + (each[i] / unit) * length, 0);
  const scale = unit * Math.max(1, sum / (2 ** 32 - 1 - total));
  const costs = new Uint32Array(total);
  for (const [i, { at, length }] of entries.entries()) costs.fill(Math.ceil(each[i] / scale), at, at + length);
  return costs;
}

/** The part of the gates, as they were made last, whose network is the largest within the target. Leaves them uncut. Throws ConfigError where none is. */
export async function findPart(gates: NetworkGates, cut: GateCut, { part, search }: Budget): Promise<number> {
  if (!search) return part!;
  const { field, target, measure, multiple, steps: most = Number.POSITIVE_INFINITY, found: astrocyte } = search;
  if (target >= 1) return 1;
  const { layout } = gates;
  const steps = Math.min(most, layout.probabilities);
  const graphAt = async (kept: number): Promise<Graph | undefined> => {
    cut.keep(kept / steps);
    const left = noGrad(() => scope(() => cut.made()));
    const values = await readGates(layout, left).finally(() => left.release());
    return structuralGraph(layout.network.graph!, layout, values, multiple);
  };
  let [low, high] = [0, steps];
  let found: Graph | undefined;
  let least = 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const left = await graphAt(middle);
    const cost = await measure(left);
    if (cost <= target) [low, found] = [middle, left];
    else [high, least] = [middle, cost];
  }
  // What a resumed run reads is f32.
  if (found) return Math.fround(low / steps);
  throw new ConfigError(
    field,
    (name) =>
      `${name(field, target)}: by this order of gates the smallest network that an image gets through has ${(Math.ceil(least * 1000) / 1000).toFixed(3)} of the ${WHOLE[field]}; take that or more, another ${name('ranking')} or ${name('keep')}${astrocyte === undefined ? '' : `, in a new run, which need not search again: ${name('astrocyte', astrocyte)}`}`,
  );
}
