// How a number of the transforms' options that cannot be is refused: by its field, with what it may be.
import { ConfigError } from '../../gpu/index.ts';

/** Throws ConfigError unless what `field` is said to be holds. */
export function need(field: string, value: unknown, holds: boolean, takes: string): void {
  if (!holds) throw new ConfigError(field, (named) => `${named(field, `${value}`)}: it must be ${takes}`);
}

/** Throws ConfigError unless these are probabilities. */
export function needShares(shares: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(shares)) need(field, value, value >= 0 && value <= 1, 'from 0 to 1');
}

/** Throws ConfigError unless it is two numbers above 0 and the first is not the larger one. */
export function needRange(field: string, range: readonly [number, number], most = Number.POSITIVE_INFINITY): void {
  const [low, high] = range;
  const to = most === Number.POSITIVE_INFINITY ? '' : ` and up to ${most}`;
  need(field, range, low > 0 && low <= high && high <= most, `two numbers above 0${to}, the smaller one first`);
}
