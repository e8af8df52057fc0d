// Times every dispatch with timestamps, one pass each. Cutting passes costs time itself, so totals with and without it are both worth showing.
import type { Dispatch } from './kernel.ts';
import { throttled } from './throttle.ts';

/** Timestamp pairs in one query set; WebGPU allows 4096 queries. */
const PAIRS = 2048;

export interface KernelTime {
  label: string;
  calls: number;
  /** Milliseconds, all calls together. */
  ms: number;
  gflops: number;
  /** GB/s of the bytes that had to move. */
  gbs: number;
  /** Share of all kernel time, 0 to 1. */
  share: number;
}

export class Profiler {
  private readonly device: GPUDevice;
  private readonly querySet: GPUQuerySet;
  private readonly rows = new Map<string, { calls: number; ns: number; flops: number; bytes: number }>();
  private readonly waiting: Promise<void>[] = [];

  constructor(device: GPUDevice) {
    this.device = device;
    this.querySet = device.createQuerySet({ label: 'profiler', type: 'timestamp', count: PAIRS * 2 });
  }

  /** Encodes the dispatches one pass each and submits them, in pieces that fit the query set. */
  submit(dispatches: Dispatch[]): void {
    for (let from = 0; from < dispatches.length; from += PAIRS) this.submitPiece(dispatches.slice(from, from + PAIRS));
  }

  private submitPiece(piece: Dispatch[]): void {
    const { device, querySet } = this;
    const encoder = device.createCommandEncoder();
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
    device.queue.submit([encoder.finish()]);
    this.waiting.push(
      throttled(staging.mapAsync(1)).then(() => {
        const stamps = new BigUint64Array(staging.getMappedRange());
        piece.forEach(({ label, cost }, i) => {
          const row = this.rows.get(label) ?? { calls: 0, ns: 0, flops: 0, bytes: 0 };
          row.calls++;
          row.ns += Math.max(0, Number(stamps[i * 2 + 1] - stamps[i * 2]));
          row.flops += cost.flops;
          row.bytes += cost.bytes;
          this.rows.set(label, row);
        });
        staging.destroy();
        resolved.destroy();
      }),
    );
  }

  /** Waits for what was submitted; one row per label, longest first. */
  async report(): Promise<KernelTime[]> {
    await Promise.all(this.waiting.splice(0));
    const total = [...this.rows.values()].reduce((sum, row) => sum + row.ns, 0) || 1;
    return [...this.rows]
      .map(([label, { calls, ns, flops, bytes }]) => ({
        label,
        calls,
        ms: ns / 1e6,
        gflops: ns ? flops / ns : 0,
        gbs: ns ? bytes / ns : 0,
        share: ns / total,
      }))
      .sort((a, b) => b.ms - a.ms);
  }

  destroy(): void {
    this.querySet.destroy();
  }
}
