// What compaction could take out of a network besides, found out on the CPU: how many parameters other options would leave.

import { AstroError } from '../../gpu/index.ts';
import { networkParameters } from '../../models/index.ts';
import { type Compacted, compact, cutBySize, cutToFraction } from '../../prune/index.ts';
import { formatCount, formatNumber } from '../../report/index.ts';
import { change } from './cost-lines.ts';
import { naming, type OpenedNetwork, withoutGates } from './network.ts';
import { UsageError } from './options.ts';

/** How a network is cut and compacted, by the names of the options. */
export interface Cuts {
  keep?: number;
  threshold?: number;
  multiple?: number;
}

/** Parts that are tried out where less was cut. */
export const PARTS = [0.5, 0.25, 0.1];

/**
 * A network without gates, after the cuts that were asked for: gates by their size where it has some, else channels by the size of their weights. Throws UsageError and AstroError for cuts that cannot be
 * made.
 */
export function cutNetwork(network: OpenedNetwork, { keep, threshold }: Cuts): OpenedNetwork {
  const { file, gates } = network;
  if (keep === undefined && threshold === undefined) return withoutGates(network);
  if (!gates) {
    if (keep === undefined)
      throw new UsageError(
        `${file} has no gates that --threshold could cut; --keep X cuts its channels by the size of their weights`,
      );
    return { ...network, dict: naming(file, () => cutBySize(network.graph, network.dict, keep)) };
  }
  const largest = [...gates.maps.values()].reduce((most, { data }) => data.reduce((a, b) => Math.max(a, b), most), 0);
  if (threshold !== undefined && threshold > largest)
    throw new UsageError(
      `--threshold ${threshold}: the largest gate of ${file} is ${formatNumber(largest)}, so nothing would be left; take less`,
    );
  const open = new Map([...gates.maps].map(([name, { data }]) => [name, data]));
  const cut =
    keep === undefined
      ? new Map([...open].map(([name, values]) => [name, values.map((gate) => (gate < threshold! ? 0 : gate))]))
      : naming(file, () => cutToFraction(open, keep));
  const maps = new Map([...gates.maps].map(([name, { shape }]) => [name, { shape, data: cut.get(name)! }]));
  return withoutGates({ ...network, gates: { ...gates, maps } });
}

/** What compact() leaves of a network that was cut. Throws AstroError with the file's name. */
export const compacted = ({ file, graph, dict }: OpenedNetwork, { multiple }: Cuts): Compacted =>
  naming(file, () => compact(graph, dict, { multiple }));

/** What the options at hand would leave of a network, a line each, where that is less than the `left` parameters of the cuts made. */
export function moreToRemove(network: OpenedNetwork, cuts: Cuts, left: number): string[] {
  const all = networkParameters(network.graph);
  const made = cuts.keep ?? 1;
  const what = network.gates ? 'of the gates' : 'of the channels, by the size of their weights';
  const tries: { flag: string; what: string; cuts: Cuts }[] = [
    ...(cuts.multiple === 1
      ? []
      : [{ flag: '--multiple 1', what: 'all that is cut off', cuts: { ...cuts, multiple: 1 } }]),
    ...PARTS.filter((part) => part < made).map((keep) => ({
      flag: `--keep ${keep}`,
      what: `${keep} ${what}`,
      cuts: { keep, multiple: cuts.multiple },
    })),
  ];
  return tries.flatMap(({ flag, what, cuts }) => {
    const would = parametersLeft(network, cuts);
    return would !== undefined && would < left
      ? [
          `  ${flag.padEnd(14)}leaves ${formatCount(would)} of ${formatCount(all)} parameters, ${change(all, would)} (${what})`,
        ]
      : [];
  });
}

/** None where the options cannot be carried out: fewer gates are open, or nothing would be left. */
function parametersLeft(network: OpenedNetwork, cuts: Cuts): number | undefined {
  try {
    return networkParameters(compacted(cutNetwork(network, cuts), cuts).graph);
  } catch (error) {
    if (error instanceof AstroError) return undefined;
    throw error;
  }
}
