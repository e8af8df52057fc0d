// What stands at the ticks of an axis: labels that differ, however close the values are.
import { formatCount } from '../tables/format.ts';

/** Beyond these sizes numbers are written with powers of ten. */
const [TINY, HUGE] = [1e-3, 1e6];

/** Labels of ticks, all with as many decimals as it takes to tell them apart; `percent` has fractions as percentages, `thousands` sets those apart. */
export function tickLabels(
  ticks: readonly number[],
  { percent = false, thousands = false }: { percent?: boolean; thousands?: boolean } = {},
): string[] {
  // Without the last digits, which are rounding.
  const values = ticks.map((tick) => Number((percent ? tick * 100 : tick).toPrecision(10)));
  const largest = Math.max(0, ...values.map(Math.abs));
  const suffix = percent ? ' %' : '';
  if (!thousands && largest > 0 && (largest < TINY || largest >= HUGE)) {
    const digits = Math.max(
      ...values.map((value) => /^-?\d(?:\.(\d+))?e/.exec(value.toExponential())![1]?.length ?? 0),
    );
    return values.map((value) => (value === 0 ? '0' : value.toExponential(digits).replace('e+', 'e')) + suffix);
  }
  const decimals = Math.min(12, Math.max(0, ...values.map(decimalsOf)));
  return values.map((value) => {
    const text = value.toFixed(decimals);
    const [whole, rest] = text.split('.');
    return (thousands && value >= 0 ? [formatCount(Number(whole)), ...(rest ? [rest] : [])].join('.') : text) + suffix;
  });
}

/** Decimals that a number is written with. */
function decimalsOf(value: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}
