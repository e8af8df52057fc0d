// A profile as a Chrome trace: JSON that ui.perfetto.dev and chrome://tracing open, with one lane each for the host, the queue and the kernels.

/** Something that took time, in milliseconds from the start of the profile. */
export interface Span {
  name: string;
  start: number;
  ms: number;
  /** Shown when the span is selected. */
  args?: Record<string, string | number>;
}

/** What `gpu.profile(fn, { trace: true })` keeps. Host spans may lie inside each other; those of one lane never overlap in part. */
export interface Timeline {
  /** All of the profile, its submits and its waits for the GPU. */
  host: Span[];
  /** Each submit, from the beginning of its first kernel to the end of its last. */
  queue: Span[];
  kernels: Span[];
}

/** An event of the trace-event format: `M` names a lane, `X` is a span; microseconds. */
export interface TraceEvent {
  name: string;
  ph: 'M' | 'X';
  pid: number;
  tid: number;
  ts?: number;
  dur?: number;
  args?: Record<string, string | number>;
}

const LANES = ['host', 'queue', 'kernels'] as const;

/** The events of a timeline, lane by lane; spans that lie inside others come after them. */
export function traceEvents(timeline: Timeline, name = 'astrogpu'): TraceEvent[] {
  const events: TraceEvent[] = [{ name: 'process_name', ph: 'M', pid: 1, tid: 0, args: { name } }];
  LANES.forEach((lane, i) => {
    const place = { pid: 1, tid: i + 1 };
    events.push({ name: 'thread_name', ph: 'M', ...place, args: { name: lane } });
    events.push({ name: 'thread_sort_index', ph: 'M', ...place, args: { sort_index: i } });
    const spans = [...timeline[lane]].sort((a, b) => a.start - b.start || b.ms - a.ms);
    for (const { name, start, ms, args } of spans)
      events.push({ name, ph: 'X', ...place, ts: start * 1e3, dur: ms * 1e3, ...(args && { args }) });
  });
  return events;
}

/** Writes a trace file, whole or not at all. Node only. `name` is shown over the lanes: the adapter, say. */
export async function writeTrace(file: string, timeline: Timeline, name?: string): Promise<void> {
  const { rename, writeFile } = await import('node:fs/promises');
  await writeFile(
    `${file}.part`,
    `${JSON.stringify({ displayTimeUnit: 'ms', traceEvents: traceEvents(timeline, name) })}\n`,
  );
  await rename(`${file}.part`, file);
}
