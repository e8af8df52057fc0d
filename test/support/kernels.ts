// Runs tests once for each kernel that convolutions and products have on a software adapter, forced wherever a layer offers it.
import { afterEach, beforeEach, describe } from 'vitest';
import { gpu } from './gpu.ts';

/** '' is the choice made by default. */
export const KERNELS = ['', 'winograd 4', 'winograd 2', 'stationary', 'product', 'tiled small', 'plain'];

/** Defines `tests` under each of `kernels`. */
export function underKernels(kernels: readonly string[], tests: () => void): void {
  describe.each(kernels)('kernels: %s', (kernel) => {
    beforeEach(() => {
      gpu.tuner.force = kernel || undefined;
    });
    afterEach(() => {
      gpu.tuner.force = undefined;
    });
    tests();
  });
}
