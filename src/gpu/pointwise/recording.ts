// What a capture records until it ends: kernels, what they bind, and when memory was freed. From that the program's dispatches are made.
import type { Machine } from '../device/machine.ts';
import type { Dispatch, KernelCache, KernelCall } from '../kernel/kernel.ts';
import { pointwiseCall } from './call.ts';
import { type Bound, fuse, type Recorded } from './fuse.ts';
import { withOperand } from './operand.ts';
import type { Pointwise } from './pointwise.ts';

interface RecordedKernel extends Bound {
  dispatch: Dispatch;
  call: KernelCall;
}

export class Recording {
  private readonly kernels: KernelCache;
  private readonly items: Recorded<RecordedKernel>[] = [];
  private linked?: Dispatch[];

  constructor(kernels: KernelCache) {
    this.kernels = kernels;
  }

  /** A kernel, and the call that it is of. */
  add(dispatch: Dispatch, call: KernelCall): void {
    this.kernels.keep(dispatch);
    const { detail } = dispatch;
    this.items.push({ dispatch, call: { ...call, detail }, slices: call.bindings, operand: call.operand });
  }

  addPointwise(pointwise: Pointwise): void {
    this.items.push({ pointwise });
  }

  /** The last kernel only fills memory that was just handed out. */
  lastFills(): void {
    const last = this.items.at(-1);
    if (last && 'slices' in last) last.fills = true;
  }

  /** From here on nobody reads what the buffer holds now. */
  freed(buffer: GPUBuffer): void {
    this.items.push({ freed: buffer });
  }

  /** The dispatches of the program; with `buffers`, how many a kernel binds at most, pointwise kernels that follow each other are made one. */
  link(machine: Machine, buffers: number): Dispatch[] {
    this.linked = fuse(this.items, { buffers }).map((item) => {
      if ('dispatch' in item) return item.dispatch;
      if ('reader' in item) this.kernels.letGo([item.reader.dispatch]);
      const call =
        'reader' in item
          ? withOperand(item.reader.call, item.reader.operand!, item.chain)
          : pointwiseCall(item.pointwise, machine);
      const dispatch = this.kernels.resolve(call);
      this.kernels.keep(dispatch);
      return dispatch;
    });
    return this.linked;
  }

  /** Lets go of what was kept for the program. */
  letGo(): void {
    this.kernels.letGo(this.linked ?? this.items.flatMap((item) => ('dispatch' in item ? [item.dispatch] : [])));
  }
}
