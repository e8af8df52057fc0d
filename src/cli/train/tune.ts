// `--tune`: meets every kernel that the job will need, by running one step of each phase, and measures which candidate is fastest here.
import type { TaskImages } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import { type JobConfig, StageFactory } from '../../train/index.ts';

/** What the commands beside the job itself work on. */
export interface Setting {
  gpu: Gpu;
  config: JobConfig;
  train: TaskImages;
  test: TaskImages;
  say: (line: string) => void;
}

/** Measures every kernel candidate that the job will meet and has no choice for, and says what it does. */
export async function tuneKernels({ gpu, config, train, test, say }: Setting): Promise<void> {
  const factory = new StageFactory({ gpu, config, train, test, folder: '.' });
  // The paper's arm has other gates.
  const roles = config.arms.includes('paper') ? ([undefined, 'paper'] as const) : [undefined];
  for (const role of roles)
    for (const phase of config.phase) {
      const stage = factory.build({ arm: 'tuning', phase, role, regulated: true, astrocyte: 'fresh', work: 1 });
      await stage.step(0);
      await gpu.idle();
      stage.release();
    }
  factory.release();
  const started = performance.now();
  const made = Object.keys(await gpu.tuner.tune(say)).length;
  say(`tuning: ${made} kernels chosen in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
