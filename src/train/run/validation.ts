// Images that nothing is trained on and that choose among epochs, so that the test images judge a choice that they had no part in.
import { ConfigError } from '../../gpu/index.ts';
import { permutation } from '../../tensor/index.ts';

/** The stream of random numbers that sets them apart. */
const VALIDATION_STREAM = 0x7a11d;

/** Positions of the images that are trained on, and of the part `validation` of them that is set apart, by `seed`. Throws ConfigError where one of the two is empty. */
export function splitForValidation(
  count: number,
  validation: number,
  seed: number,
): { train: Uint32Array; validation: Uint32Array } {
  const order = permutation(count, seed, VALIDATION_STREAM);
  const cut = count - Math.round(count * validation);
  if (cut < 1 || cut >= count)
    throw new ConfigError(
      'validation',
      (name) =>
        `${name('validation', validation)}: of ${count} images that leaves none ${cut < 1 ? 'to train on: set fewer apart' : 'to choose an epoch by: set more apart, or 0 to choose by the test images'}`,
    );
  return { train: order.slice(0, cut).sort(), validation: order.slice(cut).sort() };
}
