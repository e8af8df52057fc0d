// Times every dispatch with timestamps, one pass each, and the host beside them. Cutting passes costs time itself, so totals with and without it are both
// worth showing.

import { polled } from '../device/poll.ts';
import type { Dispatch } from '../kernel/kernel.ts';
import { type Ceilings, type Limit, leastTime } from './roofline.ts';
import type { Span, Timeline } from './trace.ts';

/** Timestamp pairs in one query set; WebGPU allows 4096 queries. */
const PAIRS = 2048;

/** Time of all calls of one kernel under one label and detail. */
export interface KernelTime {
  label: string;
  /** The op and shape that the kernel worked for, where they are known. Rows are kept apart by it. */
  detail?: string;
  calls: number;
  /** Milliseconds, all calls together. */
  ms: number;
  /** Milliseconds of one call. */
  mean: number;
  /** NaN where a kernel gives no cost, and so is `gbs`. */
  gflops: number;
  /** GB/s of the bytes that had to move. */
  gbs: number;
  /** Share of all kernel time, 0 to 1. */
  share: number;
  /** The least time that the adapter's ceilings allow, divided by the time taken; and which ceiling that is. Only where ceilings were given. */
  ceiling?: number;
  limit?: Limit;
}

/** What a profile adds to the times of kernels. */
export interface ProfileOptions {
  /** From `measureCeilings`: adds `ceiling` and `limit` to the rows. */
  ceilings?: Ceilings;
  /** Keeps every span for a trace. */
  trace?: boolean;
}

/** Milliseconds, beside the rows of the kernels. */
export interface ProfileTotals {
  /** From the start of the function until the host knew that its last kernel had run. */
  wall: number;
  /** All kernels together. */
  kernels: number;
  /** What the host spent otherwise than waiting, of which `encoding` in encoding and submitting. One pass for each kernel costs more than one for all. */
  host: number;
  encoding: number;
  waiting: number;
  /** With `trace`. */
  timeline?: Timeline;
}

/** One row per label and detail, longest first. */
export type Profile = KernelTime[] & ProfileTotals;

interface Submit {
  label: string;
  /** When the host had handed it over, by the host's clock, in milliseconds. */
  at: number;
  piece: readonly Dispatch[];
  /** Nanoseconds of the device's clock: beginning and end of each dispatch. */
  stamps: BigUint64Array;
}

export class Profiler {
  private readonly device: GPUDevice;
  private readonly options: ProfileOptions;
  private readonly querySet: GPUQuerySet;
  private readonly submits: Submit[] = [];
  private readonly waiting: Promise<void>[] = [];
  private readonly start = performance.now();
  private readonly spans: { submits: Span[]; waits: Span[] } = { submits: [], waits: [] };
  private waits = 0;

  constructor(device: GPUDevice, options: ProfileOptions = {}) {
    this.device = device;
    this.options = options;
    this.querySet = device.createQuerySet({ label: 'profiler', type: 'timestamp', count: PAIRS * 2 });
  }

  /** Encodes the dispatches one pass each and submits them, in pieces that fit the query set. */
  submit(dispatches: readonly Dispatch[], label: string): void {
    const start = this.now();
    for (let from = 0; from < dispatches.length; from += PAIRS)
      this.submitPiece(dispatches.slice(from, from + PAIRS), label);
    this.spans.submits.push({ name: `submit ${label}`, start, ms: this.now() - start });
  }

  /** Notes that the host waits from now on; what it returns ends that. Waits that overlap count once. */
  wait(name: string): () => void {
    if (this.waits++ === 0) this.spans.waits.push({ name, start: this.now(), ms: 0 });
    return () => {
      if (--this.waits > 0) return;
      const span = this.spans.waits[this.spans.waits.length - 1];
      span.ms = this.now() - span.start;
    };
  }

  /** Waits for what was submitted. */
  async report(): Promise<Profile> {
    const done = this.wait('wait for the last kernels');
    await Promise.all(this.waiting);
    done();
    const wall = this.now();
    const { submits, waits } = this.spans;
    const sum = (spans: Span[]): number => spans.reduce((total, { ms }) => total + ms, 0);
    const rows = this.rows();
    const totals: ProfileTotals = {
      wall,
      kernels: rows.reduce((total, { ms }) => total + ms, 0),
      host: wall - sum(waits),
      encoding: sum(submits),
      waiting: sum(waits),
    };
    const whole = { name: 'profile', start: 0, ms: wall };
    if (this.options.trace) totals.timeline = { host: [whole, ...submits, ...waits], ...this.deviceSpans() };
    return Object.assign(rows, totals);
  }

