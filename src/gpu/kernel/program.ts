// A step, recorded once: a flat list of resolved dispatches that is encoded into one pass and one submit, again and again.
import { CaptureError } from '../device/errors.ts';
import type { Gpu } from '../gpu.ts';
import type { Cost, Dispatch } from './kernel.ts';
import type { AllocationOwner } from './memory.ts';

/** The kernels of a captured function with their memory, see Gpu.capture: replaying them is one submit. */
export class Program {
  /** What it was captured under; messages and profiles have it. */
  readonly label: string;
  /** The kernels in the order in which they run. */
  readonly dispatches: readonly Dispatch[];
  /** What it holds, maybe with others. */
  readonly memory: AllocationOwner;
  private readonly gpu: Gpu;
  private readonly giveBack: () => void;
  private disposed = false;

  constructor(gpu: Gpu, label: string, dispatches: readonly Dispatch[], memory: AllocationOwner, giveBack: () => void) {
    this.gpu = gpu;
    this.label = label;
    this.dispatches = dispatches;
    this.memory = memory;
    this.giveBack = giveBack;
  }

  /** Runs the step once more: one submit, and nothing allocated. Throws CaptureError inside a capture, and once disposed of: its memory is others' now. */
  replay(): void {
    if (this.disposed)
      throw new CaptureError(`the program ${this.label} was disposed of, so it cannot be replayed: capture it anew`);
    this.gpu.replay(this.dispatches, this.label);
  }

  /** All dispatches of one replay together that have a cost. */
  get cost(): Cost {
    return this.dispatches.reduce(
      (sum, { cost = { flops: 0, bytes: 0 } }) => ({ flops: sum.flops + cost.flops, bytes: sum.bytes + cost.bytes }),
      { flops: 0, bytes: 0 },
    );
  }

  /** Gives its memory back. It cannot be replayed after that. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.giveBack();
  }
}

/** Encodes dispatches into one compute pass and submits it. */
export function submitPass(device: GPUDevice, dispatches: readonly Dispatch[], label: string): void {
  const encoder = device.createCommandEncoder({ label });
  const pass = encoder.beginComputePass({ label });
  let current: GPUComputePipeline | undefined;
  for (let i = 0; i < dispatches.length; i++) {
    const dispatch = dispatches[i];
    if (dispatch.pipeline !== current) {
      current = dispatch.pipeline;
      pass.setPipeline(current);
    }
    pass.setBindGroup(0, dispatch.bindGroup);
    pass.dispatchWorkgroups(dispatch.x, dispatch.y, dispatch.z);
  }
  pass.end();
  device.queue.submit([encoder.finish()]);
}
