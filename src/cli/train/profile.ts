// `--profile`: times every kernel of a guide step, and the same step without the profiler, which cuts passes and so costs time itself.
import { measureCeilings, writeTrace } from '../../gpu/index.ts';
import { renderProfile } from '../../report/index.ts';
import { StageFactory } from '../../train/index.ts';
import type { Setting } from './tune.ts';

/** Steps before the timing: captures, first dispatches and caches are behind them. */
const WARM_UP = 3;
const STEPS = 5;

/** `trace` is the file of a Chrome trace, if one is wanted. */
export async function profileStep({ gpu, config, train, test, say }: Setting, trace?: string): Promise<void> {
  say('measuring what this adapter can do at the most ...');
  const ceilings = await measureCeilings(gpu, { only: ['f32', 'read', 'copy', 'bufferCopy', 'dispatch'], samples: 3 });
  const factory = new StageFactory({ gpu, config, train, test, folder: '.' });
  const stage = factory.build({ arm: 'random AN', phase: 'guide', regulated: true, astrocyte: 'fresh', work: 1 });
  let step = 0;
  const run = async (steps: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) await stage.step(step++);
    await gpu.idle();
    return (performance.now() - start) / steps;
  };
  await run(WARM_UP);
  const plain = await run(STEPS);
  const profile = await gpu.profile(
    async () => {
      await run(STEPS);
    },
    { ceilings, trace: trace !== undefined },
  );
  const text = (value: number, digits: number): string => value.toFixed(digits);
  say(renderProfile(profile, STEPS));
  const each = (ms: number): string => `${text(ms / STEPS, 2)} ms`;
  say(
    `one step: ${text(plain, 2)} ms without the profiler; with it ${each(profile.wall)}, ${each(profile.kernels)} of it in kernels`,
  );
  say(`host: ${each(profile.host)} a step besides waiting, ${each(profile.encoding)} of it encoding`);
  if (trace && profile.timeline) {
    await writeTrace(trace, profile.timeline, gpu.adapter.description);
    say(`trace: ${trace} (open it in ui.perfetto.dev)`);
  }
  factory.release();
}
