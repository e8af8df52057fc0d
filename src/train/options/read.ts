// How texts become values of options: each reader takes what it says, and refuses the rest in one line that names the setting.
import { ConfigError, didYouMean } from '../../gpu/index.ts';
import type { Reader } from './option.ts';

const refuse = (field: string, text: string, takes: string): never => {
  throw new ConfigError(field, (name) => `${name(field, text)}: takes ${takes}`);
};

/** As it stands. */
export const text: Reader<string> = Object.assign((given: string) => given, { takes: 'a text' });

/** A number from `low` to `high`, both included unless `without` says otherwise. */
export function number(
  low: number,
  high: number,
  { whole = false, without }: { whole?: boolean; without?: 'low' | 'high' | 'both' } = {},
): Reader<number> {
  const [noLow, noHigh] = [without === 'low' || without === 'both', without === 'high' || without === 'both'];
  const range = `${noLow ? 'above' : 'from'} ${low} ${noHigh ? 'to below' : 'to'} ${high}`;
  const takes = `a ${whole ? 'whole ' : ''}number ${range}`;
  const read = (given: string, field: string): number => {
    const value = Number(given);
    const fits =
      given.trim() !== '' &&
      Number.isFinite(value) &&
      (noLow ? value > low : value >= low) &&
      (noHigh ? value < high : value <= high);
    return fits && !(whole && !Number.isInteger(value)) ? value : refuse(field, given, takes);
  };
  return Object.assign(read, { takes });
}

/** A whole number, from 1 on unless something else is said. */
export const whole = (low = 1, high = 1e9): Reader<number> => number(low, high, { whole: true });

/** A word, or what another reader takes. */
export function or<const T extends string, V>(word: T, reader: Reader<V>): Reader<T | V> {
  const takes = `${word} or ${reader.takes}`;
  const read = (given: string, field: string): T | V => {
    if (given === word) return word;
    try {
      return reader(given, field);
    } catch (error) {
      throw error instanceof ConfigError ? refuse(field, given, takes) : error;
    }
  };
  return Object.assign(read, { takes });
}

/** One of a few names. `was` has names of earlier versions, with those of today. */
export function oneOf<const T extends string>(names: readonly T[], was: Record<string, T> = {}): Reader<T> {
  const takes = `one of ${names.join(', ')}`;
  const read = (given: string, field: string): T =>
    names.find((name) => name === given) ??
    (Object.hasOwn(was, given) ? was[given] : refuse(field, given, takes + didYouMean(given, names)));
  return Object.assign(read, { names, takes });
}

/** Some of a few names, with commas between them, each once. `was` as for oneOf(). */
export function listOf<const T extends string>(names: readonly T[], was: Record<string, T> = {}): Reader<T[]> {
  const one = oneOf(names, was);
  const read = (given: string, field: string): T[] => {
    const list = items(given, field);
    if (list.length === 0)
      throw new ConfigError(field, (name) => `${name(field)}: names at least one of ${names.join(', ')}`);
    return [...new Set(list.map((item) => one(item, field)))];
  };
  return Object.assign(read, { names, takes: `a list of ${names.join(', ')}` });
}

/** Any texts, with commas between them. */
export const items: Reader<string[]> = Object.assign((given: string) => given.split(',').filter(Boolean), {
  takes: 'a list of texts',
});
