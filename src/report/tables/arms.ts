// The result tables of a run: one row per arm of the comparison, and what compaction made of those with gates.

import type { ArmResult, ImageCost } from '../types.ts';
import { formatCount, formatDuration, formatFlops, formatNumber, formatPercent, formatRange } from './format.ts';
import { halfWidth } from './noise.ts';
import { isNoDifference, type Spread } from './statistics.ts';
import type { Table } from './table.ts';

/** An accuracy says little without the number of images that it is of. */
const accuracyTitle = (images: number | undefined): string =>
  images === undefined ? 'Test accuracy' : `Test accuracy, ${formatCount(images)} images`;

/**
 * Parameters that an arm's network has left, by the count that a budget of them goes by: those kept; under gates of filters or channels those of the structure,
 * since what reads a channel that is gone counts as kept.
 */
export const sizeOf = ({
  gate,
  parametersKept,
  parametersStructural,
}: Pick<ArmResult, 'gate' | 'parametersKept' | 'parametersStructural'>): number =>
  gate === 'filter' || gate === 'channel' ? parametersStructural : parametersKept;

/**
 * Accuracy, parameters (kept and structural, with their share of all), NN updates and time of each arm; notes when any arm has one. The number of test images
 * goes into the head, and their noise beside the accuracies.
 */
export function armTable(arms: readonly ArmResult[], testImages?: number): Table {
  const noted = arms.some(({ note }) => note);
  const share = (part: number, total: number) =>
    total > 0 ? `${formatCount(part)} (${formatPercent(part / total, 1)})` : formatCount(part);
  return {
    columns: [
      { title: 'Arm' },
      { title: accuracyTitle(testImages), align: 'right' },
      { title: 'Parameters', align: 'right' },
      { title: 'Kept', align: 'right' },
      { title: 'Structural', align: 'right' },
      { title: 'NN updates', align: 'right' },
      { title: 'Time', align: 'right' },
      ...(noted ? [{ title: 'Note' }] : []),
    ],
    rows: arms.map((result) => [
      result.arm,
      accuracyText(result.accuracy, testImages),
      formatCount(result.parametersTotal),
      share(result.parametersKept, result.parametersTotal),
      share(result.parametersStructural, result.parametersTotal),
      formatCount(result.updates),
      formatDuration(result.seconds),
      ...(noted ? [result.note ?? ''] : []),
    ]),
  };
}

/** Parameters, floating-point operations and time of an image, before and after the compaction of each arm that has gates; none where no arm has. */
export function compactionTable(arms: readonly ArmResult[], testImages?: number): Table | undefined {
  const done = arms.filter(({ compact }) => compact);
  if (done.length === 0) return undefined;
  const pair = (before: number, after: number, text: (value: number) => string): string =>
    `${text(before)} → ${text(after)} (${formatPercent(after / before, 1)})`;
  return {
    columns: [
      { title: 'Compacted' },
      { title: accuracyTitle(testImages), align: 'right' },
      { title: 'Parameters', align: 'right' },
      { title: 'FLOPs an image (2 a MAC)', align: 'right' },
      { title: 'ms an image', align: 'right' },
    ],
    rows: done.map(({ arm, compact }) => {
      if ('failure' in compact!) return [arm, compact.failure, '', '', ''];
      const { accuracy, before, after, time, processorTime } = compact!;
      const flops = (value: number): string => `${formatFlops(value)} (${formatFlops(value / 2, 'MACs')})`;
      return [
        arm,
        formatPercent(accuracy),
        pair(before.parameters, after.parameters, formatCount),
        pair(before.flops, after.flops, flops),
        time
          ? `${timeText(before)} → ${timeText(after)} (${formatRatio(time)}${processorTime ? `; by processor time ${formatRatio(processorTime)}` : ''})`
          : pair(before.milliseconds, after.milliseconds, formatNumber),
      ];
    }),
  };
}

const timeText = ({ milliseconds, low, high }: ImageCost): string =>
  low === undefined || high === undefined
    ? formatNumber(milliseconds)
    : formatRange({ median: milliseconds, low, high });

/** An accuracy, with its 95 % interval in points where the number of images is known: `35.40 % ± 2.96`. */
function accuracyText(accuracy: number, images = 0): string {
  const text = formatPercent(accuracy);
  return Number.isFinite(accuracy) && images > 0 ? `${text} ± ${(halfWidth(accuracy, images) * 100).toFixed(1)}` : text;
}

/** One time in parts of another, with its interval: `60.7 %, from 58 to 63 %`; `no difference: 94 to 104 %` where that holds 100. */
export function formatRatio(ratio: Spread): string {
  const whole = (part: number): string => (100 * part).toFixed(part < 0.1 ? 1 : 0);
  const range = `${whole(ratio.low)} to ${whole(ratio.high)} %`;
  return isNoDifference(ratio) ? `no difference: ${range}` : `${formatPercent(ratio.median, 1)}, from ${range}`;
}