  destroy(): void {
    this.querySet.destroy();
  }

  private now(): number {
    return performance.now() - this.start;
  }

  private submitPiece(piece: readonly Dispatch[], label: string): void {
    const { device, querySet } = this;
    const encoder = device.createCommandEncoder({ label });
    piece.forEach(({ pipeline, bindGroup, x, y, z }, i) => {
      const pass = encoder.beginComputePass({
        timestampWrites: { querySet, beginningOfPassWriteIndex: i * 2, endOfPassWriteIndex: i * 2 + 1 },
      });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(x, y, z);
      pass.end();
    });
    const size = piece.length * 16;
    const resolved = device.createBuffer({
      label: 'profiler',
      size,
      usage: 0x200 | 0x04 /* QUERY_RESOLVE | COPY_SRC */,
    });
    const staging = device.createBuffer({ label: 'profiler', size, usage: 0x01 | 0x08 /* MAP_READ | COPY_DST */ });
    encoder.resolveQuerySet(querySet, 0, piece.length * 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    const at = this.now();
    device.queue.submit([encoder.finish()]);
    this.waiting.push(
      polled(staging.mapAsync(1)).then(() => {
        this.submits.push({ label, at, piece, stamps: new BigUint64Array(staging.getMappedRange().slice(0)) });
        staging.destroy();
        resolved.destroy();
      }),
    );
  }

  private rows(): KernelTime[] {
    const rows = new Map<string, { dispatch: Dispatch; calls: number; ns: number; flops: number; bytes: number }>();
    let total = 0;
    for (const { piece, stamps } of this.submits)
      piece.forEach((dispatch, i) => {
        const key = `${dispatch.label}\n${dispatch.detail ?? ''}`;
        const row = rows.get(key) ?? { dispatch, calls: 0, ns: 0, flops: 0, bytes: 0 };
        const ns = Math.max(0, Number(stamps[i * 2 + 1] - stamps[i * 2]));
        row.calls++;
        row.ns += ns;
        row.flops += dispatch.cost?.flops ?? Number.NaN;
        row.bytes += dispatch.cost?.bytes ?? Number.NaN;
        total += ns;
        rows.set(key, row);
      });
    const { ceilings } = this.options;
    return [...rows.values()]
      .map(({ dispatch: { label, detail, cost }, calls, ns, flops, bytes }) => {
        const ms = ns / 1e6;
        const least = ceilings && flops >= 0 && leastTime({ flops, bytes, unit: cost?.unit }, calls, ceilings);
        return {
          label,
          ...(detail !== undefined && { detail }),
          ...{ calls, ms, mean: ms / calls, gflops: ns ? flops / ns : 0, gbs: ns ? bytes / ns : 0 },
          share: ns / (total || 1),
          ...(least && { ceiling: ns ? least.ms / ms : 0, limit: least.limit }),
        };
      })
      .sort((a, b) => b.ms - a.ms);
  }

  /** Submits and kernels by the host's clock: the device's is set so that none begins before it was submitted, and the most prompt one at once. */
  private deviceSpans(): { queue: Span[]; kernels: Span[] } {
    const zero = this.submits[0]?.stamps[0] ?? 0n;
    const ms = (stamp: bigint): number => Number(stamp - zero) / 1e6;
    const shift = this.submits.reduce((most, { at, stamps }) => Math.max(most, at - ms(stamps[0])), -Infinity);
    const queue: Span[] = [];
    const kernels: Span[] = [];
    for (const { label, piece, stamps } of this.submits) {
      const ends = piece.map((_, i) => shift + ms(stamps[i * 2 + 1]));
      const first = shift + ms(stamps[0]);
      queue.push({ name: label, start: first, ms: Math.max(0, Math.max(...ends) - first) });
      piece.forEach(({ label, detail, cost, x, y, z }, i) => {
        const start = shift + ms(stamps[i * 2]);
        const args = { ...(detail && { detail }), grid: `${x}×${y}×${z}`, ...cost };
        kernels.push({ name: label, start, ms: Math.max(0, ends[i] - start), args });
      });
    }
    return { queue, kernels };
  }
}
