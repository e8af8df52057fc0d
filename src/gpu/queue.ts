// Hands recorded kernels to the device, and waits for it; with a profiler in between while something is timed.
import { polled } from './device/poll.ts';
import type { Refusals } from './device/refusals.ts';
import type { Failures } from './kernel/failures.ts';
import type { Dispatch } from './kernel/kernel.ts';
import { submitPass } from './kernel/program.ts';
import { type Profile, type ProfileOptions, Profiler } from './profile/profiler.ts';

export class Queue {
  private readonly device: GPUDevice;
  private readonly refusals: Refusals;
  private readonly failures: Failures;
  private profiler?: Profiler;

  constructor(device: GPUDevice, refusals: Refusals, failures: Failures) {
    this.device = device;
    this.refusals = refusals;
    this.failures = failures;
  }

  /** One pass, one submit (with the profiler on: one pass per kernel). */
  submit(dispatches: readonly Dispatch[], label: string): void {
    this.failures.running = label;
    const submit = (): void => {
      if (this.profiler) this.profiler.submit(dispatches, label);
      else submitPass(this.device, dispatches, label);
    };
    const trials = dispatches.flatMap(({ trial }) => (trial && !trial.settled ? [trial] : []));
    if (trials.length === 0) submit();
    else
      this.refusals.watch(submit, (error) => {
        if (error && !trials.some(({ refused }) => refused)) this.failures.refused(error);
      });
  }

  /** Waits for what the device promised. Throws what went wrong until then. */
  async wait(name: string, promise: Promise<unknown>): Promise<void> {
    const done = this.profiler?.wait(name);
    try {
      await polled(promise);
      await this.refusals.settled();
    } catch (error) {
      await this.failures.explain();
      throw error;
    } finally {
      done?.();
    }
    this.failures.check();
  }

  /** Times what `fn` submits. */
  async profile(fn: () => Promise<void>, options: ProfileOptions): Promise<Profile> {
    const profiler = new Profiler(this.device, options);
    this.profiler = profiler;
    try {
      await fn();
      return await profiler.report();
    } finally {
      this.profiler = undefined;
      profiler.destroy();
    }
  }
}
