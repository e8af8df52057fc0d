// The result table of a run: one row per arm of the comparison.
import { formatCount, formatDuration, formatPercent } from './format.ts';
import type { Table } from './table.ts';
import type { ArmResult } from './types.ts';

/** Accuracy, parameters (kept and structural, with their share of all), NN updates and time of each arm; notes when any arm has one. */
export function armTable(arms: readonly ArmResult[]): Table {
  const noted = arms.some(({ note }) => note);
  const share = (part: number, total: number) =>
    total > 0 ? `${formatCount(part)} (${formatPercent(part / total, 1)})` : formatCount(part);
  return {
    columns: [
      { title: 'Arm' },
      { title: 'Test accuracy', align: 'right' },
      { title: 'Parameters', align: 'right' },
      { title: 'Kept', align: 'right' },
      { title: 'Structural', align: 'right' },
      { title: 'NN updates', align: 'right' },
      { title: 'Time', align: 'right' },
      ...(noted ? [{ title: 'Note' }] : []),
    ],
    rows: arms.map((result) => [
      result.arm,
      formatPercent(result.accuracy),
      formatCount(result.parametersTotal),
      share(result.parametersKept, result.parametersTotal),
      share(result.parametersStructural, result.parametersTotal),
      formatCount(result.updates),
      formatDuration(result.seconds),
      ...(noted ? [result.note ?? ''] : []),
    ]),
  };
}
