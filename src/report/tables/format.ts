// How durations, counts, shares and small numbers are written, so that progress lines, tables and reports all read alike.

/** A duration in seconds as people say it: `3.4 s`, `42 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h`; `?` when it is not finite. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const positive = Math.max(0, seconds);
  if (positive < 9.95) return `${positive.toFixed(1)} s`;
  const whole = Math.round(positive);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(whole, 60, 'min', 's');
  const minutes = Math.round(positive / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, 'h', 'min');
  return pair(Math.round(positive / 3600), 24, 'd', 'h');
}

function pair(value: number, base: number, large: string, small: string): string {
  return `${Math.floor(value / base)} ${large} ${String(value % base).padStart(2, '0')} ${small}`;
}

/** A whole number with its thousands set apart: `11,173,962`. The same in every locale. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A fraction between 0 and 1 as a percentage with `digits` decimals: `94.35 %`; `?` when it is not finite. */
export function formatPercent(fraction: number, digits = 2): string {
  return Number.isFinite(fraction) ? `${(fraction * 100).toFixed(digits)} %` : '?';
}

/** A measured number in four significant digits: `1.234`, `0.01235`, `1.2e-5`, `0`. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1).replace('e+', 'e');
  return size >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}

const UNITS: [number, string][] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** 1234567 as `1.235 MFLOPs`, or in another unit. */
export function formatFlops(flops: number, of: 'FLOPs' | 'MACs' = 'FLOPs'): string {
  const [size, unit] = UNITS.find(([size]) => flops >= size) ?? [1, ''];
  return `${formatNumber(flops / size)} ${unit}${of}`;
}

/** A measured number with the interval that its median lies in: `17.48 (15.20 to 20.11)`. */
export const formatRange = ({ median, low, high }: { median: number; low: number; high: number }): string =>
  `${formatNumber(median)} (${formatNumber(low)} to ${formatNumber(high)})`;
