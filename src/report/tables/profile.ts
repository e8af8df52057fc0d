// A profile as a table: a row for each kernel, longest first.
import type { KernelTime } from '../../gpu/index.ts';
import { renderText } from './table.ts';

const COLUMNS = ['calls', 'total, ms', 'mean, ms', 'share', 'GFLOP/s', 'GB/s', '% of ceiling'];
/** In place of what is not known. */
const UNKNOWN = '–';

/**
 * What gpu.profile() gives, for a terminal; `calls` and `total` are divided by `runs` (default 1), how often the profiled function did its work. Where a kernel gives no
 * cost there are dashes, and a line under the table says so.
 */
export function renderProfile(profile: readonly KernelTime[], runs = 1): string {
  const text = (value: number | undefined, digits: number): string =>
    value === undefined || Number.isNaN(value) ? UNKNOWN : value.toFixed(digits);
  const ceilings = profile.some(({ ceiling }) => ceiling !== undefined);
  const table = renderText({
    columns: [
      { title: 'kernel' },
      ...COLUMNS.slice(0, ceilings ? undefined : -1).map((title) => ({ title, align: 'right' as const })),
      ...(ceilings ? [{ title: 'limit' }] : []),
    ],
    rows: profile.map(({ label, detail, calls, ms, mean, share, gflops, gbs, ceiling, limit }) => [
      detail ? `${label} ${detail}` : label,
      text(calls / runs, 1),
      text(ms / runs, 3),
      text(mean, 3),
      `${text(share * 100, 1)} %`,
      text(gflops, 2),
      text(gbs, 2),
      ...(ceilings ? [ceiling === undefined ? UNKNOWN : `${text(ceiling * 100, 1)} %`, limit ?? ''] : []),
    ]),
  });
  const silent = profile.some(({ gflops }) => Number.isNaN(gflops));
  return silent
    ? `${table}\n${UNKNOWN}: the kernel gives no cost (operations and bytes), so only its time is known`
    : table;
}
