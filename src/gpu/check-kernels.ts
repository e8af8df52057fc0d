// Compiles what a function launches without a GPU: on Dawn's null device every kernel is checked as on a real one, and nothing is computed.
import { NULL_BACKEND } from './device/adapter.ts';
import { KernelError } from './device/errors.ts';
import { Gpu } from './gpu.ts';

/**
 * Runs `fn` on a device that computes nothing, once with each kernel that the tuner could choose: for tests of one's own ops on machines without a GPU. Returns a line
 * for each kernel that does not compile; what `fn` throws otherwise is thrown. In a page it runs on the page's own adapter.
 *
 * @example
 * const errors = await checkKernels((gpu) => {
 *   for (const dtype of ['f32', 'f16']) cube(zeros(gpu, [3, 4], 'x', dtype));
 * });
 */
export async function checkKernels(fn: (gpu: Gpu) => unknown): Promise<string[]> {
  const gpu = await Gpu.open({ toggles: NULL_BACKEND, tuning: { shipped: false } });
  const errors = new Set<string>();
  const names = new Set<string | undefined>([undefined]);
  gpu.tuner.observer = ({ candidates }) => {
    for (const { name } of candidates) names.add(name);
  };
  try {
    // The set grows as the function shows what there is to choose from.
    for (const name of names) {
      gpu.tuner.force = name;
      try {
        await fn(gpu);
        await gpu.idle();
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        errors.add(error.message);
      }
    }
  } finally {
    await gpu.close();
  }
  return [...errors];
}
