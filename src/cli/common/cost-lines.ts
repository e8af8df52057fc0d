// What a network costs, as lines for people.
import type { NetworkCost } from '../../models/index.ts';
import { formatCount, formatFlops, formatNumber, formatPercent, type Spread } from '../../report/index.ts';

/** Both ways of counting are in use: papers' GFLOPs are often multiply-adds. */
export const costLine = ({ parameters, macs, flops }: Pick<NetworkCost, 'parameters' | 'macs' | 'flops'>): string =>
  `cost: ${formatCount(parameters)} parameters, ${formatFlops(flops)} an image (${formatFlops(macs, 'MACs')}; a multiply-add is 2 FLOPs)`;

export const timeLine = ({ median, low, high }: Spread, batch: number): string =>
  `time: ${formatNumber(median)} ms an image in batches of ${batch} (median, from ${formatNumber(low)} to ${formatNumber(high)})`;

/** How much less, as `−43.2 %`. */
export const change = (before: number, after: number): string => {
  const part = after / before - 1;
  return `${part > 0 ? '+' : '−'}${formatPercent(Math.abs(part), 1)}`;
};
