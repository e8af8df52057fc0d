// How the candidates of a case are shown: the case, then a line for each, with the factor over the one before.
import { short } from '../common/format.ts';
import { type CandidateRow, type CandidateTable, TOLERANCE } from './measure.ts';

const WIDTHS = [34, 10, 9, 9, 8, 10, 7, 8] as const;
const line = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (i === 0 || i === 5 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i])))
    .join(' ')
    .trimEnd();

export const HEAD = line(['  kernel (* chosen)', 'ms', 'GFLOP/s', 'GB/s', 'of limit', ' limit', '× last', '× plain']);

/** Lines for the terminal. */
export function tableText({ name, shape, network, cost, rows }: CandidateTable): string {
  const amounts = `${short(cost.flops / 1e6)} MFLOP, ${short(cost.bytes / 1e6)} MB`;
  return [`${name}  ${shape}  (${network}; ${amounts})`, ...rows.map((row, i) => rowLine(row, i, rows))].join('\n');
}

function rowLine(
  { kernel, chosen, error, ms, gflops, gbs, ceiling, limit }: CandidateRow,
  i: number,
  rows: CandidateRow[],
): string {
  const label = `${chosen ? '*' : ' '} ${kernel.length > 32 ? `${kernel.slice(0, 31)}…` : kernel}`;
  if (Number.isNaN(ms))
    return `${label.padEnd(WIDTHS[0])} WRONG: differs from the plain kernel by ${error.toExponential(1)}, ${TOLERANCE} is allowed`;
  const factor = (other: CandidateRow): string => `${short(other.ms / ms)}×`;
  const factors = i === 0 ? [] : [factor(rows[i - 1]), factor(rows[0])];
  return line([label, short(ms), short(gflops), short(gbs), `${short(ceiling * 100)} %`, ` ${limit}`, ...factors]);
}

/** Cases whose chosen kernel is slower than another by more than the noise, as lines; nothing where there are none. */
export function notFastest(tables: readonly CandidateTable[]): string[] {
  const NOISE = 1.15;
  return tables.flatMap(({ name, shape, rows }) => {
    const right = rows.filter(({ ms }) => !Number.isNaN(ms));
    const best = right.reduce((fast, row) => (row.ms < fast.ms ? row : fast), right[0]);
    const chosen = right.find((row) => row.chosen);
    if (!chosen || chosen.ms <= best.ms * NOISE) return [];
    return [
      `${name} ${shape}: chosen is ${chosen.kernel} (${short(chosen.ms)} ms), ${best.kernel} takes ${short(best.ms)} ms`,
    ];
  });
}
