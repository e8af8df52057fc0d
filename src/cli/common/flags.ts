// How a command line calls settings: `weightDecay` is --weight-decay. The library floors know fields alone; what they say of them is said with flags here.
import { ConfigError } from '../../gpu/index.ts';

/** A setting's name with dashes: `weight-decay`. A capital that begins a name stays (`T`). */
export const dashed = (field: string): string => field.replace(/[a-z][A-Z]/g, ([a, b]) => `${a}-${b.toLowerCase()}`);

export const flagOf = (field: string): string => `--${dashed(field)}`;

/** The flag that turns a switch off: `--no-absolute`, and of `--no-augment` its opposite. */
export const negated = (flag: string): string =>
  flag.startsWith('--no-') ? `--${flag.slice(5)}` : `--no-${flag.slice(2)}`;

/** An error's message, its settings called by their flags. */
export const inFlags = (error: Error): string =>
  error instanceof ConfigError
    ? error.named((field, value) => (value === undefined ? flagOf(field) : `${flagOf(field)} ${value}`))
    : error.message;
