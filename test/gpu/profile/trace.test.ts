// The trace of a profile: valid JSON, three named lanes, spans that nest, and kernels that lie inside their submits.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Profile } from '../../../src/gpu/profile/profiler.ts';
import { type Timeline, type TraceEvent, traceEvents, writeTrace } from '../../../src/gpu/profile/trace.ts';
import { zeros } from '../../../src/tensor/tensor.ts';
import { gpu } from '../../support/gpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

let profile: Profile;
let timeline: Timeline;
beforeAll(async () => {
  const x = zeros(gpu, [70000]);
  const program = gpu.capture('a step', () => {
    for (let i = 0; i < 4; i++) gpu.fill(x.slice, i);
  });
  profile = await gpu.profile(
    async () => {
      program.replay();
      // Two waits at a time, with a submit in between: they count as one.
      const first = x.floats();
      program.replay();
      await Promise.all([first, x.floats()]);
    },
    { trace: true },
  );
  timeline = profile.timeline!;
});

/** Times are read from clocks, so sums of them are off by rounding. */
const ROUNDING = 1e-3;

describe('trace', () => {
  it('has every submit and kernel once, none before it was submitted', () => {
    expect(timeline.queue.map(({ name }) => name)).toEqual(['a step', 'a step']);
    expect(timeline.kernels).toHaveLength(8);
    const submits = timeline.host.filter(({ name }) => name.startsWith('submit'));
    expect(submits.map(({ name }) => name)).toEqual(['submit a step', 'submit a step']);
    timeline.queue.forEach(({ start, ms }, i) => {
      expect(start).toBeGreaterThanOrEqual(submits[i].start);
      for (const kernel of timeline.kernels.slice(4 * i, 4 * i + 4)) {
        expect(kernel.start).toBeGreaterThanOrEqual(start - ROUNDING);
        expect(kernel.start + kernel.ms).toBeLessThanOrEqual(start + ms + ROUNDING);
        expect(kernel.args).toMatchObject({ bytes: 280000, grid: expect.stringMatching(/^\d+×1×1$/) });
      }
    });
    expect(timeline.kernels.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(profile.kernels, 6);
  });

  it('has host spans that nest', () => {
    const open: number[] = [];
    const spans = traceEvents(timeline).filter(({ ph, tid }) => ph === 'X' && tid === 1);
    expect(spans.length).toBeGreaterThanOrEqual(5);
    for (const { ts, dur } of spans) {
      while (open.length > 0 && open[open.length - 1] <= ts! + ROUNDING) open.pop();
      if (open.length > 0) expect(ts! + dur!).toBeLessThanOrEqual(open[open.length - 1] + ROUNDING);
      open.push(ts! + dur!);
    }
    expect(spans[0]).toMatchObject({ name: 'profile', ts: 0 });
  });

  it('is a file that a trace viewer opens', async () => {
    const file = join(folder, 'trace.json');
    await writeTrace(file, timeline, 'an adapter');
    const { traceEvents: events }: { traceEvents: TraceEvent[] } = JSON.parse(readFileSync(file, 'utf8'));
    const names = (what: string) => events.filter(({ ph, name }) => ph === 'M' && name === what);
    expect(names('process_name').map(({ args }) => args!.name)).toEqual(['an adapter']);
    expect(names('thread_name').map(({ tid, args }) => [tid, args!.name])).toEqual([
      [1, 'host'],
      [2, 'queue'],
      [3, 'kernels'],
    ]);
    const spans = events.filter(({ ph }) => ph === 'X');
    expect(new Set(spans.map(({ tid }) => tid))).toEqual(new Set([1, 2, 3]));
    for (const { ts, dur } of spans) {
      expect(ts).toBeGreaterThanOrEqual(0);
      expect(dur).toBeGreaterThanOrEqual(0);
    }
    expect(readdirSync(folder)).toEqual(['trace.json']);
  });
});
