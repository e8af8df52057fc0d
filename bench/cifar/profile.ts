// `--profile`: times every kernel of a guide step, and the same step without the profiler, which cuts passes and so costs time itself.
import { renderText } from 'astrogpu/report';
import { Workshop } from 'astrogpu/train';
import type { Setting } from './setting.ts';

/** Steps before the timing: captures, first dispatches and caches are behind them. */
const WARM_UP = 3;
const STEPS = 5;

export async function profileStep({ gpu, config, train, test, say }: Setting): Promise<void> {
  const workshop = new Workshop({ gpu, config, train, test, folder: '.' });
  const stage = workshop.build({ arm: 'random AN', phase: 'guide', regulated: true, astrocyte: 'fresh', work: 1 });
  let step = 0;
  const run = async (steps: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) await stage.step(step++);
    await gpu.settled();
    return (performance.now() - start) / steps;
  };
  await run(WARM_UP);
  const plain = await run(STEPS);
  let profiled = 0;
  const rows = await gpu.profile(async () => {
    profiled = await run(STEPS);
  });
  const text = (value: number, digits: number): string => value.toFixed(digits);
  say(
    renderText({
      columns: [
        { title: 'kernel' },
        ...['calls', 'ms', 'share', 'GFLOP/s', 'GB/s'].map((title) => ({ title, align: 'right' as const })),
      ],
      rows: rows.map(({ label, calls, ms, share, gflops, gbs }) => [
        label,
        String(calls / STEPS),
        text(ms / STEPS, 3),
        `${text(share * 100, 1)} %`,
        text(gflops, 2),
        text(gbs, 2),
      ]),
    }),
  );
  say(
    `one step: ${text(plain, 2)} ms; with the profiler ${text(profiled, 2)} ms (${text(rows.reduce((sum, { ms }) => sum + ms, 0) / STEPS, 2)} ms in kernels)`,
  );
}
