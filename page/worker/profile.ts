// Which kernels a training step takes its time in.
import { AstroError, type Gpu } from 'astrogpu/gpu';
import type { KernelTable } from '../protocol.ts';
import type { Arm } from './arm.ts';

/** Steps that are timed. */
const STEPS = 5;

/** Times steps that an arm has done before once more, and puts it back to where it was. Throws AstroError where the adapter has no timestamps. */
export async function profileArm(gpu: Gpu, arm: Arm): Promise<KernelTable> {
  if (!gpu.capabilities.timestamps)
    throw new AstroError(
      'this browser does not let pages time kernels (feature timestamp-query): Chrome and Edge do from version 121 on, Safari from 26',
    );
  const { stage, track } = arm;
  const kept = await arm.keep();
  try {
    // Under final gates all steps are alike; before, those before the last are.
    const first = Math.max(0, track.step - STEPS);
    const places = Array.from({ length: STEPS }, (_, i) =>
      kept.final ? track.step - 1 : Math.min(first + i, track.step - 1),
    );
    const run = async (): Promise<void> => {
      for (const i of places) await stage.step(i);
    };
    // What has to be compiled for them is no part of a step.
    await run();
    const found = await gpu.profile(run);
    const known = (value: number): boolean => Number.isFinite(value);
    return {
      arm: track.id,
      steps: STEPS,
      kernels: found.kernels / STEPS,
      wall: found.wall / STEPS,
      rows: found.map(({ label, detail, calls, ms, share, gflops, gbs }) => ({
        kernel: label,
        detail: detail ?? '',
        calls: calls / STEPS,
        ms: ms / STEPS,
        share,
        ...(known(gflops) && { gflops }),
        ...(known(gbs) && { gbs }),
      })),
    };
  } finally {
    await arm.restore(kept);
  }
}
