// How the page writes numbers, and what it calls the arms. The result of a training in plain words is in result.ts.
import type { ArmId, Phase, State } from '../protocol.ts';

const count0 = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short3 = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });
const digits3 = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** 11,173,962 */
export const count = (value: number): string => count0.format(value);

/** 11.2M */
export const short = (value: number): string => short3.format(value);

/** 0.123, 12.3; very small ones as 1.2e-7. */
export const number = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : digits3.format(value);

/** A share of 0 to 1 as 71.3 %, in one line; `digits` after the point. */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}\u00a0%`;

/** Seconds as people say a time that is left: 40 s, 3 min, 1 h 20 min. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90) return `${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Plural forms: 1 image, 2 images. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

interface ArmWords {
  name: string;
  /** Within a sentence. */
  inText: string;
  what: string;
}

/** What the arms are called for who has not read the paper. */
export const ARMS: Record<ArmId, ArmWords> = {
  trained: { name: 'AstroNet', inText: 'AstroNet', what: 'under the astrocyte that the search trained' },
  plain: { name: 'plain network', inText: 'the plain network', what: 'alone, trained as usual' },
  random: {
    name: 'untrained astrocyte',
    inText: 'the network under an untrained astrocyte',
    what: 'under an astrocyte that never learned',
  },
  magnitude: {
    name: 'largest weights',
    inText: 'the network of the largest weights',
    what: 'no astrocyte: the smallest weights are cut',
  },
  loaded: { name: 'network from a file', inText: 'the network from a file', what: 'looked at, not trained' },
};

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const PHASES: Record<Phase, string> = { search: 'Search', guide: 'Guide' };

/** For the line that is read aloud. */
export const STATES: Record<State, string> = {
  idle: 'Ready',
  training: 'Training',
  paused: 'Paused',
  done: 'Done',
  lost: 'The GPU was lost; waiting until it is back',
};
