// Errors about a file's contents, with the file's name before them.
import { AstroError } from '../../gpu/index.ts';
import { ClassifierError } from '../../train/index.ts';
import { flagOf, inFlags } from './flags.ts';

/** Puts the file's name before what is wrong with it. */
export function naming<T>(file: string, fn: () => T, as?: string): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof AstroError)) throw error;
    const reason =
      error instanceof ClassifierError
        ? `${error.reason}; ${error.byCount ? `${flagOf('classes')} N says how many classes there are` : 'train can start from it, with a head of its own'}`
        : inFlags(error);
    throw new AstroError(`${file}${as ? ` is not ${as}` : ''}: ${reason}`).listing(error.details);
  }
}
